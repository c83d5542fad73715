import type { IncomingMessage, ServerResponse } from 'node:http';
import { sendJson } from '../stand-in/http-stand-in.ts';
import { CONVERTED_BRANCH, type Commit, type Commits } from './commits.ts';
import type { ContentNetwork } from './content-network.ts';
import { convertedFiles, describeConversion, listParquet } from './converted-parquet.ts';
import { describeCommits, describeDataset, describeRefs } from './describe-dataset.ts';
import { entryNotFound, gatedRepo, HubError, repoNotFound } from './hub-error.ts';
import type { HubRequest } from './hub-request.ts';
import { describePaths, listTree } from './list-tree.ts';
import type { Repositories, Repository } from './repositories.ts';
import { resolveFile, sendRaw } from './resolve-file.ts';

export interface HubRoutesDeps {
  readonly repositories: Repositories;
  readonly commits: Commits;
  readonly content: ContentNetwork;
  readonly pageEntries: number;
}

/** What may follow a repository's id. */
const ROUTES = new Set('revision tree paths-info refs commits auth-check parquet resolve raw'.split(' '));

/**
 * Answers a request for a repository that lies in a folder.
 * @returns `false` when it is for anything else, which is left unanswered
 * @throws {HubError}
 */
export async function answerFromFolders(
  req: IncomingMessage,
  res: ServerResponse,
  asked: HubRequest,
  deps: HubRoutesDeps,
): Promise<boolean> {
  const { segments, query, token } = asked;
  if (isViewer(asked)) return answerViewer(res, asked, deps);
  const isApi = segments[0] === 'api';
  const [kind, namespace = '', name = '', ...rest] = isApi ? segments.slice(1) : segments;
  if (kind !== 'datasets') return false;
  const repo = await deps.repositories.find(`${namespace}/${name}`);
  if (!repo) {
    const id = name === '' || ROUTES.has(name) ? await deps.repositories.findCanonical(namespace) : undefined;
    if (id === undefined) return false;
    const rawRest = asked.pathname.split('/').slice(isApi ? 4 : 3);
    const location = [isApi ? '/api/datasets' : '/datasets', id, ...rawRest].join('/') + asked.search;
    sendJson(res, 307, { error: `Temporary Redirect. Redirecting to ${location}` }, { Location: location });
    return true;
  }
  checkVisible(repo, token);
  const [route = '', ...args] = rest;
  if (isApi && (route === '' || (route === 'revision' && args.length === 1))) {
    const commit = await deps.commits.find(repo, args[0] ?? 'main');
    sendJson(res, 200, await describeDataset(repo, commit, query));
  } else if (isApi) {
    await answerApi(req, res, { ...asked, repo, route, args }, deps);
  } else {
    await answerFile(req, res, { ...asked, repo, route, args }, deps);
  }
  return true;
}

interface RepoRequest extends HubRequest {
  readonly repo: Repository;
  readonly route: string;
  /** What follows the route. */
  readonly args: readonly string[];
}

async function answerApi(
  req: IncomingMessage,
  res: ServerResponse,
  asked: RepoRequest,
  deps: HubRoutesDeps,
): Promise<void> {
  const { repo, route, args, origin, query, token } = asked;
  const { commits } = deps;
  const [revision = 'main', ...path] = args;
  switch (`${req.method} ${route}`) {
    case 'GET tree': {
      const commit = await commits.find(repo, revision);
      const { entries, next } = listTree(commit, {
        path: path.join('/').replace(/\/+$/, ''),
        revision,
        query,
        maxEntries: deps.pageEntries,
      });
      const link = next && { Link: `<${origin}${asked.pathname}?${next}>; rel="next"` };
      return sendJson(res, 200, entries, link);
    }
    case 'POST paths-info':
      return sendJson(res, 200, await describePaths(await commits.find(repo, revision), req));
    case 'GET refs':
      return sendJson(res, 200, await describeRefs(repo, commits));
    case 'GET commits':
      return sendJson(res, 200, describeCommits(await commits.find(repo, revision)), { 'X-Total-Count': '1' });
    case 'GET auth-check':
      checkReadable(repo, token);
      return sendJson(res, 200, {});
    case 'GET parquet':
    case 'HEAD parquet':
      checkReadable(repo, token);
      return answerParquet(req, res, asked, deps);
    default:
      throw new HubError(404, undefined, `Cannot ${req.method} ${asked.pathname}`);
  }
}

async function answerParquet(
  req: IncomingMessage,
  res: ServerResponse,
  { repo, args: [config, split, name], origin }: RepoRequest,
  { commits, content }: HubRoutesDeps,
): Promise<void> {
  if (name === undefined) return sendJson(res, 200, await listParquet(repo, commits, { origin, config, split }));
  const files = await convertedFiles(repo, commits, config, split);
  const found = files[Number(/^(\d+)\.parquet$/.exec(name)?.[1] ?? Number.NaN)];
  if (!found) throw new HubError(404, 'EntryNotFound', `No parquet file ${name} of ${repo.id}`);
  const commit = await commits.find(repo, CONVERTED_BRANCH);
  await resolveFile(req, res, { commit, path: found.file.path, origin, content });
}

async function answerFile(
  req: IncomingMessage,
  res: ServerResponse,
  { repo, route, args, origin, token, pathname }: RepoRequest,
  { commits, content }: HubRoutesDeps,
): Promise<void> {
  if ((req.method !== 'GET' && req.method !== 'HEAD') || (route !== 'resolve' && route !== 'raw')) {
    throw new HubError(404, undefined, `Cannot ${req.method} ${pathname}`);
  }
  checkReadable(repo, token);
  const [revision = 'main', ...path] = args;
  const commit: Commit = await commits.find(repo, revision);
  if (path.length === 0) throw entryNotFound('Entry not found', commit.sha);
  await (route === 'raw' ? sendRaw : resolveFile)(req, res, { commit, path: path.join('/'), origin, content });
}

/** Is it for the dataset viewer, which on the real Hub has a host of its own? */
export function isViewer({ host, segments }: HubRequest): boolean {
  return segments[0] === 'datasets-server' || host.startsWith('datasets-server.');
}

async function answerViewer(
  res: ServerResponse,
  { segments, query, origin, token }: HubRequest,
  { repositories, commits }: HubRoutesDeps,
): Promise<boolean> {
  const dataset = query.get('dataset') ?? '';
  const id = dataset.includes('/') ? dataset : await repositories.findCanonical(dataset);
  const repo = id === undefined ? undefined : await repositories.find(id);
  if (!repo) return false;
  if (!mayRead(repo, token)) {
    throw token === undefined
      ? new HubError(401, 'ExternalUnauthenticatedError', 'The dataset does not exist, or needs authentication.')
      : new HubError(404, 'ExternalAuthenticatedError', 'The dataset does not exist, or the token gives no access.');
  }
  if (segments.at(-1) !== 'parquet') throw new HubError(404, 'ResponseNotFound', 'Not found.');
  const hub = origin.replace('://datasets-server.', '://');
  const { body, revision } = await describeConversion(repo, commits, { origin: hub, query });
  sendJson(res, 200, body, { 'X-Revision': revision });
  return true;
}

function accepted({ settings }: Repository, token: string | undefined): boolean {
  return token !== undefined && settings.acceptedTokens.includes(token);
}

function mayRead(repo: Repository, token: string | undefined): boolean {
  return accepted(repo, token) || (!repo.settings.private && repo.settings.gated === false);
}

function checkVisible(repo: Repository, token: string | undefined): void {
  if (repo.settings.private && !accepted(repo, token)) throw repoNotFound(token);
}

function checkReadable(repo: Repository, token: string | undefined): void {
  if (!mayRead(repo, token)) throw gatedRepo(repo.id, token);
}
