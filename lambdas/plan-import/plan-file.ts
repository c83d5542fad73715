import type { ByteSource } from '../shared/hub/byte-source.ts';
import type { ImportSource, SourceFile } from '../shared/jobs/import-source.ts';
import { topLevelColumns } from '../shared/parquet/columns.ts';
import {
  type ChunkLayout,
  encodeLayout,
  hasPageIndex,
  type RowGroupLayout,
  toLayout,
} from '../shared/parquet/file-layout.ts';
import { type Footer, readFooter, UnreadableFooter } from '../shared/parquet/read-footer.ts';
import type { RunBucket } from '../shared/storage/object-store.ts';
import { filePlanKey, layoutKey } from '../shared/storage/run-keys.ts';
import type { FilePlan } from './file-plan.ts';
import type { PlanImportDeps } from './plan-import.ts';

export function planFile(clients: {
  runs: RunBucket;
  openFile: (file: SourceFile) => ByteSource;
}): PlanImportDeps['planFile'] {
  const { runs, openFile } = clients;
  return async (source: ImportSource, position: number, file: SourceFile): Promise<FilePlan> => {
    const kept = await runs.getText(filePlanKey(source.job_id, position));
    if (kept !== undefined) return JSON.parse(kept) as FilePlan;

    const { metadata } = await readFooterTwice(openFile(file));
    const layout = toLayout(metadata);
    const { body, schema, rowGroups } = encodeLayout(layout);
    const imageColumn = topLevelColumns(metadata.schema).find(({ name }) => name === source.image_column);
    const plan: FilePlan = {
      position,
      file,
      holds_images: imageColumn !== undefined && imageColumn.shape.kind !== 'string',
      schema: [schema[0], schema[1]],
      groups: layout.rowGroups.map((group, index) => {
        const [start, end] = rowGroups[index] ?? [0, 0];
        return {
          rows: group.rows,
          bytes: bytesOf(group.chunks),
          isIndexed: isIndexed(group),
          slice: [start, end],
        };
      }),
    };
    await runs.put(layoutKey(source.job_id, position), body, 'application/jsonl');
    await runs.put(filePlanKey(source.job_id, position), JSON.stringify(plan), 'application/json');
    return plan;
  };
}

/** A column as small as this may be read again for each part of a row group. */
const SMALL_COLUMN_BYTES = 256 * 1024;

/** Whether parts of a row group can be read by themselves: each column that is not small has a page index. */
function isIndexed(group: RowGroupLayout): boolean {
  const columns = Map.groupBy(group.chunks, ({ column }) => column);
  return [...columns].every(([name, chunks]) => bytesOf(chunks) <= SMALL_COLUMN_BYTES || hasPageIndex(group, name));
}

function bytesOf(chunks: readonly ChunkLayout[]): number {
  return chunks.reduce((sum, { range: [start, end] }) => sum + end - start, 0);
}

/**
 * A file whose footer cannot be read has no rows in the plan, and so moves the numbers of all rows behind it, which are
 * their identity. That must be the file's own doing, and not a damaged answer's.
 */
async function readFooterTwice(source: ByteSource): Promise<Footer> {
  try {
    return await readFooter(source);
  } catch (error) {
    if (!(error instanceof UnreadableFooter)) throw error;
    return await readFooter(source);
  }
}
