import type { IncomingMessage, ServerResponse } from 'node:http';

/** One request that has ended. Bytes are those of the bodies. */
export interface LoggedRequest {
  readonly method: string;
  /** With its query, percent-encoded as it came. */
  readonly path: string;
  readonly range?: string;
  /** 0 when the connection was cut before an answer. */
  readonly status: number;
  readonly bytes_in: number;
  readonly bytes_out: number;
}

export interface RequestReport {
  /** The most requests that were under way at once. */
  readonly max_concurrent: number;
  readonly requests: readonly LoggedRequest[];
}

/** Past this many requests the oldest are forgotten. */
const LIMIT = 100_000;

/** What a stand-in was asked since it started or the log was cleared. */
export class RequestLog {
  #requests: LoggedRequest[] = [];
  #active = 0;
  #maxActive = 0;

  report(): RequestReport {
    return { max_concurrent: this.#maxActive, requests: this.#requests };
  }

  clear(): void {
    this.#requests = [];
    this.#maxActive = this.#active;
  }

  watch(req: IncomingMessage, res: ServerResponse): void {
    this.#active += 1;
    this.#maxActive = Math.max(this.#maxActive, this.#active);
    let bytesIn = 0;
    let bytesOut = 0;
    const push = req.push.bind(req);
    req.push = (chunk, encoding) => {
      bytesIn += sizeOf(chunk);
      return push(chunk, encoding);
    };
    const { write, end } = res;
    res.write = ((chunk: unknown, ...rest: unknown[]) => {
      bytesOut += sizeOf(chunk);
      return Reflect.apply(write, res, [chunk, ...rest]);
    }) as typeof write;
    res.end = ((chunk: unknown, ...rest: unknown[]) => {
      bytesOut += sizeOf(chunk);
      return Reflect.apply(end, res, [chunk, ...rest]);
    }) as typeof end;
    res.once('close', () => {
      this.#active -= 1;
      if (this.#requests.length >= LIMIT) this.#requests.splice(0, LIMIT / 10);
      this.#requests.push({
        method: req.method ?? '',
        path: req.url ?? '',
        ...(req.headers.range === undefined ? {} : { range: req.headers.range }),
        status: res.headersSent ? res.statusCode : 0,
        bytes_in: bytesIn,
        bytes_out: bytesOut,
      });
    });
  }
}

function sizeOf(chunk: unknown): number {
  if (typeof chunk === 'string') return Buffer.byteLength(chunk);
  return chunk instanceof Uint8Array ? chunk.byteLength : 0;
}
