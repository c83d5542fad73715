import { posix } from 'node:path';
import pLimit from 'p-limit';
import type { ImportPlan } from '../lambdas/shared/jobs/import-plan.ts';
import type { RangeRecord } from '../lambdas/shared/jobs/range-ledger.ts';
import { planKey, resultKey } from '../lambdas/shared/storage/run-keys.ts';
import { foldRecords, type RecordTally, type Tally, tallyRecord } from './fold-records.ts';

/** The run bucket, as far as a look at a job needs it. */
export interface RunObjects {
  /** Objects below a prefix; `etag` changes with the content. */
  list(prefix: string): AsyncIterable<{ readonly key: string; readonly etag: string }>;
  /** `undefined` when there is no such object. */
  getText(key: string): Promise<string | undefined>;
}

export interface Progress extends Tally {
  readonly totalRows: number;
}

/** Records that are read at once. */
const READS = 16;

/** Below it lie the records of all ranges, and of their pieces. */
function resultsPrefix(jobId: string): string {
  return `${posix.dirname(resultKey(jobId, 0))}/`;
}

/**
 * How far a job has come, from its plan and the records of its ranges. Only records that have changed since the last
 * look are read again, so that a job of thousands of ranges costs little more than listing them.
 */
export class RunProgress {
  readonly #jobId: string;
  readonly #objects: RunObjects;
  readonly #known = new Map<string, { etag: string; tally: RecordTally }>();
  #totalRows: number | undefined;

  constructor(jobId: string, objects: RunObjects) {
    this.#jobId = jobId;
    this.#objects = objects;
  }

  /** `undefined` as long as the job is not planned. */
  async read(): Promise<Progress | undefined> {
    this.#totalRows ??= await this.#readTotal();
    if (this.#totalRows === undefined) return undefined;
    const changed: { key: string; etag: string }[] = [];
    for await (const object of this.#objects.list(resultsPrefix(this.#jobId))) {
      if (this.#known.get(object.key)?.etag !== object.etag) changed.push(object);
    }
    const limit = pLimit(READS);
    await limit.map(changed, ({ key, etag }) => this.#readRecord(key, etag));
    return { ...foldRecords([...this.#known.values()].map(({ tally }) => tally)), totalRows: this.#totalRows };
  }

  async #readTotal(): Promise<number | undefined> {
    const text = await this.#objects.getText(planKey(this.#jobId));
    return text === undefined ? undefined : (JSON.parse(text) as ImportPlan).total_rows;
  }

  async #readRecord(key: string, etag: string): Promise<void> {
    const text = await this.#objects.getText(key);
    if (text !== undefined) this.#known.set(key, { etag, tally: tallyRecord(JSON.parse(text) as RangeRecord) });
  }
}
