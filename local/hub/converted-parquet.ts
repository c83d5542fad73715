import { CONVERTED_BRANCH, type Commits } from './commits.ts';
import { HubError } from './hub-error.ts';
import { baseName, type RepoFile } from './repo-file.ts';
import type { Repository } from './repositories.ts';

/** A file of the branch `refs/convert/parquet`. */
export interface ConvertedFile {
  readonly config: string;
  readonly split: string;
  readonly file: RepoFile;
}

/** Files of the converted branch in order, those of `config` and `split` where these are given; none without conversion. */
export async function convertedFiles(
  repo: Repository,
  commits: Commits,
  config?: string | null,
  split?: string | null,
): Promise<ConvertedFile[]> {
  if (!repo.settings.converted) return [];
  const { files } = await commits.find(repo, CONVERTED_BRANCH);
  return [...files.values()].flatMap((file) => {
    const [, fileConfig = '', fileSplit = ''] =
      /^(.+)\/(?:partial-)?([^/]+?)(?:-part\d+)?\/[^/]+\.parquet$/.exec(file.path) ?? [];
    const asked = fileConfig !== '' && (config ?? fileConfig) === fileConfig && (split ?? fileSplit) === fileSplit;
    return asked ? [{ config: fileConfig, split: fileSplit, file }] : [];
  });
}

/**
 * `GET /api/datasets/{repo}/parquet[/{config}[/{split}]]`: links by config and split; each link leads to the file.
 * @throws {HubError} 404 when nothing was converted
 */
export async function listParquet(
  repo: Repository,
  commits: Commits,
  { origin, config, split }: { origin: string; config?: string | undefined; split?: string | undefined },
): Promise<object> {
  const files = await convertedFiles(repo, commits, config, split);
  if (files.length === 0) throw new HubError(404, 'EntryNotFound', `No parquet files of ${repo.id}`);
  const links: Record<string, Record<string, string[]>> = {};
  for (const each of files) {
    links[each.config] ??= {};
    const ofConfig = links[each.config] ?? {};
    ofConfig[each.split] ??= [];
    const ofSplit = ofConfig[each.split] ?? [];
    ofSplit.push(`${origin}/api/datasets/${repo.id}/parquet/${each.config}/${each.split}/${ofSplit.length}.parquet`);
  }
  const ofConfig = config === undefined ? undefined : links[config];
  return (split === undefined ? ofConfig : ofConfig?.[split]) ?? links;
}

/**
 * `GET /parquet?dataset=` of the dataset viewer, with the commit that was converted.
 * @throws {HubError} 404 ResponseNotFound when nothing was converted
 */
export async function describeConversion(
  repo: Repository,
  commits: Commits,
  { origin, query }: { origin: string; query: URLSearchParams },
): Promise<{ body: object; revision: string }> {
  const { converted } = repo.settings;
  if (!converted) throw new HubError(404, 'ResponseNotFound', 'Not found.');
  const { revision = (await commits.find(repo, 'main')).sha, partial, pending, failed } = converted;
  const files = await convertedFiles(repo, commits, query.get('config'), query.get('split'));
  const job = (config: string) => ({ kind: 'config-parquet', dataset: repo.id, config, split: null });
  const body = {
    parquet_files: files.map(({ config, split, file }) => ({
      dataset: repo.id,
      config,
      split,
      url: `${origin}/datasets/${repo.id}/resolve/${encodeURIComponent(CONVERTED_BRANCH)}/${file.path}`,
      filename: baseName(file),
      size: file.sizeBytes,
    })),
    pending: pending.map(job),
    failed: failed.map((config) => ({ ...job(config), error: { error: 'The conversion failed.' } })),
    partial,
  };
  return { body, revision };
}
