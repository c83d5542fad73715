import { pipeline, Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import { BadInputError, messageOf } from '../errors.ts';
import type { ByteSource } from './byte-source.ts';

/** A row of a folder's metadata under its own column names; no prototype. */
export type MetadataRow = Record<string, unknown>;

/** Rows of a parquet file, in order. */
export type ReadParquetRows = (source: ByteSource) => AsyncIterable<Readonly<Record<string, unknown>>>;

/** Above any row that a person or a tool writes. */
const MAX_LINE_CHARS = 64 * 1024 * 1024;

/**
 * Rows of `metadata.jsonl`, `.csv` or `.parquet`, in order and in flat memory. A CSV is read twice: its columns are
 * numbers or booleans only when every value is one.
 * @throws {BadInputError} naming the file and the line
 */
export async function* readMetadata(
  source: ByteSource,
  sizeBytes: number,
  readParquetRows: ReadParquetRows,
): AsyncGenerator<MetadataRow, void, undefined> {
  if (source.path.endsWith('.parquet')) {
    for await (const row of readParquetRows(source)) yield rowOf(Object.entries(row));
  } else if (source.path.endsWith('.csv')) yield* readCsv(source, sizeBytes);
  else yield* readJsonLines(source, sizeBytes);
}

async function* readJsonLines(source: ByteSource, sizeBytes: number): AsyncGenerator<MetadataRow> {
  let number = 0;
  for await (const line of lines(source, sizeBytes)) {
    number++;
    if (line.trim() === '') continue;
    let row: unknown;
    try {
      row = JSON.parse(line, exactInteger);
    } catch (error) {
      throw new BadInputError(`${source.path}, line ${number}, is not JSON: ${messageOf(error)}`);
    }
    if (typeof row !== 'object' || row === null || Array.isArray(row)) {
      throw new BadInputError(`${source.path}, line ${number}, is not a JSON object`);
    }
    yield rowOf(Object.entries(row));
  }
}

/** An id of more than 53 bits stays exact. */
function exactInteger(_key: string, value: unknown, context?: { source?: string }): unknown {
  const text = context?.source;
  if (typeof value !== 'number' || Number.isSafeInteger(value) || !text || !/^-?\d+$/.test(text)) return value;
  return BigInt(text);
}

async function* lines(source: ByteSource, sizeBytes: number): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of source.stream(0, sizeBytes)) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = parts.pop() ?? '';
    if (rest.length > MAX_LINE_CHARS) throw new BadInputError(`${source.path} has a line of more than 64 MB`);
    yield* parts;
  }
  rest += decoder.decode();
  if (rest !== '') yield rest;
}

async function* readCsv(source: ByteSource, sizeBytes: number): AsyncGenerator<MetadataRow> {
  const types: (CellType | undefined)[] = [];
  for await (const { cells } of csvRows(source, sizeBytes)) {
    for (const [column, cell] of cells.entries()) types[column] = widen(types[column], cell);
  }
  for await (const { names, cells } of csvRows(source, sizeBytes)) {
    yield rowOf(names.map((name, column) => [name, cellValue(cells[column] ?? '', types[column])]));
  }
}

async function* csvRows(source: ByteSource, sizeBytes: number): AsyncGenerator<{ names: string[]; cells: string[] }> {
  const parser = parse({ bom: true, skip_empty_lines: true, relax_column_count_less: true });
  pipeline(Readable.from(source.stream(0, sizeBytes)), parser, () => {}); // an error of either end comes out of the loop
  let names: string[] | undefined;
  try {
    for await (const cells of parser as AsyncIterable<string[]>) {
      if (names) yield { names, cells };
      else names = cells;
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new BadInputError(`${source.path} is not a well-formed CSV file: ${error.message}`, { cause: error });
  }
}

/** What every non-empty cell of a column is. */
type CellType = 'integer' | 'number' | 'boolean' | 'text';

/** A number that starts with 0 is a code, and stays text. */
function widen(type: CellType | undefined, cell: string): CellType | undefined {
  if (cell === '' || type === 'text') return type;
  const own: CellType = /^-?(?:0|[1-9]\d*)$/.test(cell)
    ? 'integer'
    : /^-?(?:0|[1-9]\d*)?(?:\.\d*)?(?:e[+-]?\d+)?$/i.test(cell) && /\d/.test(cell)
      ? 'number'
      : /^(?:true|false)$/i.test(cell)
        ? 'boolean'
        : 'text';
  if (type === undefined || type === own) return own;
  return type === 'boolean' || own === 'boolean' || own === 'text' ? 'text' : 'number';
}

function cellValue(cell: string, type: CellType | undefined): unknown {
  if (cell === '') return null;
  if (type === 'boolean') return cell.toLowerCase() === 'true';
  if (type === 'number') return Number(cell);
  if (type !== 'integer') return cell;
  return Number.isSafeInteger(Number(cell)) ? Number(cell) : BigInt(cell);
}

function rowOf(entries: Iterable<readonly [string, unknown]>): MetadataRow {
  const row: MetadataRow = Object.create(null);
  for (const [name, value] of entries) row[name] = value;
  return row;
}
