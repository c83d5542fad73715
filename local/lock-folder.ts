import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

const SQLITE_BUSY = 5;

/**
 * Takes a folder for this process. The lock is a write transaction in a SQLite file, so the kernel ends it with the
 * process, however that ends; a file with a process id would outlive a SIGKILL, and meet another process of that id.
 * @returns gives the folder free
 * @throws Error in one sentence when the folder is taken
 */
export function lockFolder(folder: string): () => void {
  const lock = new DatabaseSync(join(folder, 'lock'));
  try {
    lock.exec('create table if not exists holder (pid integer)');
    lock.exec('begin immediate; delete from holder');
    lock.prepare('insert into holder values (?)').run(process.pid);
    lock.exec('commit; begin immediate'); // readable by the others, and held
    return () => lock.close();
  } catch (error) {
    const message = isBusy(error)
      ? `the folder ${folder} is in use by ${holderOf(lock)}`
      : `the lock file of the folder ${folder} cannot be used; delete ${join(folder, 'lock')} if it is damaged`;
    lock.close();
    throw new Error(message, { cause: error });
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY;
}

function holderOf(lock: DatabaseSync): string {
  try {
    const pid = lock.prepare('select pid from holder').get()?.pid;
    return typeof pid === 'number' ? `process ${pid}` : 'another process';
  } catch {
    return 'another process';
  }
}
