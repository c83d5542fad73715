import type { HubClient } from '../shared/hub/hub-client.ts';
import type { ImportSource, SourceFolderRow } from '../shared/jobs/import-source.ts';
import { parseJsonLines } from '../shared/jobs/json-lines.ts';
import { type RangeEvent, type RowRange, rowsOf } from '../shared/jobs/row-range.ts';
import type { ReadRow } from '../shared/jobs/row-source.ts';
import type { Log } from '../shared/log.ts';
import { decodeRowGroup, decodeSchema } from '../shared/parquet/file-layout.ts';
import type { PageTrail } from '../shared/parquet/page-trail.ts';
import { readRows } from '../shared/parquet/read-rows.ts';
import type { RunBucket } from '../shared/storage/object-store.ts';
import { rowsKey } from '../shared/storage/run-keys.ts';

/** The rows that are still to be read. */
export interface WantedRows {
  readonly has: (index: number) => boolean;
  /** What is known of the pages that hold them, and what remembers those that are read. */
  readonly trail: PageTrail;
}

interface OpenRowsContext {
  readonly event: RangeEvent;
  readonly source: ImportSource;
  readonly wanted: WantedRows;
  readonly runs: RunBucket;
  readonly hub: HubClient;
  readonly log: Log;
}

/** Rows that are handed on together when they are references only. */
const FOLDER_BATCH = 50;

/** The wanted rows of an event's range, from its parquet file or from the list of an image folder. */
export async function* openRows(context: OpenRowsContext): AsyncGenerator<readonly ReadRow[]> {
  const { from } = context.event.range;
  if (from.kind === 'parquet') yield* parquetRows(context, from);
  else yield* folderRows(context, from);
}

async function* parquetRows(
  { event, wanted, runs, hub, log }: OpenRowsContext,
  from: Extract<RowRange['from'], { kind: 'parquet' }>,
): AsyncGenerator<readonly ReadRow[]> {
  const text = async ([start, end]: readonly [number, number]): Promise<string> =>
    Buffer.from(await runs.getRange(from.layout_key, start, end)).toString('utf8');
  const [schema, lines] = await Promise.all([text(from.schema), text(from.row_groups)]);
  let firstRow = from.first_group_row;
  const rowGroups = lines
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const group = { layout: decodeRowGroup(line), firstRow };
      firstRow += group.layout.rows;
      return group;
    });
  const { first, last } = rowsOf(event);
  const rows = { firstRow: first, endRow: last + 1, wanted: wanted.has, trail: wanted.trail };
  yield* readRows(hub.openFile(from.file), { schema: decodeSchema(schema), rowGroups, ...rows }, log);
}

async function* folderRows(
  { event, source, wanted, runs }: OpenRowsContext,
  { lines: [start, end] }: Extract<RowRange['from'], { kind: 'rows' }>,
): AsyncGenerator<readonly ReadRow[]> {
  const rows = parseJsonLines<SourceFolderRow>(await runs.getRange(rowsKey(source.job_id), start, end));
  const { first, last } = rowsOf(event);
  const selected = rows
    .map(({ path, metadata }, offset) => ({
      index: event.range.first_row + offset,
      values: Object.assign(Object.create(null), metadata, { [source.image_column]: { bytes: null, path } }),
    }))
    .filter(({ index }) => index >= first && index <= last && wanted.has(index));
  for (let next = 0; next < selected.length; next += FOLDER_BATCH) yield selected.slice(next, next + FOLDER_BATCH);
}
