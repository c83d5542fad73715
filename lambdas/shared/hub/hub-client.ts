import { setTimeout as wait } from 'node:timers/promises';
import { datasetInfo, listFiles } from '@huggingface/hub';
import { BadInputError, ConfigError, ThrottledError, TransientError } from '../errors.ts';
import { RowError } from '../jobs/row-failure.ts';
import type { Log } from '../log.ts';
import type { ByteSource } from './byte-source.ts';
import { DownloadSlots } from './download-slots.ts';
import { FileRequests, type HubFile } from './file-requests.ts';
import { type HubAnswer, HubHttp, type HubStats, type HubTimeouts } from './hub-http.ts';
import { isRepoId, isRepoPath, isRevision } from './hub-names.ts';
import { type Asked, HubRefusal, hubRefusal } from './hub-refusal.ts';
import { RangedFile } from './ranged-file.ts';
import { readBody, TooManyBytes } from './read-body.ts';
import { PauseGate, Tries } from './tries.ts';

export interface HubClientOptions {
  /** `https://huggingface.co`, or a stand-in's URL. */
  readonly endpoint: string;
  /** The datasets-server. @default the Hub's own; below another endpoint `{endpoint}/datasets-server` */
  readonly datasetsServer?: string;
  readonly token?: string;
  readonly log: Log;
  /** Requests under way at once, of every kind. */
  readonly maxConcurrent: number;
  /** A pause that the server asks for is waited for up to this; a longer one is a `ThrottledError`. @default 60 */
  readonly maxPauseSeconds?: number;
  readonly timeouts?: HubTimeouts;
  /** @default a timer */
  readonly sleep?: (ms: number) => Promise<void>;
}

/** A dataset at a commit. */
export interface DatasetHead {
  /** The full id, under its present name. */
  readonly repo: string;
  /** Commit, 40 hex digits. */
  readonly sha: string;
  readonly private: boolean;
  readonly gated: boolean;
}

export interface ListedFile {
  readonly path: string;
  readonly sizeBytes: number;
}

/** An answer of the datasets-server. */
export interface ViewerAnswer {
  readonly status: number;
  /** The commit that the answer belongs to (`X-Revision`). */
  readonly revision: string | undefined;
  /** JSON, unchecked; `undefined` when it is none. */
  readonly body: unknown;
}

/**
 * The Hub as the steps see it. Failures of the network, 5xx and time-outs are tried 3 times, a 429 is obeyed; every
 * method throws `BadInputError` (missing or refused, and what is needed), `ThrottledError` or `TransientError`.
 */
export interface HubClient {
  /** Without a slash at the end. */
  readonly endpoint: string;
  /** Pins a revision (default: the main branch) to its commit. */
  datasetInfo(dataset: { repo: string; revision?: string }): Promise<DatasetHead>;
  /** Every file of the repository at this commit, in the Hub's order. */
  listFiles(dataset: { repo: string; revision: string }): Promise<readonly ListedFile[]>;
  /** A text file of at most `maxBytes`. @throws {BadInputError} also when it is larger */
  readText(file: HubFile, maxBytes: number): Promise<string>;
  /**
   * An image that a row names by its path, in one request. @throws {RowError} `missing_file`, `too_many_bytes`,
   * `bad_reference` (the path leaves the repository), `unreachable` (the token may not read it)
   */
  readFile(file: HubFile, maxBytes: number): Promise<Uint8Array>;
  /** No request yet. */
  openFile(file: HubFile): ByteSource;
  /** `GET {datasets-server}/{path}?{query}`; any status that is not worth another try is an answer. */
  viewer(path: string, query: Readonly<Record<string, string>>): Promise<ViewerAnswer>;
  stats(): HubStats;
  /** Ends all connections. */
  close(): Promise<void>;
}

const HUB = 'https://huggingface.co';
const HUB_VIEWER = 'https://datasets-server.huggingface.co';
/** The largest page that the Hub's API sends is well below. */
const MAX_API_BYTES = 64 * 1024 * 1024;

/** @throws {ConfigError} for an endpoint that is no http(s) URL, or a token that cannot be sent. */
export function createHubClient(options: HubClientOptions): HubClient {
  const { token, log, maxConcurrent, maxPauseSeconds = 60, sleep = wait } = options;
  const endpoint = baseUrl(options.endpoint, 'Hub endpoint');
  const viewerBase = baseUrl(
    options.datasetsServer ?? (endpoint === HUB ? HUB_VIEWER : `${endpoint}/datasets-server`),
    'datasets-server URL',
  );
  if (token !== undefined && !/^[\x21-\x7e]+$/.test(token)) {
    throw new ConfigError('the Hugging Face token holds characters that no token has');
  }
  const http = new HubHttp({
    ownOrigins: new Set([new URL(endpoint).origin, new URL(viewerBase).origin]),
    token,
    connections: maxConcurrent,
    timeouts: options.timeouts ?? {},
  });
  const hub = { endpoint, hasToken: token !== undefined };
  const files = new FileRequests(http, hub);
  const slots = new DownloadSlots(maxConcurrent);
  const gate = new PauseGate();
  const tries = (what: string) =>
    new Tries(what, gate, { log, maxPauseSeconds, sleep: async (ms) => void (await sleep(ms)) });

  async function whole(what: string, maxBytes: number, open: () => Promise<HubAnswer>) {
    const attempts = tries(what);
    for (;;) {
      await gate.pass();
      const slot = await slots.acquire();
      try {
        const answer = await open();
        return { answer, bytes: await readBody(http, answer, maxBytes) };
      } catch (error) {
        slot.release();
        await attempts.failed(error);
      } finally {
        slot.release();
      }
    }
  }

  async function api(url: URL, headers?: Record<string, string>) {
    return whole(`GET ${url.pathname}`, MAX_API_BYTES, async () => (await http.follow(url, headers)).answer);
  }

  async function readWhole(file: HubFile, maxBytes: number): Promise<Uint8Array> {
    const { answer, bytes } = await whole(`read ${file.repo}/${file.path}`, maxBytes, () => files.get(file));
    if (answer.status !== 200) throw new BadInputError(`${file.path}: the server sent a part of it (${answer.status})`);
    return bytes;
  }

  /** Carries retries and limits for the library, which has none and drops the headers that they need. */
  function fetchFor(asked: Asked): typeof fetch {
    return async (input, init) => {
      const url = new URL(input instanceof Request ? input.url : input);
      const { answer, bytes } = await api(url, Object.fromEntries(new Headers(init?.headers)));
      if (answer.status >= 400) throw hubRefusal(answer.status, answer.headers, asked, hub);
      const headers = new Headers();
      for (const name of ['content-type', 'link']) {
        const value = answer.headers[name];
        if (typeof value === 'string') headers.set(name, value);
      }
      return new Response(bytes, { status: answer.status, headers });
    };
  }

  return {
    endpoint,
    async datasetInfo({ repo, revision = 'main' }) {
      if (!isRepoId(repo)) throw new BadInputError(`"${repo}" is not the name of a dataset`);
      if (!isRevision(revision)) throw new BadInputError(`"${revision}" is not the name of a revision`);
      const call = { name: repo, revision, hubUrl: endpoint, fetch: fetchFor({ repo, revision }) };
      const info = await datasetInfo({ ...call, additionalFields: ['sha'] }).catch(asBadAnswer(`dataset "${repo}"`));
      if (!isRepoId(info.name) || !/^[0-9a-f]{40}$/.test(info.sha)) {
        throw new BadInputError(`the Hub's answer about dataset "${repo}" has no id or commit`);
      }
      return { repo: info.name, sha: info.sha, private: info.private === true, gated: Boolean(info.gated) };
    },
    async listFiles({ repo, revision }) {
      const found: ListedFile[] = [];
      const entries = listFiles({
        repo: { type: 'dataset', name: repo },
        revision: encodeURIComponent(revision), // the library does not
        recursive: true,
        hubUrl: endpoint,
        fetch: fetchFor({ repo, revision }),
      });
      try {
        for await (const { type, path, size } of entries) {
          if (type === 'file' && isRepoPath(path)) found.push({ path, sizeBytes: size });
        }
      } catch (error) {
        return asBadAnswer(`the files of dataset "${repo}"`)(error);
      }
      return found;
    },
    async readText(file, maxBytes) {
      try {
        return new TextDecoder().decode(await readWhole(file, maxBytes));
      } catch (error) {
        if (error instanceof TooManyBytes) throw new BadInputError(`${file.repo}/${file.path} ${error.message}`);
        throw error;
      }
    },
    async readFile(file, maxBytes) {
      if (!isRepoPath(file.path)) throw new RowError('bad_reference', `"${file.path}" leaves the repository`);
      try {
        return await readWhole(file, maxBytes);
      } catch (error) {
        throw rowErrorOf(error, file);
      }
    },
    openFile: (file) => new RangedFile(file, { http, files, slots, gate: () => gate.pass(), tries }),
    async viewer(path, query) {
      const url = new URL(`${viewerBase}/${path}?${new URLSearchParams(query)}`);
      const { answer, bytes } = await api(url);
      const revision = answer.headers['x-revision'];
      return {
        status: answer.status,
        revision: typeof revision === 'string' ? revision : undefined,
        body: parseJson(bytes),
      };
    },
    stats: () => http.stats(),
    close: () => http.close(),
  };
}

function rowErrorOf(error: unknown, { path }: HubFile): unknown {
  if (error instanceof TooManyBytes) return new RowError('too_many_bytes', `${path} ${error.message}`);
  if (!(error instanceof HubRefusal)) return error;
  const reason = error.status === 404 || error.status === 410 ? 'missing_file' : 'unreachable';
  return new RowError(reason, error.message, { cause: error });
}

/** For what the library throws by itself: an answer that is no JSON, or of another shape. */
function asBadAnswer(what: string): (error: unknown) => never {
  return (error) => {
    const ours = [BadInputError, ConfigError, ThrottledError, TransientError].some((type) => error instanceof type);
    throw ours ? error : new TransientError(`the Hub's answer about ${what} cannot be read`, { cause: error });
  };
}

function baseUrl(text: string, what: string): string {
  const url = URL.parse(text);
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:') || url.username || url.search || url.hash) {
    throw new ConfigError(`the ${what} must be an http(s) URL, not "${text}"`);
  }
  return url.href.replace(/\/+$/, '');
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}
