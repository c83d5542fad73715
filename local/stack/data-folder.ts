import { mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
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
    makeFolder(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Error(`the data folder ${path} cannot be made (${code}); choose another with --data-dir`, {
      cause: error,
    });
  }
  return { path, release: lockFolder(path) };
}

/** Makes a folder and those that it lies in; Node's own recursive way never ends where none can be made, as in /proc. */
export function makeFolder(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return;
  makeFolder(dirname(resolve(path)));
  mkdirSync(path);
}
