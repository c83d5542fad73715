import { type FileHandle, open } from 'node:fs/promises';
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { type RepoFile, stampOf } from './repo-file.ts';

const CHUNK_BYTES = 512 * 1024;

/**
 * The bytes `[start, end]` that a `Range` header asks for, ends included. `undefined` when it asks for none, is malformed,
 * or asks for several, which servers may ignore (RFC 9110, 14.2).
 */
export function parseRange(
  header: string | undefined,
  sizeBytes: number,
): { start: number; end: number } | 'unsatisfiable' | undefined {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? [];
  if (first === '' && last === '') return undefined;
  const start = first === '' ? Math.max(0, sizeBytes - Number(last)) : Number(first);
  const end = first === '' || last === '' ? sizeBytes - 1 : Math.min(Number(last), sizeBytes - 1);
  if (first !== '' && last !== '' && Number(last) < start) return undefined;
  return start >= sizeBytes ? 'unsatisfiable' : { start, end };
}

/**
 * Answers with a file or the range of it that is asked for, straight from the disk.
 * @throws whatever `changed` makes, when the file is no longer the one that was hashed.
 */
export async function sendFile(
  req: IncomingMessage,
  res: ServerResponse,
  file: RepoFile,
  { etag, headers, changed }: { etag: string; headers: OutgoingHttpHeaders; changed: () => Error },
): Promise<void> {
  const common = { ...headers, ETag: etag, 'Accept-Ranges': 'bytes' };
  if (req.headers['if-none-match']?.includes(etag)) {
    res.writeHead(304, common).end();
    return;
  }
  const ifRange = req.headers['if-range'];
  const asked = ifRange === undefined || ifRange === etag ? req.headers.range : undefined;
  const range = parseRange(asked, file.sizeBytes);
  if (range === 'unsatisfiable') {
    res.writeHead(416, { ...common, 'Content-Range': `bytes */${file.sizeBytes}`, 'Content-Length': 0 }).end();
    return;
  }
  const { start, end } = range ?? { start: 0, end: file.sizeBytes - 1 };
  const handle = await openUnchanged(file, changed);
  res.writeHead(range ? 206 : 200, {
    ...common,
    'Content-Length': end - start + 1,
    ...(range ? { 'Content-Range': `bytes ${start}-${end}/${file.sizeBytes}` } : {}),
  });
  if (req.method === 'HEAD' || file.sizeBytes === 0) {
    await handle.close();
    res.end();
    return;
  }
  await pipeline(handle.createReadStream({ start, end, highWaterMark: CHUNK_BYTES }), res);
}

async function openUnchanged(file: RepoFile, changed: () => Error): Promise<FileHandle> {
  const handle = await open(file.location).catch(() => undefined);
  if (!handle) throw changed();
  const stats = await handle.stat({ bigint: true });
  if (stampOf(stats) === file.stamp) return handle;
  await handle.close();
  throw changed();
}
