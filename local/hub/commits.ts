import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { revisionNotFound } from './hub-error.ts';
import { type HubSettings, SETTINGS_FILE } from './hub-settings.ts';
import { type RepoFile, readRepoFile, stampOf } from './repo-file.ts';
import type { Repository } from './repositories.ts';

/** What a revision of a repository holds. */
export interface Commit {
  /** Follows from paths and contents alone, so it is the same in every copy of the folder. */
  readonly sha: string;
  /** When the newest file was written. */
  readonly date: Date;
  /** By path, sorted. */
  readonly files: ReadonlyMap<string, RepoFile>;
  /** The git oid of each directory by its path, sorted; the root is not among them. */
  readonly directories: ReadonlyMap<string, string>;
}

export const CONVERTED_BRANCH = 'refs/convert/parquet';

/** Never part of a repository: our settings, a checkout's git, and what `hf download --local-dir` leaves. */
const NOT_SERVED = new Set([SETTINGS_FILE, '.git', '.cache']);
const FILES_AT_ONCE = 8;

/**
 * The commits of repositories that lie in folders. A branch is looked at anew at each request, and a file is hashed again
 * only when it changed. A commit that was seen is remembered: asking for it by its sha touches no disk.
 */
export class Commits {
  readonly #seen = new Map<string, Map<string, Commit>>();
  readonly #hashed = new Map<string, Promise<RepoFile>>();

  /**
   * @param revision - a branch, a tag, or the 40 digits of a commit
   * @throws {HubError} RevisionNotFound
   */
  async find(repo: Repository, revision: string): Promise<Commit> {
    const name = revision === 'HEAD' ? 'main' : revision;
    if (revisionsOf(repo).includes(name)) return this.#scan(repo, name);
    if (!/^[0-9a-f]{40}$/.test(revision)) throw revisionNotFound(revision);
    const seen = this.#seen.get(repo.folder)?.get(revision);
    if (seen) return seen;
    for (const branch of revisionsOf(repo)) {
      const commit = await this.#scan(repo, branch);
      if (commit.sha === revision) return commit;
    }
    throw revisionNotFound(revision);
  }

  async #scan(repo: Repository, branch: string): Promise<Commit> {
    const named = folders(repo.settings);
    const own = named.get(branch);
    const root = own === undefined ? repo.folder : join(repo.folder, own);
    const others = own === undefined ? [...named.values()].map((folder) => join(repo.folder, folder)) : [];
    const locations = await listFiles(root, new Set(others));
    const files: RepoFile[] = [];
    let newest = 0;
    for (let i = 0; i < locations.length; i += FILES_AT_ONCE) {
      const some = await Promise.all(locations.slice(i, i + FILES_AT_ONCE).map((each) => this.#read(root, each)));
      for (const { file, mtimeMs } of some) {
        files.push(file);
        newest = Math.max(newest, mtimeMs);
      }
    }
    const commit = toCommit(files, new Date(newest));
    const seen = this.#seen.get(repo.folder) ?? new Map<string, Commit>();
    this.#seen.set(repo.folder, seen.set(commit.sha, commit));
    return commit;
  }

  async #read(root: string, location: string): Promise<{ file: RepoFile; mtimeMs: number }> {
    const path = relative(root, location).split(sep).join('/');
    const stats = await stat(location, { bigint: true });
    const key = `${path}\n${location}`;
    const known = await this.#hashed.get(key);
    if (known?.stamp === stampOf(stats)) return { file: known, mtimeMs: Number(stats.mtimeMs) };
    const reading = readRepoFile(path, location);
    this.#hashed.set(key, reading);
    reading.catch(() => this.#hashed.delete(key));
    return { file: await reading, mtimeMs: Number(stats.mtimeMs) };
  }
}

/** Names of all branches and tags. */
export function revisionsOf({ settings }: Repository): readonly string[] {
  return [...new Set(['main', ...folders(settings).keys()])];
}

function folders({ revisions, converted }: HubSettings): Map<string, string> {
  const named = new Map(Object.entries(revisions));
  if (converted) named.set(CONVERTED_BRANCH, converted.folder);
  return named;
}

/** Links to files are followed, links to directories are not: they may go in circles. */
async function listFiles(folder: string, except: ReadonlySet<string>): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const location = join(folder, entry.name);
    if (NOT_SERVED.has(entry.name) || except.has(location)) continue;
    if (entry.isDirectory()) found.push(...(await listFiles(location, except)));
    else if (entry.isFile() || (await stat(location)).isFile()) found.push(location);
  }
  return found;
}

function toCommit(unsorted: readonly RepoFile[], date: Date): Commit {
  const files = unsorted.toSorted((a, b) => (a.path < b.path ? -1 : 1));
  const hashes = new Map<string, ReturnType<typeof createHash>>();
  const commit = createHash('sha1');
  for (const { path, oid } of files) {
    const line = `${oid} ${path}\n`;
    commit.update(line);
    for (let cut = path.lastIndexOf('/'); cut > 0; cut = path.lastIndexOf('/', cut - 1)) {
      const directory = path.slice(0, cut);
      hashes.set(directory, (hashes.get(directory) ?? createHash('sha1')).update(line));
    }
  }
  const directories = [...hashes].map(([path, hash]) => [path, hash.digest('hex')] as const);
  return {
    sha: commit.digest('hex'),
    date,
    files: new Map(files.map((file) => [file.path, file])),
    directories: new Map(directories.toSorted(([a], [b]) => (a < b ? -1 : 1))),
  };
}
