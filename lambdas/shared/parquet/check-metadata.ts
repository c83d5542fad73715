import type { ColumnChunk, FileMetaData } from 'hyparquet';
import { leavesOf, schemaTree } from './schema-leaves.ts';

/**
 * Holds what the footer says of the file against itself and against the file, so that everything later may rely on it.
 * @param dataEnd where the footer starts: no column chunk goes beyond it.
 * @throws {Error} saying what contradicts what.
 */
export function checkMetadata(metadata: FileMetaData, dataEnd: number): void {
  const leaves = leavesOf(schemaTree(metadata.schema));
  let rows = 0n;
  for (const [index, group] of metadata.row_groups.entries()) {
    if (group.num_rows < 0n) throw new Error(`row group ${index} has ${group.num_rows} rows`);
    rows += group.num_rows;
    if (group.columns.length !== leaves.length) {
      throw new Error(`row group ${index} has ${group.columns.length} columns, the schema has ${leaves.length}`);
    }
    for (const [i, chunk] of group.columns.entries()) {
      checkChunk(chunk, `column ${leaves[i]?.path.join('.')} of row group ${index}`, dataEnd, group.num_rows > 0n);
    }
  }
  if (rows !== metadata.num_rows) throw new Error(`it counts ${metadata.num_rows} rows, its row groups ${rows}`);
  if (rows > BigInt(Number.MAX_SAFE_INTEGER)) throw new Error(`it counts ${rows} rows`);
}

function checkChunk(chunk: ColumnChunk, name: string, dataEnd: number, hasRows: boolean): void {
  if (chunk.file_path) throw new Error(`${name} lies in another file, ${chunk.file_path}`);
  if (chunk.crypto_metadata) throw new Error(`${name} is encrypted`);
  const meta = chunk.meta_data;
  if (!meta) throw new Error(`${name} has no metadata`);
  if (!hasRows) return;
  const { offset_index_offset: index = 0n, offset_index_length: indexBytes = 0 } = chunk;
  if (indexBytes < 0 || index + BigInt(indexBytes) > BigInt(dataEnd)) {
    throw new Error(`the offset index of ${name} lies at byte ${index} of ${dataEnd}`);
  }
  const { start, end } = chunkRange(meta);
  if (start < 4n || end < start || end > BigInt(dataEnd)) {
    throw new Error(`${name} lies at bytes ${start} to ${end} of ${dataEnd}`);
  }
  if (meta.num_values < 0n || meta.num_values > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw new Error(`${name} has ${meta.num_values} values`);
  }
}

/** Bytes of a column chunk, its dictionary page first. Some writers put 0 for "no dictionary". */
export function chunkRange(meta: NonNullable<ColumnChunk['meta_data']>): { start: bigint; end: bigint } {
  const { dictionary_page_offset: dictionary, data_page_offset: data } = meta;
  const start = dictionary !== undefined && dictionary > 0n && dictionary < data ? dictionary : data;
  return { start, end: start + meta.total_compressed_size };
}
