import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import type { Commit } from './commits.ts';
import type { ContentNetwork } from './content-network.ts';
import { entryNotFound, revisionNotFound } from './hub-error.ts';
import { baseName, type RepoFile } from './repo-file.ts';
import { fileReader, sendContent } from './send-content.ts';

/**
 * `GET` and `HEAD /datasets/{repo}/resolve/{rev}/{path}`: a file in LFS is elsewhere (302, with size and hash of the file
 * in `X-Linked-*`), any other is answered here.
 * @throws {HubError} EntryNotFound; RevisionNotFound when the file on disk is no longer that commit's
 */
export async function resolveFile(
  req: IncomingMessage,
  res: ServerResponse,
  { commit, path, origin, content }: { commit: Commit; path: string; origin: string; content: ContentNetwork },
): Promise<void> {
  const file = commit.files.get(path);
  if (!file) throw entryNotFound('Entry not found', commit.sha);
  if (file.lfs) {
    const location = content.link(file, file.lfs.sha256, origin);
    const body = `Found. Redirecting to ${location}`;
    res.writeHead(302, {
      'Content-Type': 'text/plain; charset=utf-8',
      'Content-Length': Buffer.byteLength(body),
      'Accept-Ranges': 'bytes',
      'X-Repo-Commit': commit.sha,
      'X-Linked-Size': file.sizeBytes,
      'X-Linked-ETag': `"${file.lfs.sha256}"`,
      Location: location,
    });
    res.end(req.method === 'HEAD' ? undefined : body);
    return;
  }
  await sendContent(req, res, {
    sizeBytes: file.sizeBytes,
    etag: `"${file.oid}"`,
    headers: textHeaders(file, commit),
    read: fileReader(file, () => revisionNotFound(commit.sha)),
  });
}

/** `GET /datasets/{repo}/raw/{rev}/{path}`: the same, but of a file in LFS the pointer. */
export async function sendRaw(
  req: IncomingMessage,
  res: ServerResponse,
  target: { commit: Commit; path: string; origin: string; content: ContentNetwork },
): Promise<void> {
  const { commit, path } = target;
  const file = commit.files.get(path);
  if (!file?.lfs) return resolveFile(req, res, target);
  const pointer = Buffer.from(file.lfs.pointer);
  await sendContent(req, res, {
    sizeBytes: pointer.length,
    etag: `"${file.oid}"`,
    headers: textHeaders(file, commit),
    read: async (start, end) => Readable.from([pointer.subarray(start, end + 1)]),
  });
}

function textHeaders(file: RepoFile, { sha }: Commit): OutgoingHttpHeaders {
  return {
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Disposition': `inline; filename*=UTF-8''${encodeURIComponent(baseName(file))}`,
    'X-Repo-Commit': sha,
  };
}
