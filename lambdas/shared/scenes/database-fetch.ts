import { setTimeout as sleep } from 'node:timers/promises';
import { BadInputError, ConfigError, messageOf, ThrottledError, TransientError } from '../errors.ts';
import { retryAfterSeconds } from '../hub/rate-limit.ts';
import type { Log } from '../log.ts';

const MAX_TRIES = 3;
/** A pause that the server asks for is waited for here up to so long; a longer one is the caller's. */
const MAX_PAUSE_SECONDS = 60;

/**
 * SQLSTATE classes that another try may not meet: connection, rollback (deadlock, serialization), resources,
 * intervention (57014 is the statement time-out), system; and locks that were not to be had.
 */
const PASSING_CODE = /^(08|40|53|57|58)|^55P03$/;
/** PostgREST cannot reach the database, or has no connection left. */
const PASSING_POSTGREST_CODE = /^PGRST00[0-3]$/;
/** A table, column or function that is not there, from Postgres and from PostgREST. */
const SCHEMA_CODE = /^(42P01|42703|42883|PGRST20[2-5])$/;

export interface DatabaseFetchOptions {
  readonly log: Log;
  /** For one try, to the last byte of the answer. */
  readonly timeoutMs: number;
  /** First pause before another try; it doubles. */
  readonly retryDelayMs: number;
  /** @default the global one */
  readonly fetch?: typeof fetch;
}

/**
 * A `fetch` for PostgREST that answers only with success. What may pass (network, time-out, 5xx, 429, deadlock, no
 * resources) is tried three times, with backoff or after the pause that the server asks for; supabase-js tries only
 * GETs again, and an rpc is a POST. Requests must be safe to repeat.
 *
 * The fetch throws {ThrottledError}, {TransientError}; {ConfigError} for a refused key or a schema that lacks the
 * migrations; {BadInputError} when the database refuses the data.
 */
export function databaseFetch(options: DatabaseFetchOptions): typeof fetch {
  return async (input, init) => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await fetchOnce(input, init, options);
      } catch (error) {
        const pauseMs = pauseBefore(error, attempt, options.retryDelayMs);
        const willTry = attempt < MAX_TRIES && pauseMs !== undefined;
        options.log.warn('database request failed', {
          request: new URL(input instanceof Request ? input.url : input).pathname,
          attempt,
          maxAttempts: MAX_TRIES,
          error: messageOf(error),
          ...(willTry ? { pauseMs } : {}),
        });
        if (!willTry) throw error;
        await sleep(pauseMs);
      }
    }
  };
}

/** In ms; `undefined` when another try cannot help, or must not come that soon. */
function pauseBefore(error: unknown, attempt: number, retryDelayMs: number): number | undefined {
  if (!(error instanceof TransientError || error instanceof ThrottledError)) return undefined;
  const asked = error instanceof ThrottledError ? (error.retryAfterSeconds ?? 0) : 0;
  if (asked > MAX_PAUSE_SECONDS) return undefined;
  return Math.max(asked * 1000, Math.round(retryDelayMs * 2 ** (attempt - 1) * (0.5 + Math.random())));
}

async function fetchOnce(
  input: Parameters<typeof fetch>[0],
  init: RequestInit | undefined,
  options: DatabaseFetchOptions,
): Promise<Response> {
  const timeout = AbortSignal.timeout(options.timeoutMs);
  const signal = init?.signal ? AbortSignal.any([init.signal, timeout]) : timeout;
  let response: Response;
  let body: string;
  try {
    response = await (options.fetch ?? fetch)(input, { ...init, signal });
    body = await response.text();
  } catch (error) {
    init?.signal?.throwIfAborted();
    if (timeout.aborted) throw new TransientError(`the database took longer than ${options.timeoutMs} ms`);
    throw new TransientError(`the database cannot be reached: ${networkMessage(error)}`, { cause: error });
  }
  if (!response.ok) throw refusal(response, body);
  return new Response(body === '' ? null : body, { status: response.status, headers: response.headers });
}

/** `fetch` says only "fetch failed"; the reason is its cause. */
function networkMessage(error: unknown): string {
  return error instanceof Error && error.cause !== undefined ? messageOf(error.cause) : messageOf(error);
}

function refusal({ status, headers }: Response, body: string): Error {
  const { code, message } = parseError(body);
  const said = `${message || 'no reason given'} (${code || `status ${status}`})`;
  if (status === 429 || (status === 503 && headers.has('retry-after'))) {
    const seconds = retryAfterSeconds(Object.fromEntries(headers), Date.now());
    return new ThrottledError(`the database asks for a pause: ${said}`, { retryAfterSeconds: seconds });
  }
  if (PASSING_CODE.test(code) || PASSING_POSTGREST_CODE.test(code) || status === 408) {
    return new TransientError(`the database failed: ${said}`);
  }
  if (SCHEMA_CODE.test(code)) {
    return new ConfigError(`the database lacks what the import needs; apply supabase/migrations to it: ${said}`);
  }
  if (status === 401 || status === 403) {
    return new ConfigError(`the database refused the service key, or it lacks rights: ${said}`);
  }
  if (status === 404) return new ConfigError(`there is no Supabase API at the configured URL: ${said}`);
  if (status >= 500 && !/^(22|23|54|P0)/.test(code)) return new TransientError(`the database failed: ${said}`);
  return new BadInputError(`the database refused the request: ${said}`);
}

function parseError(body: string): { code: string; message: string } {
  try {
    const parsed: unknown = JSON.parse(body);
    const fields = typeof parsed === 'object' && parsed !== null ? Object.entries(parsed) : [];
    const text = (key: string): string => {
      const value = fields.find(([name]) => name === key)?.[1];
      return typeof value === 'string' ? value : '';
    };
    return { code: text('code'), message: text('message').slice(0, 500) };
  } catch {
    return { code: '', message: '' }; // a gateway's page, not ours to repeat
  }
}
