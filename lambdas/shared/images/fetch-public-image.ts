import { setTimeout as sleep } from 'node:timers/promises';
import pLimit from 'p-limit';
import { Agent, type Dispatcher } from 'undici';
import { messageOf } from '../errors.ts';
import { RowError } from '../jobs/row-failure.ts';
import type { Log } from '../log.ts';
import { guardedConnector } from './guarded-connector.ts';
import { withoutSecrets } from './image-reference.ts';

const MAX_ATTEMPTS = 3;
/** A server may ask for a pause this long; for a longer one the row is given up. */
const MAX_PAUSE_MS = 60_000;
const CONNECT_TIMEOUT_MS = 10_000;
/** Names the product, as sites ask of automatic clients. Encodings are not asked for, so that nothing can inflate. */
const HEADERS = { 'user-agent': 'modomo-ingest/0.1', accept: 'image/*,*/*;q=0.5', 'accept-encoding': 'identity' };

export interface ImageFetcherOptions {
  /** `host:port` exempt from the rule of public addresses, for tests and stand-ins. @default none */
  readonly allowedHosts?: readonly string[];
  readonly maxBytes: number;
  /** For one attempt, from its first connection over all redirects to the last byte. */
  readonly timeoutMs: number;
  readonly maxRedirects: number;
  /** Downloads at once; the others wait. */
  readonly maxConcurrent: number;
  /** First pause before another attempt; it doubles. @default 500 */
  readonly retryDelayMs?: number;
  readonly log: Log;
}

export interface ImageFetcher {
  /**
   * Downloads an image that a row links to: http(s) only, from public addresses only, on every redirect too; without
   * cookies, credentials or tokens. Network failures, 429 and 5xx are tried three times in all.
   * @throws {RowError} `forbidden_address`, `missing_file` (404, 410), `too_many_bytes`, `bad_reference` (a redirect to
   * another scheme), `unreachable` (all else). @throws the signal's reason when the caller aborts.
   */
  fetchImage(url: URL, options?: { signal?: AbortSignal }): Promise<Uint8Array>;
  /** Closes the idle connections. */
  close(): Promise<void>;
}

/** A failure that another attempt may not meet. */
class PassingFailure extends Error {
  override readonly name = 'PassingFailure';
  /** What the server asked for; `undefined` when it did not say. */
  readonly pauseMs: number | undefined;

  constructor(message: string, options: ErrorOptions & { pauseMs?: number } = {}) {
    super(message, options);
    this.pauseMs = options.pauseMs;
  }
}

export function createImageFetcher(options: ImageFetcherOptions): ImageFetcher {
  const { allowedHosts, maxConcurrent, retryDelayMs = 500, log } = options;
  const agent = new Agent({ connect: guardedConnector({ allowedHosts, connectTimeoutMs: CONNECT_TIMEOUT_MS }) });
  const limit = pLimit(maxConcurrent);

  async function fetchWithRetries(url: URL, signal: AbortSignal | undefined): Promise<Uint8Array> {
    const shown = withoutSecrets(url.href);
    for (let attempt = 1; ; attempt += 1) {
      try {
        signal?.throwIfAborted();
        return await download(agent, url, options, signal);
      } catch (error) {
        if (!(error instanceof PassingFailure)) throw error;
        const pauseMs = error.pauseMs ?? retryDelayMs * 2 ** (attempt - 1) * (0.5 + Math.random());
        if (attempt === MAX_ATTEMPTS || pauseMs > MAX_PAUSE_MS) {
          throw new RowError('unreachable', `${shown}: ${error.message}`, { cause: error });
        }
        log.warn('image download failed, trying again', { url: shown, attempt, pauseMs, why: error.message });
        await sleep(pauseMs, undefined, { signal });
      }
    }
  }

  return {
    fetchImage: (url, { signal } = {}) => limit(() => fetchWithRetries(url, signal)),
    close: () => agent.close(),
  };
}

/** One attempt. @throws {PassingFailure} @throws {RowError} */
async function download(agent: Agent, start: URL, options: ImageFetcherOptions, outer?: AbortSignal): Promise<Buffer> {
  const timeout = AbortSignal.timeout(options.timeoutMs);
  const signal = outer ? AbortSignal.any([timeout, outer]) : timeout;
  try {
    let url = start;
    for (let redirects = 0; redirects <= options.maxRedirects; redirects += 1) {
      const response = await request(agent, url, signal);
      const target = redirectTarget(response, url);
      if (!target) return await readImage(response, url, options.maxBytes);
      discard(response.body);
      url = target;
    }
    throw new RowError('unreachable', `${withoutSecrets(start.href)}: more than ${options.maxRedirects} redirects`);
  } catch (error) {
    if (error instanceof RowError || error instanceof PassingFailure) throw error;
    outer?.throwIfAborted();
    if (timeout.aborted) throw new PassingFailure(`took longer than ${options.timeoutMs} ms`, { cause: error });
    throw networkFailure(error, start);
  }
}

function request(agent: Agent, url: URL, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw new RowError('bad_reference', `${withoutSecrets(url.href)}: only https:// and http:// are fetched`);
  }
  const path = `${url.pathname}${url.search}`;
  return agent.request({ origin: url.origin, path, method: 'GET', headers: HEADERS, signal });
}

/** `undefined` when the answer is no redirect. A user part of the target is dropped with the rest that is not sent. */
function redirectTarget({ statusCode, headers }: Dispatcher.ResponseData, base: URL): URL | undefined {
  if (![301, 302, 303, 307, 308].includes(statusCode) || typeof headers.location !== 'string') return undefined;
  const target = URL.parse(headers.location, base.href);
  if (target) return target;
  throw new RowError('unreachable', `${withoutSecrets(base.href)}: redirects to a malformed address`);
}

async function readImage(response: Dispatcher.ResponseData, url: URL, maxBytes: number): Promise<Buffer> {
  const { statusCode, headers, body } = response;
  const shown = withoutSecrets(url.href);
  if (statusCode < 200 || statusCode > 299) {
    discard(body);
    if (statusCode === 404 || statusCode === 410) throw new RowError('missing_file', `${shown}: status ${statusCode}`);
    if (statusCode === 408 || statusCode === 429 || statusCode >= 500) {
      throw new PassingFailure(`status ${statusCode}`, { pauseMs: retryAfterMs(headers['retry-after']) });
    }
    throw new RowError('unreachable', `${shown}: status ${statusCode}`);
  }
  const tooLarge = () => new RowError('too_many_bytes', `${shown}: more than the limit of ${maxBytes} bytes`);
  if (Number(headers['content-length'] ?? 0) > maxBytes) {
    discard(body);
    throw tooLarge();
  }
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of body) {
    sizeBytes += chunk.length;
    if (sizeBytes > maxBytes) throw tooLarge(); // leaving the loop closes the socket
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, sizeBytes);
}

/** Drains a short body, so that its connection can be used again, and closes a longer one. */
function discard(body: Dispatcher.ResponseData['body']): void {
  body.dump({ limit: 16_384 }).catch(() => {});
}

/** Seconds or an HTTP date (RFC 9110, 10.2.3). */
function retryAfterMs(header: string | string[] | undefined): number | undefined {
  if (typeof header !== 'string') return undefined;
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}

/** Errors of the network have a code; anything else is a mistake of ours, and passes as it is. */
function networkFailure(error: unknown, url: URL): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
  if (code === undefined) return error;
  const why = `${messageOf(error) || 'connection failed'} (${code})`;
  const isLasting = code === 'ENOTFOUND' || /CERT|SELF_SIGNED|^ERR_(?:TLS|SSL)|UNABLE_TO/.test(code);
  if (isLasting) return new RowError('unreachable', `${withoutSecrets(url.href)}: ${why}`, { cause: error });
  return new PassingFailure(why, { cause: error });
}
