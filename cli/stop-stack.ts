import { setTimeout as sleep } from 'node:timers/promises';
import { readEndpoints } from '../local/stack/endpoints.ts';
import { CliError } from './cli-error.ts';

const PATIENCE_MS = 10_000;
const LOOK_MS = 50;
const ANSWER_MS = 3_000;

/**
 * Ends the stack of a folder: by SIGTERM, and after ten seconds by SIGKILL.
 * @returns one sentence that says what happened
 * @throws {CliError} when the process is there but is no stack that answers
 */
export async function stopStack(dataDir: string): Promise<string> {
  const endpoints = readEndpoints(dataDir);
  if (!endpoints) return `No stack runs on ${dataDir}.`;
  const { pid } = endpoints;
  if (!(await answers(endpoints.hub.url))) {
    // the stack may have died, and its process id be another program's by now
    throw new CliError(`process ${pid} should run the stack of ${dataDir}, but the stack does not answer`, {
      hint: `if it is a stack that hangs, end it with \`kill ${pid}\``,
    });
  }
  process.kill(pid, 'SIGTERM');
  for (let waited = 0; waited < PATIENCE_MS; waited += LOOK_MS) {
    if (!isAlive(pid)) return `The stack of ${dataDir} has ended (process ${pid}).`;
    await sleep(LOOK_MS);
  }
  if (isAlive(pid)) process.kill(pid, 'SIGKILL');
  return `The stack of ${dataDir} did not end in ${PATIENCE_MS / 1000} s and was killed (process ${pid}).`;
}

async function answers(url: string): Promise<boolean> {
  try {
    await fetch(`${url}/_requests`, { signal: AbortSignal.timeout(ANSWER_MS) });
    return true;
  } catch {
    return false;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
