import { open } from 'node:fs/promises';
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type RepoFile, stampOf } from './repo-file.ts';

/** Measured: server CPU per GB is a third less than with 64 KB. */
const CHUNK_BYTES = 1024 * 1024;

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

export interface SentContent {
  readonly sizeBytes: number;
  readonly etag: string;
  readonly headers: OutgoingHttpHeaders;
  /** Both ends included. */
  readonly read: (start: number, end: number) => Promise<Readable>;
}

/** Answers `GET` and `HEAD` with the content or the range of it that is asked for; conditions of RFC 9110, 13. */
export async function sendContent(req: IncomingMessage, res: ServerResponse, content: SentContent): Promise<void> {
  const { sizeBytes, etag } = content;
  const common = { ...content.headers, ETag: etag, 'Accept-Ranges': 'bytes' };
  if (req.headers['if-none-match']?.includes(etag)) {
    res.writeHead(304, common).end();
    return;
  }
  const ifRange = req.headers['if-range'];
  const asked = ifRange === undefined || ifRange === etag ? req.headers.range : undefined;
  const range = parseRange(asked, sizeBytes);
  if (range === 'unsatisfiable') {
    res.writeHead(416, { ...common, 'Content-Range': `bytes */${sizeBytes}`, 'Content-Length': 0 }).end();
    return;
  }
  const { start, end } = range ?? { start: 0, end: sizeBytes - 1 };
  const body = sizeBytes === 0 ? Readable.from([]) : await content.read(start, end);
  res.writeHead(range ? 206 : 200, {
    ...common,
    'Content-Length': end - start + 1,
    ...(range ? { 'Content-Range': `bytes ${start}-${end}/${sizeBytes}` } : {}),
  });
  if (req.method === 'HEAD') {
    body.destroy();
    res.end();
  } else {
    await pipeline(body, res);
  }
}

/**
 * Reads ranges of a file straight from the disk.
 * @param changed - makes the error for a file that is no longer the one that was hashed
 */
export function fileReader(file: RepoFile, changed: () => Error): SentContent['read'] {
  return async (start, end) => {
    const handle = await open(file.location).catch(() => undefined);
    if (!handle) throw changed();
    if (stampOf(await handle.stat({ bigint: true })) === file.stamp) {
      return handle.createReadStream({ start, end, highWaterMark: CHUNK_BYTES });
    }
    await handle.close();
    throw changed();
  };
}
