import { TransientError } from '../errors.ts';
import type { RunBucket } from '../storage/object-store.ts';

const SLICE_BYTES = 4 * 1024 * 1024;
const NEWLINE = 0x0a;

/** A line of a JSONL object, and where it lies: bytes `[start, end)`, its newline included. */
export interface JsonLine<T> {
  readonly value: T;
  readonly start: number;
  readonly end: number;
}

/** Reads a JSONL object of any size with some MB of memory. @param sizeBytes size of the whole object */
export async function* readJsonLines<T>(runs: RunBucket, key: string, sizeBytes: number): AsyncGenerator<JsonLine<T>> {
  let rest = Buffer.alloc(0);
  let start = 0;
  for (let offset = 0; offset < sizeBytes; offset += SLICE_BYTES) {
    const slice = await runs.getRange(key, offset, Math.min(sizeBytes, offset + SLICE_BYTES));
    const bytes = Buffer.concat([rest, slice]);
    let from = 0;
    for (let to = bytes.indexOf(NEWLINE); to >= 0; to = bytes.indexOf(NEWLINE, from)) {
      yield { value: JSON.parse(bytes.toString('utf8', from, to)) as T, start: start + from, end: start + to + 1 };
      from = to + 1;
    }
    rest = bytes.subarray(from);
    start += from;
  }
  if (rest.length > 0) throw new TransientError(`${key} ends in the middle of a line`);
}

/** The lines of a slice `[start, end)` of a JSONL object. */
export function parseJsonLines<T>(bytes: Uint8Array): T[] {
  return Buffer.from(bytes)
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T);
}

/** One JSON value a line, with a newline behind each. */
export function toJsonLine(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}
