import { type Dirent, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { compareKeys } from './key-order.ts';

/** Name of an entry as it sorts among keys: a folder ends in `/`. */
type Entry = string;

/** Folders larger than this are kept sorted, so that paging through them does not read them again for each page. */
const CACHE_FROM_ENTRIES = 500;
const CACHED_FOLDERS = 16;
/** A folder that changed less than this ago may change again without a new time stamp. */
const SETTLED_MS = 100;

/** The files below a folder as keys, in S3's order, from any key on, without reading what lies before it. */
export class KeyWalk {
  readonly #cache = new Map<string, { mtimeMs: number; entries: readonly Entry[] }>();

  /** Keys of at least `from`. Folders are read when the walk comes to them. */
  *keys(root: string, from: string): Generator<string> {
    yield* this.#walk(root, '', from);
  }

  *#walk(folder: string, prefix: string, from: string): Generator<string> {
    const entries = this.#read(folder);
    for (let i = firstAtOrBehind(entries, prefix, from); i < entries.length; i++) {
      const key = prefix + entries[i];
      if (key.endsWith('/')) yield* this.#walk(join(folder, key.slice(prefix.length, -1)), key, from);
      else if (compareKeys(key, from) >= 0) yield key;
    }
  }

  #read(folder: string): readonly Entry[] {
    const mtimeMs = statSync(folder, { throwIfNoEntry: false })?.mtimeMs;
    if (mtimeMs === undefined) return [];
    const cached = this.#cache.get(folder);
    if (cached?.mtimeMs === mtimeMs) return cached.entries;
    const entries = readFolder(folder).flatMap(toEntry).sort(compareKeys);
    this.#cache.delete(folder);
    if (entries.length >= CACHE_FROM_ENTRIES && Date.now() - mtimeMs > SETTLED_MS) {
      this.#cache.set(folder, { mtimeMs, entries });
      const [oldest] = this.#cache.keys();
      if (this.#cache.size > CACHED_FOLDERS && oldest !== undefined) this.#cache.delete(oldest);
    }
    return entries;
  }
}

function readFolder(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []; // gone since its parent was read
    throw error;
  }
}

function toEntry(entry: Dirent): Entry[] {
  if (entry.isDirectory()) return [`${entry.name}/`];
  return entry.isFile() ? [entry.name] : [];
}

/** Index of the first entry that is at or behind `from`, or holds keys that are. */
function firstAtOrBehind(entries: readonly Entry[], prefix: string, from: string): number {
  if (!from.startsWith(prefix)) return 0; // the whole folder lies behind it, or the caller would not have come here
  const rest = from.slice(prefix.length);
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const entry = entries[middle] ?? '';
    if (compareKeys(entry, rest) < 0 && !(entry.endsWith('/') && rest.startsWith(entry))) low = middle + 1;
    else high = middle;
  }
  return low;
}
