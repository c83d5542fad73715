import type { IncomingHttpHeaders } from 'node:http';
import { Agent, type Dispatcher, request } from 'undici';
import { BadInputError, ConfigError, messageOf } from '../errors.ts';
import { retryAfterSeconds } from './rate-limit.ts';
import { AskedToWait, PassingFailure } from './tries.ts';

/** Limits of one request, in ms. A body that waits for its reader does not time out. */
export interface HubTimeouts {
  /** @default 10_000 */
  readonly connectMs?: number;
  /** From the request to the end of the headers. @default 30_000 */
  readonly headersMs?: number;
  /** Between two chunks of a body. @default 30_000 */
  readonly bodyMs?: number;
}

/** What a client has asked for so far. */
export interface HubStats {
  /** Every request, redirects and tries that failed included. */
  readonly requests: number;
  readonly bytesFetched: number;
}

export interface HubAnswer {
  /** 2xx, 3xx, or a 4xx that another try will not change. */
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Must be read to its end or destroyed. */
  readonly body: Dispatcher.ResponseData['body'];
}

const MAX_REDIRECTS = 5;
/** Of a body, before its socket is paused. Several reads of the socket: pausing it at each costs a quarter more CPU. */
const READ_AHEAD_BYTES = 256 * 1024;
const CERTIFICATE_ERROR = /CERT|TLS_CERT|UNABLE_TO_(?:GET|VERIFY)/;

/** Plain GETs over kept-alive connections. The token goes to the Hub's own origins only, never to where they redirect. */
export class HubHttp {
  readonly #agent: Agent;
  readonly #ownOrigins: ReadonlySet<string>;
  readonly #token: string | undefined;
  #requests = 0;
  #bytesFetched = 0;

  constructor(options: {
    ownOrigins: ReadonlySet<string>;
    token: string | undefined;
    connections: number;
    timeouts: HubTimeouts;
  }) {
    const { connectMs = 10_000, headersMs = 30_000, bodyMs = 30_000 } = options.timeouts;
    this.#ownOrigins = options.ownOrigins;
    this.#token = options.token;
    this.#agent = new Agent({
      connections: options.connections,
      pipelining: 1,
      allowH2: false, // large bodies side by side: a connection each beats streams that share one window
      connect: { timeout: connectMs },
      headersTimeout: headersMs,
      bodyTimeout: bodyMs,
      keepAliveTimeout: 30_000,
    });
  }

  stats(): HubStats {
    return { requests: this.#requests, bytesFetched: this.#bytesFetched };
  }

  isOwn(url: URL): boolean {
    return this.#ownOrigins.has(url.origin);
  }

  /** One request; a redirect is an answer. @throws {AskedToWait} 429 @throws {PassingFailure} network, time-out, 5xx */
  async get(url: URL, headers: Readonly<Record<string, string>> = {}): Promise<HubAnswer> {
    this.#requests++;
    const authorization: Record<string, string> =
      this.#token && this.isOwn(url) ? { authorization: `Bearer ${this.#token}` } : {};
    let answer: Dispatcher.ResponseData;
    try {
      answer = await request(url, {
        dispatcher: this.#agent,
        highWaterMark: READ_AHEAD_BYTES,
        headers: { 'accept-encoding': 'identity', 'user-agent': 'modomo-ingest', ...headers, ...authorization },
      });
    } catch (error) {
      throw networkFailure(error, url);
    }
    const { statusCode: status, body } = answer;
    body.on('error', ignore); // a body that is left early reports that as an error, to nobody
    if (status !== 429 && status !== 408 && (status < 500 || status === 501)) {
      return { status, headers: answer.headers, body };
    }
    await discard(body);
    const seconds = retryAfterSeconds(answer.headers, Date.now());
    if (status === 429) throw new AskedToWait(seconds);
    const said = (name: string): string | undefined => {
      const value = answer.headers[name];
      return typeof value === 'string' ? value.slice(0, 200) : undefined;
    };
    const code = said('x-error-code');
    const reason = code ?? said('x-error-message');
    throw new PassingFailure(`${url.host} answered ${status}${reason ? `: ${reason}` : ''}`, {
      waitSeconds: seconds,
      code,
    });
  }

  /** As `get`, to the end of the redirects. */
  async follow(
    url: URL,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<{ readonly answer: HubAnswer; readonly url: URL }> {
    let at = url;
    for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
      const answer = await this.get(at, headers);
      const { location } = answer.headers;
      if (answer.status < 301 || answer.status > 308 || typeof location !== 'string') return { answer, url: at };
      await discard(answer.body);
      const next = URL.parse(location, at.href);
      if (!next || (next.protocol !== 'https:' && next.protocol !== at.protocol)) {
        throw new BadInputError(`${at.host} redirects to an address that cannot be followed`);
      }
      at = next;
    }
    throw new BadInputError(`${url.host} redirects more than ${MAX_REDIRECTS} times`);
  }

  /** The chunks of a body as they arrive, counted. Leaving the loop ends the request. @throws {PassingFailure} */
  async *chunks(answer: HubAnswer): AsyncGenerator<Uint8Array, void, undefined> {
    const iterator: AsyncIterator<Uint8Array> = answer.body[Symbol.asyncIterator]();
    try {
      for (;;) {
        const next = await iterator.next().catch((error: unknown) => {
          throw new PassingFailure(`the body was cut: ${reasonOf(error)}`, { cause: error });
        });
        if (next.done) return;
        this.#bytesFetched += next.value.length;
        yield next.value;
      }
    } finally {
      answer.body.destroy();
    }
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }
}

/** Reads a short body away, so that its connection can be used again; a long one costs the connection. */
export async function discard(body: HubAnswer['body']): Promise<void> {
  await body.dump({ limit: 64 * 1024 }).catch(ignore);
}

function ignore(): void {}

function networkFailure(error: unknown, url: URL): Error {
  const reason = reasonOf(error);
  if (CERTIFICATE_ERROR.test(reason)) {
    return new ConfigError(`the certificate of ${url.host} is not trusted: ${reason}`, { cause: error });
  }
  return new PassingFailure(`no answer from ${url.host}: ${reason}`, { cause: error });
}

/** Code and message; neither holds a URL. */
function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const message = messageOf(error);
  return message.includes(code) ? message : `${code}: ${message}`;
}
