import { BadInputError } from '../errors.ts';
import { discard, type HubAnswer, type HubHttp } from './hub-http.ts';
import { isRepoPath } from './hub-names.ts';
import { type HubIdentity, hubRefusal } from './hub-refusal.ts';
import { PassingFailure } from './tries.ts';

/** A file of a dataset's repository. */
export interface HubFile {
  readonly repo: string;
  /** A commit, so that what is read belongs together. */
  readonly revision: string;
  /** Inside the repository, as listed (not encoded). */
  readonly path: string;
}

const MAX_LOCATIONS = 10_000;

/**
 * GETs of files. The Hub answers with a redirect to a signed URL of its storage, which is kept and asked directly until
 * it expires: the Hub counts these requests, the storage does not.
 */
export class FileRequests {
  readonly #http: HubHttp;
  readonly #hub: HubIdentity;
  readonly #locations = new Map<string, URL>();

  constructor(http: HubHttp, hub: HubIdentity) {
    this.#http = http;
    this.#hub = hub;
  }

  /**
   * A 200, 206 or 416.
   * @throws {BadInputError} for a path that leaves the repository, and when the Hub refuses
   * @throws {AskedToWait} @throws {PassingFailure}
   */
  async get(file: HubFile, headers: Readonly<Record<string, string>> = {}): Promise<HubAnswer> {
    const resolve = this.#resolveUrl(file);
    const known = this.#locations.get(resolve.href);
    if (known) {
      const answer = await this.#http.get(known, headers).catch((error: unknown) => {
        this.#locations.delete(resolve.href);
        throw error;
      });
      if (isUsable(answer)) return answer;
      await discard(answer.body); // expired, most likely
      this.#locations.delete(resolve.href);
    }
    const { answer, url } = await this.#http.follow(resolve, headers);
    if (isUsable(answer)) {
      if (url.href !== resolve.href) this.#remember(resolve.href, url);
      return answer;
    }
    await discard(answer.body);
    if (answer.status === 404 || this.#http.isOwn(url)) {
      throw hubRefusal(answer.status, answer.headers, file, this.#hub);
    }
    throw new PassingFailure(`the Hub's storage answered ${answer.status}`);
  }

  #resolveUrl({ repo, revision, path }: HubFile): URL {
    if (!isRepoPath(path)) throw new BadInputError(`"${path}" is not a path inside the repository of "${repo}"`);
    const encoded = path.split('/').map(encodeURIComponent).join('/');
    return new URL(`${this.#hub.endpoint}/datasets/${repo}/resolve/${encodeURIComponent(revision)}/${encoded}`);
  }

  #remember(key: string, url: URL): void {
    if (this.#locations.size >= MAX_LOCATIONS) this.#locations.clear();
    this.#locations.set(key, url);
  }
}

function isUsable({ status }: HubAnswer): boolean {
  return status === 200 || status === 206 || status === 416;
}
