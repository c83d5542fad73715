import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { LambdaFailure } from '../states/lambda-invoker.ts';
import type { HostedFunction, LambdaHostOptions } from './lambda-host.ts';
import { residentMb } from './resident-memory.ts';
import type { WorkerReply, WorkerRequest } from './worker-messages.ts';

const MEMORY_CHECK_MS = 50;

/** One process that runs one function, an invocation at a time. */
export class LambdaWorker {
  readonly #fn: HostedFunction;
  readonly #child: ChildProcess;
  #end: string | undefined;

  constructor(fn: HostedFunction, { variables, logDir }: Pick<LambdaHostOptions, 'variables' | 'logDir'>) {
    this.#fn = fn;
    const log = openSync(join(logDir, `${fn.name}.log`), 'a');
    this.#child = fork(join(import.meta.dirname, 'worker.ts'), [fn.bundle], {
      env: {
        PATH: process.env.PATH,
        HOME: process.env.HOME,
        TMPDIR: process.env.TMPDIR ?? '/tmp',
        AWS_LAMBDA_FUNCTION_NAME: fn.name,
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(fn.memoryMb),
        LAMBDA_TASK_ROOT: join(fn.bundle, '..'),
        ...fn.variables,
        ...variables,
      },
      execArgv: [`--max-old-space-size=${Math.floor(fn.memoryMb * 0.9)}`, '--disable-warning=ExperimentalWarning'],
      serialization: 'json',
      stdio: ['ignore', log, log, 'ipc'],
    });
    closeSync(log);
    this.#child.once('exit', (code, signal) => {
      this.#end ??= endText(code, signal);
    });
    this.#child.once('error', (error) => {
      this.#end ??= error.message;
    });
  }

  get name(): string {
    return this.#fn.name;
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get isAlive(): boolean {
    return this.#end === undefined;
  }

  /** @throws {LambdaFailure} */
  async invoke(payload: unknown): Promise<unknown> {
    const { timeoutSeconds, memoryMb, arn } = this.#fn;
    const requestId = randomUUID();
    const child = this.#child;
    let timer: NodeJS.Timeout | undefined;
    let watch: NodeJS.Timeout | undefined;
    try {
      return await new Promise((resolve, reject) => {
        const die = (errorType: string, text: string): void => {
          this.kill();
          reject(failure(errorType, `RequestId: ${requestId} Error: ${text}`));
        };
        const onExit = (): void => die('Runtime.ExitError', this.#end ?? endText(0, null));
        timer = setTimeout(
          () => die('Sandbox.Timedout', `Task timed out after ${timeoutSeconds.toFixed(2)} seconds`),
          timeoutSeconds * 1000,
        );
        watch = setInterval(() => {
          if (residentMb(child.pid) > memoryMb) die('Runtime.ExitError', endText(null, 'SIGKILL'));
        }, MEMORY_CHECK_MS);
        child.once('exit', onExit);
        child.once('message', (reply: WorkerReply) => {
          child.off('exit', onExit);
          if ('result' in reply) resolve(reply.result);
          else if ('error' in reply) reject(new LambdaFailure(reply.error.errorType, JSON.stringify(reply.error)));
          else resolve(null); // what a handler does not return is null, as on AWS
        });
        const request: WorkerRequest = {
          requestId,
          payload,
          arn,
          memoryMb,
          deadline: Date.now() + timeoutSeconds * 1000,
        };
        if (this.isAlive) child.send(request);
        else onExit();
      });
    } finally {
      clearTimeout(timer);
      clearInterval(watch);
      child.removeAllListeners('message');
    }
  }

  kill(): void {
    this.#end ??= endText(null, 'SIGKILL');
    this.#child.kill('SIGKILL');
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.kill();
    await exited;
  }
}

/** How the end of a process reads in Lambda's reports. */
function endText(code: number | null, signal: NodeJS.Signals | null): string {
  if (signal) {
    const names: Partial<Record<NodeJS.Signals, string>> = { SIGKILL: 'killed', SIGABRT: 'aborted' };
    return `Runtime exited with error: signal: ${names[signal] ?? signal}`;
  }
  return code === 0 ? 'Runtime exited without providing a reason' : `Runtime exited with error: exit status ${code}`;
}

function failure(errorType: string, errorMessage: string): LambdaFailure {
  return new LambdaFailure(errorType, JSON.stringify({ errorType, errorMessage }));
}
