import { ThrottledError } from '../shared/errors.ts';
import { MAX_STALLS } from '../shared/jobs/max-stalls.ts';
import { isComplete, RangeLedger, type RangeRecord } from '../shared/jobs/range-ledger.ts';
import type { RangeEvent } from '../shared/jobs/row-range.ts';
import { rowsOf } from '../shared/jobs/row-range.ts';
import { PageTrail } from '../shared/parquet/page-trail.ts';
import { settleExisting } from '../shared/scenes/existing-scene.ts';
import type { ImportRangeDeps } from './import-range-deps.ts';
import { RowImporter } from './row-importer.ts';

/** What the state machine sees of a range: counts stay in the record. */
export interface RangeProgress {
  readonly done: boolean;
  /** Where the next invocation goes on. */
  readonly next_row: number;
  readonly wait_seconds: number;
  /** How many pauses in a row brought no progress. */
  readonly stalls: number;
}

/** Milliseconds between two saved records, so that a job's status is never older. */
const CHECKPOINT_MS = 2_000;

/**
 * Imports the rows of a range, or of a piece of it: image to the bucket, scene to the database, result to the run
 * bucket. Rows that another try or another job has done are not done twice.
 * @param deadline epoch milliseconds after which no new row is begun
 * @throws {TransientError} @throws {ThrottledError} @throws {ConfigError} when the Hub, the bucket or the database is out
 *   of reach; what was done until then is saved
 */
export async function importRange(event: RangeEvent, deadline: number, deps: ImportRangeDeps): Promise<RangeProgress> {
  const startedAt = deps.now();
  const rows = rowsOf(event);
  const before = await deps.loadRecord(event);
  const ledger = new RangeLedger(rows, before);
  if (ledger.isComplete) return progressOf(ledger.record(), 0, 0);

  const source = await deps.loadSource(event.job_id);
  const existing = await settleExisting(ledger, source, deps.scenes);
  deps.log.info('range started', {
    range: event.range.range,
    ...rows,
    next_row: ledger.nextRow,
    images: rows.last - rows.first + 1,
  });

  const traffic = deps.hubTraffic();
  // A piece of a range begins where the range could not go on.
  const whole = before || !event.piece ? undefined : await deps.loadRecord({ ...event, piece: undefined });
  const trail = new PageTrail((before ?? whole)?.resume);
  const recordNow = (): RangeRecord => {
    const record = ledger.record();
    return isComplete(record) ? record : { ...record, resume: trail.pointAt(record.next_row) };
  };
  const importer = new RowImporter({ source, existing, ledger, deps });
  let failure: unknown;
  let savedAt = startedAt;
  let stopped = false;
  if (!ledger.isComplete) {
    try {
      const wanted = { has: (index: number) => !ledger.isSettled(index), trail };
      read: for await (const batch of deps.openRows(event, source, wanted)) {
        for (const row of batch) {
          if (deps.now() >= deadline && importer.started > 0) {
            stopped = true;
            break read;
          }
          await importer.add(row);
          if (deps.now() - savedAt >= CHECKPOINT_MS) {
            savedAt = deps.now();
            await deps.saveRecord(event, recordNow());
          }
        }
      }
    } catch (error) {
      failure = error;
    }
    try {
      await importer.finish();
    } catch (error) {
      failure ??= error;
    }
  }
  if (failure === undefined && !stopped) settleMissing(ledger);

  const after = deps.hubTraffic();
  ledger.addTraffic({ fetched: after.bytes - traffic.bytes, requests: after.requests - traffic.requests });
  const record = recordNow();
  await deps.saveRecord(event, record);
  const seconds = (deps.now() - startedAt) / 1000;
  deps.log.info('range ended', {
    range: event.range.range,
    next_row: record.next_row,
    done: isComplete(record),
    processed: record.processed,
    skipped: record.skipped,
    failed: record.failures.length,
    images: importer.started,
    seconds,
    images_per_second: seconds > 0 ? Math.round(importer.started / seconds) : null,
    stored_bytes: record.stored_bytes,
    fetched_bytes: record.fetched_bytes,
  });
  if (failure === undefined) return progressOf(record, 0, 0);

  const pause = failure instanceof ThrottledError ? failure.retryAfterSeconds : undefined;
  const stalls = record.next_row > (before?.next_row ?? rows.first) ? 0 : (event.progress?.stalls ?? 0) + 1;
  if (pause === undefined || stalls > MAX_STALLS) throw failure;
  return progressOf(record, Math.ceil(pause), stalls);
}

function progressOf(record: RangeRecord, waitSeconds: number, stalls: number): RangeProgress {
  return { done: isComplete(record), next_row: record.next_row, wait_seconds: waitSeconds, stalls };
}

/** A file that ends before its footer said so leaves rows that nobody has seen. */
function settleMissing(ledger: RangeLedger): void {
  for (const index of [...ledger.openRows()]) {
    const message = `row ${index} is missing from its file`;
    ledger.settle(index, { failed: { index, reason: 'unreadable_row', message, image: null } });
  }
}
