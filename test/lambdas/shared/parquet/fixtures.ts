import { readdirSync, readFileSync } from 'node:fs';
import type { ByteSource } from '../../../../lambdas/shared/hub/byte-source.ts';
import type { ReadRow } from '../../../../lambdas/shared/jobs/row-source.ts';
import { type FileLayout, toLayout } from '../../../../lambdas/shared/parquet/file-layout.ts';
import { readFooter } from '../../../../lambdas/shared/parquet/read-footer.ts';
import { type ReadRowsRequest, readRows } from '../../../../lambdas/shared/parquet/read-rows.ts';

const FOLDER = new URL('../../../fixtures/parquet/', import.meta.url);

export const fixtureNames = readdirSync(FOLDER).filter((name) => name.endsWith('.parquet'));

export function fixtureBytes(name: string): Buffer {
  return readFileSync(new URL(name, FOLDER));
}

/** Rows of a table as `make_fixtures.py` wrote them. */
export function expectedRows(table: string): unknown[] {
  const lines = readFileSync(new URL(`${table}.jsonl`, FOLDER), 'utf8')
    .trimEnd()
    .split('\n');
  return lines.map((line) => JSON.parse(line));
}

/** The form of `expectedRows`: JSON with own keys only, so that `__proto__` is compared too. */
export function toComparable(value: unknown): unknown {
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString('base64') };
  if (typeof value === 'bigint') return { $int: `${value}` };
  if (typeof value === 'number' && !Number.isFinite(value)) return { $float: `${value}` };
  if (Array.isArray(value)) return value.map(toComparable);
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value).map(([key, it]) => [key, toComparable(it)]);
}

/** Makes objects of `expectedRows` lists of entries, as `toComparable` does. */
export function expectedComparable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(expectedComparable);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  if (entries.length === 1 && entries[0]?.[0].startsWith('$')) return value;
  return entries.map(([key, it]) => [key, expectedComparable(it)]);
}

export async function layoutOf(source: ByteSource): Promise<FileLayout> {
  return toLayout((await readFooter(source)).metadata);
}

/** Requests all rows of a file; row groups get their dataset-wide first rows in order. */
export function requestAll(layout: FileLayout, options: Partial<ReadRowsRequest> = {}): ReadRowsRequest {
  let endRow = 0;
  const rowGroups = layout.rowGroups.map((group) => {
    const firstRow = endRow;
    endRow += group.rows;
    return { layout: group, firstRow };
  });
  return { schema: layout.schema, rowGroups, firstRow: 0, endRow, ...options };
}

export async function readAll(source: ByteSource, request: ReadRowsRequest): Promise<ReadRow[]> {
  const rows: ReadRow[] = [];
  for await (const batch of readRows(source, request)) rows.push(...batch);
  return rows;
}
