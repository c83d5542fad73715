import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { lockFolder } from '../lock-folder.ts';

/** Where the embedded stack keeps everything; one stack at a time. */
export interface DataFolder {
  readonly path: string;
  /** Gives the folder free for another stack. */
  release(): void;
}

/** @throws Error in one sentence when another process holds the folder, or it cannot be written. */
export function openDataFolder(dataDir: string): DataFolder {
  const path = resolve(dataDir);
  try {
    mkdirSync(path, { recursive: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Error(`the data folder ${path} cannot be made (${code}); choose another with --data-dir`, {
      cause: error,
    });
  }
  return { path, release: lockFolder(path) };
}
