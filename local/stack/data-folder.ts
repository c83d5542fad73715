import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Where the embedded stack keeps everything; one stack at a time. */
export interface DataFolder {
  readonly path: string;
  /** Gives the folder free for another stack. */
  release(): void;
}

/** @throws Error in one sentence when another process holds the folder, or it cannot be written. */
export function openDataFolder(dataDir: string): DataFolder {
  const path = resolve(dataDir);
  const lock = join(path, 'lock');
  try {
    mkdirSync(path, { recursive: true });
    takeLock(lock, path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new Error(`the data folder ${path} cannot be used (${code}); choose another with --data-dir`, {
      cause: error,
    });
  }
  return { path, release: () => rmSync(lock, { force: true }) };
}

function takeLock(lock: string, path: string): void {
  for (;;) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' });
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      const holder = Number(readFileSync(lock, 'utf8'));
      if (holder !== process.pid && isRunning(holder)) {
        throw new Error(
          `the data folder ${path} is in use by process ${holder}; stop it with "modomo down", or choose another with --data-dir`,
        );
      }
      rmSync(lock, { force: true }); // its process died without giving it back
    }
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
