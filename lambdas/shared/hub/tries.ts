import { ThrottledError, TransientError } from '../errors.ts';
import type { Log } from '../log.ts';

/** A failure that may pass: the network, a time-out, a 5xx, a body that was cut. */
export class PassingFailure extends Error {
  override readonly name = 'PassingFailure';
  /** What the server asked for in `Retry-After`. */
  readonly waitSeconds: number;
  /** `X-Error-Code` */
  readonly code: string | undefined;

  constructor(message: string, options: ErrorOptions & { waitSeconds?: number; code?: string } = {}) {
    super(message, options);
    this.waitSeconds = options.waitSeconds ?? 0;
    this.code = options.code;
  }
}

/** The server answered 429. */
export class AskedToWait extends Error {
  override readonly name = 'AskedToWait';
  readonly seconds: number | undefined;

  constructor(seconds: number | undefined) {
    super('the server answered 429, too many requests');
    this.seconds = seconds;
  }
}

export interface TriesOptions {
  readonly log: Log;
  /** Waits that long, in ms. */
  readonly sleep: (ms: number) => Promise<void>;
  /** A download waits that long in all when it is told to; a longer wait is the caller's. */
  readonly maxPauseSeconds: number;
}

const MAX_TRIES = 3;
const FIRST_BACKOFF_MS = 500;

/** Holds requests back while the server wants none: a pause that one of them was told holds for all. */
export class PauseGate {
  #open: Promise<void> = Promise.resolve();

  pass(): Promise<void> {
    return this.#open;
  }

  close(pause: Promise<void>): void {
    const before = this.#open;
    this.#open = pause.then(() => before);
  }
}

/** Decides after each failure of one download whether it is tried again, and waits before that. */
export class Tries {
  readonly #what: string;
  readonly #gate: PauseGate;
  readonly #options: TriesOptions;
  #failures = 0;
  #pauses = 0;
  #pausedSeconds = 0;

  /** @param what the download, for messages: no token, no signed URL */
  constructor(what: string, gate: PauseGate, options: TriesOptions) {
    this.#what = what;
    this.#gate = gate;
    this.#options = options;
  }

  /** Bytes have arrived: what failed before is forgiven. */
  progressed(): void {
    this.#failures = 0;
  }

  /**
   * Returns when it is time to try again.
   * @throws {ThrottledError} @throws {TransientError} when it is over; anything that cannot pass is thrown as it is.
   */
  async failed(error: unknown): Promise<void> {
    if (error instanceof AskedToWait) return this.#pause(error);
    if (!(error instanceof PassingFailure)) throw error;
    this.#failures++;
    this.#options.log.warn('hub request failed', {
      request: this.#what,
      attempt: this.#failures,
      maxAttempts: MAX_TRIES,
      error: error.message,
    });
    if (this.#failures >= MAX_TRIES || error.waitSeconds > this.#options.maxPauseSeconds) {
      throw new TransientError(`${this.#what}: ${error.message} (try ${this.#failures} of ${MAX_TRIES})`, {
        cause: error,
      });
    }
    const backoffMs = FIRST_BACKOFF_MS * 2 ** (this.#failures - 1) * (0.5 + Math.random());
    await this.#options.sleep(Math.max(backoffMs, error.waitSeconds * 1000));
  }

  async #pause({ seconds, message }: AskedToWait): Promise<void> {
    const wait = Math.max(seconds ?? 0, 2 ** this.#pauses++); // a server that says 0, or nothing, is asked ever more rarely
    const { log, sleep, maxPauseSeconds } = this.#options;
    const tooLong = this.#pausedSeconds + wait > maxPauseSeconds;
    log.warn('hub asks for a pause', { request: this.#what, retryAfterSeconds: seconds ?? null, obeyedHere: !tooLong });
    if (tooLong) throw new ThrottledError(`${this.#what}: ${message}`, { retryAfterSeconds: seconds });
    this.#pausedSeconds += wait;
    const pause = sleep(wait * 1000 + Math.random() * 500);
    this.#gate.close(pause);
    await pause;
  }
}
