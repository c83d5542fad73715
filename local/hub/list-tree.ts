import type { IncomingMessage } from 'node:http';
import { json, text } from 'node:stream/consumers';
import { z } from 'zod';
import type { Commit } from './commits.ts';
import { entryNotFound, HubError } from './hub-error.ts';
import type { RepoFile } from './repo-file.ts';

/** The Hub's own limits of a page. */
const PAGE_ENTRIES = 1000;
const EXPANDED_PAGE_ENTRIES = 50;

/**
 * `GET /api/datasets/{repo}/tree/{rev}[/{path}]`: directories first, then files, each by path; one page.
 * @param maxEntries - a smaller page than the Hub's
 * @returns the page, and the query of the next one if there is more
 * @throws {HubError} EntryNotFound
 */
export function listTree(
  commit: Commit,
  { path, revision, query, maxEntries }: { path: string; revision: string; query: URLSearchParams; maxEntries: number },
): { entries: object[]; next?: URLSearchParams } {
  if (path !== '' && !commit.directories.has(path)) {
    throw entryNotFound(`${path} does not exist on "${revision}"`, commit.sha);
  }
  const prefix = path === '' ? '' : `${path}/`;
  const recursive = isTrue(query.get('recursive'));
  const expand = isTrue(query.get('expand'));
  const here = (each: string) => each.startsWith(prefix) && (recursive || !each.includes('/', prefix.length));
  const paths = [...[...commit.directories.keys()].filter(here), ...[...commit.files.keys()].filter(here)];
  const limit = Math.min(
    expand ? EXPANDED_PAGE_ENTRIES : PAGE_ENTRIES,
    maxEntries,
    Number(query.get('limit')) || PAGE_ENTRIES,
  );
  const start = readCursor(query.get('cursor'));
  const entries = paths.slice(start, start + limit).flatMap((each) => describeEntry(commit, each, expand));
  if (start + limit >= paths.length) return { entries };
  const next = new URLSearchParams(query);
  next.set('cursor', Buffer.from(String(start + limit)).toString('base64url'));
  return { entries, next };
}

const PathsBody = z.object({
  paths: z.union([z.string(), z.array(z.string())]),
  expand: z.unknown().optional(),
});

/**
 * `POST /api/datasets/{repo}/paths-info/{rev}`, with a JSON body (`@huggingface/hub`) or a form (`huggingface_hub`).
 * Paths that do not exist are left out.
 * @throws {HubError} 400 for another body
 */
export async function describePaths(commit: Commit, req: IncomingMessage): Promise<object[]> {
  const body = PathsBody.safeParse(await readBody(req));
  if (!body.success) throw new HubError(400, undefined, 'the body must hold "paths"');
  const { paths, expand } = body.data;
  return [paths].flat().flatMap((path) => describeEntry(commit, path, isTrue(String(expand))));
}

async function readBody(req: IncomingMessage): Promise<unknown> {
  if (req.headers['content-type']?.startsWith('application/json')) return json(req).catch(() => undefined);
  const form = new URLSearchParams(await text(req));
  return { paths: form.getAll('paths'), expand: form.get('expand') };
}

function describeEntry(commit: Commit, path: string, expand: boolean): object[] {
  const last = { id: commit.sha, title: 'Upload dataset', date: commit.date.toISOString() };
  const more = expand ? { lastCommit: last } : {};
  const file = commit.files.get(path);
  if (file) return [{ ...describeFile(file), ...more }];
  const oid = commit.directories.get(path);
  return oid === undefined ? [] : [{ type: 'directory', oid, size: 0, path, ...more }];
}

function describeFile({ path, sizeBytes, oid, lfs }: RepoFile): object {
  const file = { type: 'file', oid, size: sizeBytes, path };
  return lfs ? { ...file, lfs: { oid: lfs.sha256, size: sizeBytes, pointerSize: lfs.pointer.length } } : file;
}

function readCursor(cursor: string | null): number {
  if (cursor === null) return 0;
  const start = Number(Buffer.from(cursor, 'base64url').toString());
  if (!Number.isSafeInteger(start) || start < 0) throw new HubError(400, undefined, 'Invalid cursor');
  return start;
}

/** Python's clients write `True`, JavaScript's `true`, old ones `1`. */
function isTrue(value: string | null): boolean {
  return value !== null && /^(true|1)$/i.test(value);
}
