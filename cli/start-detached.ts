import { spawn } from 'node:child_process';
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeFolder } from '../local/stack/data-folder.ts';
import { type Endpoints, readEndpoints } from '../local/stack/endpoints.ts';
import { CliError } from './cli-error.ts';
import { INTERRUPTED } from './interrupt.ts';

const ENTRY = join(import.meta.dirname, '../bin/modomo.ts');
const LOOK_MS = 100;

/**
 * Starts `modomo up` as a process of its own, which outlives this one, and waits until its stack is up. What it prints
 * goes to `{dataDir}/stack.log`.
 * @param args further arguments of `up`
 * @throws {CliError} with the process's own error when it ends instead
 */
export async function startDetached(dataDir: string, args: readonly string[]): Promise<Endpoints> {
  const logPath = join(dataDir, 'stack.log');
  const log = openLog(dataDir, logPath);
  const logged = fstatSync(log).size;
  const child = spawn(process.execPath, [ENTRY, 'up', '--data-dir', dataDir, ...args], {
    detached: true,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  let ended: string | undefined;
  child.once('error', (error) => {
    ended = error.message;
  });
  child.once('exit', (code, signal) => {
    ended = signal ?? `exit code ${code}`;
  });
  const interrupt = (): void => {
    child.kill('SIGTERM'); // it is in a process group of its own, which Ctrl-C does not reach
    process.exit(INTERRUPTED);
  };
  process.once('SIGINT', interrupt);
  try {
    for (;;) {
      const endpoints = readEndpoints(dataDir);
      if (endpoints && endpoints.pid === child.pid) return endpoints;
      if (ended !== undefined)
        throw endedError(readFileSync(logPath).subarray(logged).toString('utf8'), ended, logPath);
      await sleep(LOOK_MS);
    }
  } finally {
    process.removeListener('SIGINT', interrupt);
    child.unref();
  }
}

function openLog(dataDir: string, logPath: string): number {
  try {
    makeFolder(dataDir);
    return openSync(logPath, 'a', 0o600);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new CliError(`the data folder ${dataDir} cannot be used (${code})`, {
      cause: error,
      hint: 'choose another with --data-dir',
    });
  }
}

/** What the process said before it ended, in the form that this program writes its errors in. */
export function endedError(output: string, ended: string, logPath: string): CliError {
  const message = /^error: (.+)$/m.exec(output)?.[1];
  const hint = /^hint: +(.+)$/m.exec(output)?.[1];
  if (message !== undefined) return new CliError(message, { hint });
  const last = output.trim().split('\n').at(-1);
  return new CliError(`the stack ended before it was up (${ended})${last ? `: ${last}` : ''}`, {
    hint: `see ${logPath}`,
  });
}
