import { ConfigError, messageOf, ThrottledError, TransientError } from '../shared/errors.ts';
import { type CaughtError, crashReason, readCaughtError } from '../shared/jobs/caught-error.ts';
import type { ImportSource } from '../shared/jobs/import-source.ts';
import { isComplete, RangeLedger, type RangeRecord } from '../shared/jobs/range-ledger.ts';
import type { FailureReason } from '../shared/jobs/row-failure.ts';
import { type RangeEvent, rowsOf } from '../shared/jobs/row-range.ts';
import type { Log } from '../shared/log.ts';
import { settleExisting } from '../shared/scenes/existing-scene.ts';
import type { SceneStore } from '../shared/scenes/scene-record.ts';

export interface RecordRangeDeps {
  readonly loadSource: (jobId: string) => Promise<ImportSource>;
  readonly loadRecord: (event: RangeEvent) => Promise<RangeRecord | undefined>;
  readonly saveRecord: (event: RangeEvent, record: RangeRecord) => Promise<void>;
  /** Records of the pieces of a range that was taken apart, in any order. */
  readonly loadPieces: (event: RangeEvent) => Promise<readonly RangeRecord[]>;
  readonly scenes: SceneStore;
  readonly log: Log;
}

/**
 * Completes the record of a range, or of a piece of it, that ImportRange could not complete: what its pieces came to,
 * what the database holds, and every other row as failed with the error that was caught.
 * @throws {TransientError} @throws {ThrottledError} when the run bucket is out of reach
 */
export async function recordRange(event: RangeEvent, deps: RecordRangeDeps): Promise<{ failed: number }> {
  const rows = rowsOf(event);
  const caught = readCaughtError(event.error);
  const wasIsolated = !event.piece && event.isolation !== undefined;
  const ledger = new RangeLedger(rows, wasIsolated ? undefined : await deps.loadRecord(event));
  const source = await deps.loadSource(event.job_id);

  const pieces = wasIsolated ? (await deps.loadPieces(event)).filter(isComplete) : [];
  const pieceAt = new Map(pieces.map((piece) => [piece.first_row, piece]));
  await settlePieces(
    ledger,
    pieceAt,
    async (until) => {
      const open = new RangeLedger({ first: ledger.nextRow, last: until });
      await settleStored(open, source, deps);
      for (const index of [...open.openRows()]) {
        open.settle(index, { failed: { index, ...failureOf(caught, rows), image: null } });
      }
      ledger.addPiece(open.record());
    },
    rows.last,
  );

  const record = ledger.record();
  await deps.saveRecord(event, record);
  deps.log.warn('range recorded', { range: event.range.range, ...rows, failed: record.failures.length, error: caught });
  return { failed: record.failures.length };
}

/**
 * Settles the rows whose scenes are there. When the database cannot be asked, which may be why the range failed, a row
 * counts as failed although its scene may be there: that has the reason in the record, and the next run skips the row.
 */
async function settleStored(
  ledger: RangeLedger,
  source: ImportSource,
  { scenes, log }: RecordRangeDeps,
): Promise<void> {
  try {
    await settleExisting(ledger, source, scenes);
  } catch (error) {
    if (![TransientError, ThrottledError, ConfigError].some((type) => error instanceof type)) throw error;
    log.warn('the database cannot be asked which rows it holds', { error: messageOf(error) });
  }
}

/** Adds the pieces in order; rows between them go to `settleGap`, which settles all up to the row it is given. */
async function settlePieces(
  ledger: RangeLedger,
  pieceAt: ReadonlyMap<number, RangeRecord>,
  settleGap: (until: number) => Promise<void>,
  last: number,
): Promise<void> {
  while (!ledger.isComplete) {
    const piece = pieceAt.get(ledger.nextRow);
    if (piece) {
      ledger.addPiece(piece);
      continue;
    }
    let until = ledger.nextRow;
    while (until < last && !pieceAt.has(until + 1)) until += 1;
    await settleGap(until);
  }
}

/** A worker that died on a single row died of it; any other error came from outside. */
function failureOf(
  caught: CaughtError,
  rows: { first: number; last: number },
): { reason: FailureReason; message: string } {
  const crash = crashReason(caught);
  if (crash && rows.first === rows.last) return { reason: crash, message: caught.message };
  return { reason: 'range_failed', message: `${caught.name}: ${caught.message}` };
}
