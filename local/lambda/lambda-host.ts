import { mkdirSync } from 'node:fs';
import { LambdaWorker } from './lambda-worker.ts';

/** A function as its template describes it. */
export interface HostedFunction {
  readonly arn: string;
  /** Names its log file. */
  readonly name: string;
  /** The bundle, an ES module that exports `handler`. */
  readonly bundle: string;
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
  readonly variables: Readonly<Record<string, string>>;
}

export interface LambdaHostOptions {
  readonly functions: readonly HostedFunction[];
  /** Variables of every function; they win over the function's own. */
  readonly variables: Readonly<Record<string, string>>;
  /** Each function's output goes to `{logDir}/{name}.log`. */
  readonly logDir: string;
}

/** Idle workers that are kept warm, per function. */
const MAX_IDLE = 8;

/**
 * Runs functions as AWS Lambda does: warm processes, one invocation at a time each, with time-out and memory limit
 * enforced from outside, so that a crash or an out-of-memory is a real one. As on AWS, an invocation goes on when its
 * caller has stopped waiting for it.
 */
export class LambdaHost {
  readonly #options: LambdaHostOptions;
  readonly #functions: ReadonlyMap<string, HostedFunction>;
  readonly #idle = new Map<string, LambdaWorker[]>();
  readonly #workers = new Set<LambdaWorker>();

  constructor(options: LambdaHostOptions) {
    this.#options = options;
    this.#functions = new Map(options.functions.map((fn) => [fn.arn, fn]));
    mkdirSync(options.logDir, { recursive: true });
  }

  /**
   * @returns what the handler returned, after a round trip through JSON
   * @throws {LambdaFailure} with error and cause as Step Functions reports them
   */
  async invoke(arn: string, payload: unknown): Promise<unknown> {
    const fn = this.#functions.get(arn);
    if (!fn) throw new Error(`there is no function ${arn}`);
    const idle = this.#idle.get(arn) ?? [];
    this.#idle.set(arn, idle);
    const worker = idle.pop() ?? this.#start(fn);
    try {
      return await worker.invoke(payload);
    } finally {
      if (worker.isAlive && idle.length < MAX_IDLE) idle.push(worker);
      else {
        worker.kill();
        this.#workers.delete(worker);
      }
    }
  }

  /** The processes that are there, with their functions' names. */
  processes(): { readonly name: string; readonly pid: number }[] {
    return [...this.#workers].flatMap(({ name, pid }) => (pid === undefined ? [] : [{ name, pid }]));
  }

  /** Ends every process, also those that are at work. */
  async close(): Promise<void> {
    await Promise.all([...this.#workers].map((worker) => worker.close()));
  }

  #start(fn: HostedFunction): LambdaWorker {
    const worker = new LambdaWorker(fn, this.#options);
    this.#workers.add(worker);
    return worker;
  }
}
