import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

const ENTRY = join(import.meta.dirname, '../../bin/modomo.ts');

export interface CliResult {
  /** `null` when a signal ended it. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts the program as a person does. Its output is no terminal. */
export function startCli(...args: string[]): { process: ChildProcess; stderr: () => string; end: Promise<CliResult> } {
  const { npm_command: _, ...env } = process.env; // hints say how npm called the program, which is not so here
  const child = spawn(process.execPath, [ENTRY, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk;
  });
  const end = Promise.all([text(child.stdout), once(child, 'close')]).then(([stdout]) => ({
    exitCode: child.exitCode,
    stdout,
    stderr,
  }));
  return { process: child, stderr: () => stderr, end };
}

export function runCli(...args: string[]): Promise<CliResult> {
  return startCli(...args).end;
}
