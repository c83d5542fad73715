import { CorruptDataError } from './corrupt-data-error.ts';
import type { ScratchFile } from './scratch-file.ts';
import type { RawValue, StoredValues, ValueList } from './value-list.ts';

/** A single value beyond this is not brought to memory; its row is unreadable. */
const MAX_VALUE_BYTES = 256 * 1024 * 1024;
/** Values that lie side by side are read at once up to this size. */
const MAX_READ_BYTES = 8 * 1024 * 1024;
const HOP_BYTES = 64 * 1024;

/** Byte arrays in a scratch file, read back by position. */
export class SpilledValues implements ValueList {
  readonly length: number;
  readonly file: StoredValues = {
    load: (from, to) => this.#load(range(from, to)),
    loadEach: (indices) => this.#load([...new Set(indices)].sort((a, b) => a - b)),
    release: () => this.#loaded.clear(),
  };
  readonly #file: ScratchFile;
  readonly #starts: Uint32Array;
  readonly #ends: Uint32Array;
  readonly #loaded = new Map<number, Uint8Array>();

  constructor(file: ScratchFile, starts: Uint32Array, ends: Uint32Array) {
    this.#file = file;
    this.#starts = starts;
    this.#ends = ends;
    this.length = starts.length;
  }

  at(index: number): RawValue {
    const value = this.#loaded.get(index);
    if (!value) throw new CorruptDataError(`a value of ${this.sizeAt(index)} bytes is too large`);
    return value;
  }

  sizeAt(index: number): number {
    return (this.#ends[index] ?? 0) - (this.#starts[index] ?? 0);
  }

  /** @param indices ascending. */
  async #load(indices: readonly number[]): Promise<void> {
    const missing = indices.filter((i) => !this.#loaded.has(i) && this.sizeAt(i) <= MAX_VALUE_BYTES);
    for (let i = 0; i < missing.length; ) {
      const first = missing[i] ?? 0;
      let last = first;
      const start = this.#starts[first] ?? 0;
      for (i++; missing[i] === last + 1 && (this.#ends[last + 1] ?? 0) - start <= MAX_READ_BYTES; i++) last++;
      const bytes = await this.#file.read(start, this.#ends[last] ?? 0);
      for (let value = first; value <= last; value++) {
        this.#loaded.set(value, bytes.subarray((this.#starts[value] ?? 0) - start, (this.#ends[value] ?? 0) - start));
      }
    }
  }
}

/**
 * Finds the byte arrays of a PLAIN page, hopping from length to length.
 * @throws {CorruptDataError} when they do not fill the file from `start` to its end.
 */
export async function findPlainBytes(
  file: ScratchFile,
  start: number,
  count: number,
): Promise<{ starts: Uint32Array; ends: Uint32Array }> {
  const starts = new Uint32Array(count);
  const ends = new Uint32Array(count);
  let at = start;
  let block: Uint8Array = new Uint8Array(0);
  let blockStart = start;
  for (let i = 0; i < count; i++) {
    if (at + 4 > blockStart + block.length) {
      block = await file.read(at, Math.max(at, Math.min(file.size, at + HOP_BYTES)));
      blockStart = at;
      if (block.length < 4) throw new CorruptDataError(`${count} byte arrays, of which ${i} are there`);
    }
    const view = new DataView(block.buffer, block.byteOffset, block.byteLength);
    starts[i] = at + 4;
    at += 4 + view.getUint32(at - blockStart, true);
    if (at > file.size) throw new CorruptDataError(`a value ends at byte ${at} of ${file.size}`);
    ends[i] = at;
  }
  if (at !== file.size) throw new CorruptDataError(`byte arrays of ${at} bytes in a page of ${file.size}`);
  return { starts, ends };
}

function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i);
}
