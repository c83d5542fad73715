import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { parse as parseYaml } from 'yaml';
import { CONVERTED_BRANCH, type Commit, type Commits, revisionsOf } from './commits.ts';
import { HubError } from './hub-error.ts';
import type { RepoFile } from './repo-file.ts';
import type { Repository } from './repositories.ts';

/** What `expand` may name: the list of `HfApi.dataset_info`, and what `@huggingface/hub` asks for besides. */
const EXPANDABLE = new Set(
  (
    'author cardData citation createdAt disabled description downloads downloadsAllTime gated gitalyUid lastModified ' +
    'likes mainSize paperswithcode_id private resourceGroup sha siblings tags trendingScore usedStorage xetEnabled'
  ).split(' '),
);

/**
 * `GET /api/datasets/{repo}[/revision/{rev}]`. With `expand` it holds the ids and the fields that are named, else all;
 * with `blobs` the siblings have sizes and hashes.
 * @throws {HubError} 400 for a field that does not exist
 */
export async function describeDataset(repo: Repository, commit: Commit, query: URLSearchParams): Promise<object> {
  const expand = [...query.getAll('expand'), ...query.getAll('expand[]')];
  const unknown = expand.find((field) => !EXPANDABLE.has(field));
  if (unknown !== undefined) throw new HubError(400, undefined, `"expand" cannot be "${unknown}"`);
  const cardData = await readCard(commit);
  const files = [...commit.files.values()];
  const date = commit.date.toISOString();
  const ids = { _id: createHash('sha1').update(repo.id).digest('hex').slice(0, 24), id: repo.id };
  const fields = {
    author: repo.id.split('/')[0],
    sha: commit.sha,
    lastModified: date,
    createdAt: date,
    private: repo.settings.private,
    gated: repo.settings.gated,
    disabled: false,
    downloads: 0,
    downloadsAllTime: 0,
    likes: 0,
    trendingScore: 0,
    tags: tagsOf(cardData),
    usedStorage: files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    ...(cardData === undefined ? {} : { cardData }),
    siblings: files.map((file) => (query.has('blobs') ? describeSibling(file) : { rfilename: file.path })),
  };
  if (expand.length === 0) return { ...ids, ...fields };
  return { ...ids, ...Object.fromEntries(Object.entries(fields).filter(([field]) => expand.includes(field))) };
}

function describeSibling({ path, sizeBytes, oid, lfs }: RepoFile): object {
  const blob = { rfilename: path, size: sizeBytes, blobId: oid };
  return lfs ? { ...blob, lfs: { sha256: lfs.sha256, size: sizeBytes, pointerSize: lfs.pointer.length } } : blob;
}

/** `GET /api/datasets/{repo}/refs` */
export async function describeRefs(repo: Repository, commits: Commits): Promise<object> {
  const refs = await Promise.all(
    revisionsOf(repo).map(async (name) => ({
      name: name.replace(/^refs\/convert\//, ''),
      ref: name.startsWith('refs/') ? name : `refs/heads/${name}`,
      targetCommit: (await commits.find(repo, name)).sha,
    })),
  );
  return {
    branches: refs.filter(({ ref }) => ref.startsWith('refs/heads/')),
    converts: refs.filter(({ ref }) => ref === CONVERTED_BRANCH),
    tags: [],
    pullRequests: refs.filter(({ ref }) => ref.startsWith('refs/pr/')),
  };
}

/** `GET /api/datasets/{repo}/commits/{rev}`: a folder has one. */
export function describeCommits({ sha, date }: Commit): object[] {
  return [{ id: sha, title: 'Upload dataset', message: '', authors: [], date: date.toISOString() }];
}

/** The YAML that the README begins with. */
async function readCard({ files }: Commit): Promise<Record<string, unknown> | undefined> {
  const readme = files.get('README.md');
  if (!readme) return undefined;
  const [, yaml] = /^\ufeff?---\r?\n([\s\S]*?)\r?\n---(\r?\n|$)/.exec(await readFile(readme.location, 'utf8')) ?? [];
  if (yaml === undefined) return undefined;
  try {
    const card: unknown = parseYaml(yaml);
    return typeof card === 'object' && card !== null ? { ...card } : undefined;
  } catch {
    return undefined; // the Hub leaves out a card that it cannot read
  }
}

function tagsOf(card: Record<string, unknown> | undefined): unknown[] {
  const tags = Array.isArray(card?.tags) ? card.tags : [];
  return typeof card?.license === 'string' ? [...tags, `license:${card.license}`] : tags;
}
