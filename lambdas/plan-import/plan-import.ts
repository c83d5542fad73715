import { BadInputError, messageOf, ThrottledError } from '../shared/errors.ts';
import type { ImportPlan, UnreadableFile } from '../shared/jobs/import-plan.ts';
import type { ImportSource, SourceFile, SourceFolderRow } from '../shared/jobs/import-source.ts';
import { readJsonLines, toJsonLine } from '../shared/jobs/json-lines.ts';
import { MAX_STALLS } from '../shared/jobs/max-stalls.ts';
import type { RowRange } from '../shared/jobs/row-range.ts';
import type { Log } from '../shared/log.ts';
import { UnreadableFooter } from '../shared/parquet/read-footer.ts';
import type { RunBucket } from '../shared/storage/object-store.ts';
import { filesKey, layoutKey, manifestKey, planKey, rowsKey } from '../shared/storage/run-keys.ts';
import { cutRanges, MAX_RANGE_ROWS, RANGE_BYTES } from './cut-ranges.ts';
import type { FilePlan } from './file-plan.ts';

export interface PlanImportDeps {
  readonly loadSource: (jobId: string) => Promise<ImportSource>;
  readonly runs: RunBucket;
  /** Reads a file's footer, or what an earlier attempt kept of it. @throws {BadInputError} when it is no parquet file */
  readonly planFile: (source: ImportSource, position: number, file: SourceFile) => Promise<FilePlan>;
  readonly now: () => number;
  readonly log: Log;
  /** Footers that are read at once. */
  readonly downloads: number;
}

/** What the state machine sees of the plan. */
export interface PlanProgress {
  readonly job_id: string;
  readonly dataset_id: string;
  /** `false`: call again, after `wait_seconds`. */
  readonly planned: boolean;
  readonly wait_seconds: number;
  /** Footers that are read. */
  readonly footers: number;
  /** How many pauses in a row brought no further footer. */
  readonly stalls: number;
  readonly ranges: number;
  readonly total_rows: number;
  readonly manifest_key: string;
}

/** What the last invocation answered, if there was one. */
export type PlanEvent = Pick<PlanProgress, 'job_id'> & Partial<Pick<PlanProgress, 'footers' | 'stalls'>>;

type CutRange = Omit<RowRange, 'range'>;

/**
 * Reads the footers of the files and cuts their rows into ranges: `manifest.jsonl` has one a line, in dataset order, and
 * `plan.json` their sum. Footers are kept in the run bucket, so that another attempt goes on where this one stopped.
 * @param deadline epoch milliseconds after which no further footer is begun
 * @throws {BadInputError} when no file can be read
 * @throws {ThrottledError} when the Hub asked for pauses time and again, and gave nothing in between
 */
export async function planImport(event: PlanEvent, deadline: number, deps: PlanImportDeps): Promise<PlanProgress> {
  const { job_id: jobId } = event;
  const source = await deps.loadSource(jobId);
  const startedAt = deps.now();
  const unreadable: UnreadableFile[] = [];
  const progress = (more: Partial<PlanProgress>): PlanProgress => ({
    job_id: jobId,
    dataset_id: source.dataset_id,
    planned: false,
    wait_seconds: 0,
    footers: 0,
    stalls: 0,
    ranges: 0,
    total_rows: 0,
    manifest_key: manifestKey(jobId),
    ...more,
  });

  let ranges: Iterable<CutRange> | AsyncIterable<CutRange>;
  if (source.kind === 'parquet') {
    const read = await readPlans(source, deadline, deps, unreadable);
    if (read.pause) return progress(afterPause(event, read.plans.length, read.pause));
    ranges = parquetRanges(read.plans, source);
  } else {
    ranges = folderRanges(source, deps.runs);
  }

  const plan = { total_rows: 0, ranges: 0, image_bytes: 0, manifest_bytes: 0 };
  await deps.runs.putStream(manifestKey(jobId), manifestLines(ranges, source.max_images, plan), 'application/jsonl');
  const stored: ImportPlan = { job_id: jobId, ...plan, files: source.list_lines, unreadable_files: unreadable };
  await deps.runs.put(planKey(jobId), JSON.stringify(stored), 'application/json');
  deps.log.info('import planned', { ...plan, unreadable: unreadable.length, seconds: (deps.now() - startedAt) / 1000 });
  return progress({ planned: true, ranges: plan.ranges, total_rows: plan.total_rows });
}

/** Where planning goes on after a pause. @throws the error that asked for it, when earlier pauses brought nothing */
function afterPause(before: PlanEvent, footers: number, pause: ThrottledError | 'deadline'): Partial<PlanProgress> {
  if (pause === 'deadline') return { footers };
  const stalls = footers > (before.footers ?? 0) ? 0 : (before.stalls ?? 0) + 1;
  if (pause.retryAfterSeconds === undefined || stalls > MAX_STALLS) throw pause;
  return { footers, stalls, wait_seconds: Math.ceil(pause.retryAfterSeconds) };
}

/** Numbers the ranges, drops what lies past `maxRows`, and counts into `plan`. */
async function* manifestLines(
  ranges: Iterable<CutRange> | AsyncIterable<CutRange>,
  maxRows: number | undefined,
  plan: { total_rows: number; ranges: number; image_bytes: number; manifest_bytes: number },
): AsyncGenerator<string> {
  for await (const cut of ranges) {
    const lastRow = Math.min(cut.last_row, (maxRows ?? Number.POSITIVE_INFINITY) - 1);
    if (lastRow < cut.first_row) return;
    const range: RowRange = { range: plan.ranges, ...cut, last_row: lastRow };
    const line = toJsonLine(range);
    plan.ranges += 1;
    plan.total_rows = lastRow + 1;
    plan.image_bytes += cut.image_bytes;
    plan.manifest_bytes += Buffer.byteLength(line);
    yield line;
  }
}

async function readPlans(
  source: ImportSource,
  deadline: number,
  deps: PlanImportDeps,
  unreadable: UnreadableFile[],
): Promise<{ plans: FilePlan[]; pause?: ThrottledError | 'deadline' }> {
  const files: SourceFile[] = [];
  for await (const { value } of readJsonLines<SourceFile>(deps.runs, filesKey(source.job_id), source.list_bytes)) {
    files.push(value);
  }
  const plans: FilePlan[] = [];
  let rows = 0;
  const wantedRows = source.max_images ?? Number.POSITIVE_INFINITY;
  for (let next = 0; next < files.length && rows < wantedRows; ) {
    if (next > 0 && deps.now() >= deadline) return { plans, pause: 'deadline' };
    const window = files.slice(
      next,
      next + Math.min(deps.downloads, filesFor(wantedRows - rows, { rows, files: next })),
    );
    const results = await Promise.allSettled(window.map((file, offset) => deps.planFile(source, next + offset, file)));
    for (const [offset, result] of results.entries()) {
      if (result.status === 'fulfilled') {
        plans.push(result.value);
        rows += result.value.groups.reduce((sum, group) => sum + group.rows, 0);
      } else if (result.reason instanceof UnreadableFooter) {
        unreadable.push({ path: window[offset]?.path ?? '', message: messageOf(result.reason) });
        deps.log.warn('file cannot be read', { ...unreadable.at(-1) });
      } else if (result.reason instanceof ThrottledError) {
        return { plans, pause: result.reason };
      } else {
        throw result.reason;
      }
    }
    next += window.length;
  }
  const [first] = unreadable;
  if (first && plans.length === 0) throw new BadInputError(`no file of the split can be read: ${first.message}`);
  return { plans };
}

/** How many further files are likely to hold so many rows, going by those that are known. */
function filesFor(rows: number, known: { rows: number; files: number }): number {
  if (rows === Number.POSITIVE_INFINITY) return rows;
  return known.files === 0 ? 1 : Math.ceil((rows * known.files) / known.rows);
}

function* parquetRanges(plans: readonly FilePlan[], source: ImportSource): Generator<CutRange> {
  let fileRow = 0;
  for (const plan of plans) {
    for (const span of cutRanges(plan.groups, plan.holds_images)) {
      const first = plan.groups[span.firstGroup];
      const last = plan.groups[span.lastGroup];
      if (!first || !last) continue;
      const rowsBefore = plan.groups.slice(0, span.firstGroup).reduce((sum, group) => sum + group.rows, 0);
      yield {
        ...rowsOfSpan(fileRow + span.firstRow, span.rows, span.bytes),
        from: {
          kind: 'parquet',
          file: plan.file,
          layout_key: layoutKey(source.job_id, plan.position),
          schema: plan.schema,
          row_groups: [first.slice[0], last.slice[1]],
          first_group_row: fileRow + rowsBefore,
        },
      };
    }
    fileRow += plan.groups.reduce((sum, group) => sum + group.rows, 0);
  }
}

async function* folderRanges(source: ImportSource, runs: RunBucket): AsyncGenerator<CutRange> {
  let open: { first: number; rows: number; bytes: number; start: number; end: number } | undefined;
  const cut = (range: NonNullable<typeof open>): CutRange => ({
    ...rowsOfSpan(range.first, range.rows, range.bytes),
    from: { kind: 'rows', lines: [range.start, range.end] },
  });
  let index = 0;
  for await (const line of readJsonLines<SourceFolderRow>(runs, rowsKey(source.job_id), source.list_bytes)) {
    const bytes = line.value.size_bytes;
    if (open && (open.rows === MAX_RANGE_ROWS || open.bytes + bytes > RANGE_BYTES)) {
      yield cut(open);
      open = undefined;
    }
    open ??= { first: index, rows: 0, bytes: 0, start: line.start, end: line.end };
    open = { ...open, rows: open.rows + 1, bytes: open.bytes + bytes, end: line.end };
    index += 1;
  }
  if (open) yield cut(open);
}

function rowsOfSpan(firstRow: number, rows: number, bytes: number): Omit<CutRange, 'from'> {
  return {
    first_row: firstRow,
    last_row: firstRow + rows - 1,
    chunk_rows: Math.ceil(Math.sqrt(rows)),
    image_bytes: bytes,
  };
}
