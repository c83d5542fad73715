import type { ColumnChunk, CompressionCodec, Encoding, FileMetaData, RowGroup, SchemaElement } from 'hyparquet';
import { chunkRange } from './check-metadata.ts';
import { leavesOf, schemaTree } from './schema-leaves.ts';

/** Bytes `[start, end)`. */
export type Range = readonly [start: number, end: number];

/** What is needed of a footer to read rows later: JSON-safe, without statistics. */
export interface FileLayout {
  readonly schema: readonly SchemaElement[];
  readonly rowGroups: readonly RowGroupLayout[];
}

export interface RowGroupLayout {
  readonly rows: number;
  /** One a leaf, in the schema's order. */
  readonly chunks: readonly ChunkLayout[];
}

/** One leaf's bytes in one row group. */
export interface ChunkLayout {
  /** Name of the top-level column that the leaf belongs to. */
  readonly column: string;
  /** All pages, the dictionary page included. */
  readonly range: Range;
  readonly codec: CompressionCodec;
  readonly encodings: readonly Encoding[];
  /** Values, nulls and empty lists counted. */
  readonly values: number;
  /** Offset of the first data page, as the writer gave it. */
  readonly dataPage: number;
  /** Offset of the dictionary page, when the writer gave one. */
  readonly dictionaryPage?: number;
  readonly offsetIndex?: Range;
  readonly columnIndex?: Range;
}

/** Reduces a footer that `readFooter` has checked to what the reader needs. */
export function toLayout(metadata: FileMetaData): FileLayout {
  const columns = leavesOf(schemaTree(metadata.schema)).map((leaf) => leaf.path[0] ?? '');
  return {
    schema: metadata.schema,
    rowGroups: metadata.row_groups.map((group) => toRowGroup(group, columns)),
  };
}

function toRowGroup(group: RowGroup, columns: readonly string[]): RowGroupLayout {
  return {
    rows: Number(group.num_rows),
    chunks: group.columns.map((chunk, i) => toChunk(chunk, columns[i] ?? '')),
  };
}

function toChunk(chunk: ColumnChunk, column: string): ChunkLayout {
  const meta = chunk.meta_data;
  if (!meta) throw new Error(`column ${column} has no metadata`);
  const { start, end } = chunkRange(meta);
  return {
    column,
    range: [Number(start), Number(end)],
    codec: meta.codec,
    encodings: meta.encodings,
    values: Number(meta.num_values),
    dataPage: Number(meta.data_page_offset),
    dictionaryPage: start < meta.data_page_offset ? Number(start) : undefined,
    offsetIndex: indexRange(chunk.offset_index_offset, chunk.offset_index_length),
    columnIndex: indexRange(chunk.column_index_offset, chunk.column_index_length),
  };
}

function indexRange(offset: bigint | undefined, length: number | undefined): Range | undefined {
  if (offset === undefined || length === undefined || offset <= 0n || length <= 0) return undefined;
  return [Number(offset), Number(offset) + length];
}

/** A layout as one text, with the byte ranges (UTF-8) of its parts, so that a reader of some row groups fetches only those. */
export interface EncodedLayout {
  readonly body: string;
  readonly schema: Range;
  readonly rowGroups: readonly Range[];
}

/** JSON Lines: the schema, then a row group a line. */
export function encodeLayout(layout: FileLayout): EncodedLayout {
  const lines = [layout.schema, ...layout.rowGroups].map((part) => `${JSON.stringify(part)}\n`);
  let end = 0;
  const [schema = [0, 0] as const, ...rowGroups] = lines.map((line): Range => {
    const start = end;
    end += Buffer.byteLength(line);
    return [start, end];
  });
  return { body: lines.join(''), schema, rowGroups };
}

/** @param text the `schema` part of what `encodeLayout` made. */
export function decodeSchema(text: string): readonly SchemaElement[] {
  return JSON.parse(text);
}

/** @param text one of the `rowGroups` parts of what `encodeLayout` made. */
export function decodeRowGroup(text: string): RowGroupLayout {
  return JSON.parse(text);
}

/** Compressed bytes of a top-level column in a row group. */
export function rowGroupImageBytes(rowGroup: RowGroupLayout, column: string): number {
  return chunksOf(rowGroup, column).reduce((sum, { range: [start, end] }) => sum + end - start, 0);
}

/**
 * Whether a few rows of a top-level column can be read without the rest of its row group: each of its chunks has an
 * offset index, and no large dictionary page that every reader of a part would have to fetch again.
 */
export function hasPageIndex(rowGroup: RowGroupLayout, column: string): boolean {
  return chunksOf(rowGroup, column).every((chunk) => {
    const [start, end] = chunk.range;
    const dictionaryBytes = chunk.dictionaryPage === undefined ? 0 : chunk.dataPage - start;
    return chunk.offsetIndex !== undefined && dictionaryBytes <= Math.max(64 * 1024, (end - start) / 16);
  });
}

function chunksOf(rowGroup: RowGroupLayout, column: string): ChunkLayout[] {
  return rowGroup.chunks.filter((chunk) => chunk.column === column);
}
