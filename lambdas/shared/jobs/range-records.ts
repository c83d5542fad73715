import type { RunBucket } from '../storage/object-store.ts';
import { pieceResultKey, pieceResultsPrefix, resultKey } from '../storage/run-keys.ts';
import { isComplete, type RangeRecord } from './range-ledger.ts';
import { type RangeEvent, rowsOf } from './row-range.ts';

/** The records of ranges and of their pieces in the run bucket; a later attempt overwrites an earlier one's. */
export function rangeRecords(runs: RunBucket) {
  return {
    loadRecord: async (event: RangeEvent): Promise<RangeRecord | undefined> => parse(await runs.getText(keyOf(event))),
    saveRecord: (event: RangeEvent, record: RangeRecord): Promise<void> =>
      runs.put(keyOf(event), JSON.stringify(record), 'application/json'),
    /** Complete records of a range's pieces, in the order of their first rows. */
    loadPieces: async (event: RangeEvent): Promise<RangeRecord[]> => {
      const pieces: RangeRecord[] = [];
      for await (const key of runs.list(pieceResultsPrefix(event.job_id, event.range.range))) {
        const piece = parse(await runs.getText(key));
        if (piece && isComplete(piece)) pieces.push(piece);
      }
      return pieces.sort((a, b) => a.first_row - b.first_row);
    },
  };
}

function keyOf(event: RangeEvent): string {
  if (!event.piece) return resultKey(event.job_id, event.range.range);
  return pieceResultKey(event.job_id, event.range.range, rowsOf(event));
}

function parse(text: string | undefined): RangeRecord | undefined {
  return text === undefined ? undefined : (JSON.parse(text) as RangeRecord);
}
