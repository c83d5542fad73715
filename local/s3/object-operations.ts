import { closeSync, constants, createReadStream, openSync, readSync } from 'node:fs';
import { copyFile, rm } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { parseRange } from './byte-range.ts';
import { checkReadConditions, checkWriteConditions } from './conditions.ts';
import type { FoundObject, ObjectFiles } from './object-files.ts';
import { describeChecksums, describeObject, readObjectHeaders } from './object-headers.ts';
import { receiveFile } from './receive-file.ts';
import { invalidArgument, noSuchBucket, noSuchKey, S3Error } from './s3-error.ts';
import { header, type S3Request } from './s3-request.ts';
import { sendXml } from './send-xml.ts';
import type { VerifiedRequest } from './signature.ts';
import { document, text } from './xml.ts';

/** Objects up to this size are answered with one read and one write. */
const READ_AT_ONCE_BYTES = 1 << 20;

export async function putObject(
  files: ObjectFiles,
  request: S3Request,
  verified: VerifiedRequest,
  res: ServerResponse,
): Promise<void> {
  const { bucket, key } = request;
  const current = () => files.find(bucket, key)?.info;
  if (!files.hasBucket(bucket)) throw noSuchBucket();
  checkWriteConditions(request, current); // before the body, to spare it
  const described = readObjectHeaders(request);
  const temporary = files.temporaryPath();
  const { md5, checksums } = await receiveFile(request, verified, temporary);
  try {
    checkWriteConditions(request, current);
    files.commit(bucket, temporary, { key, etag: md5, checksums, ...described });
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  res.writeHead(200, { etag: `"${md5}"`, ...describeChecksums({ checksums }), 'content-length': 0 }).end();
}

export async function getObject(files: ObjectFiles, request: S3Request, res: ServerResponse): Promise<void> {
  const { path, info } = findObject(files, request);
  checkReadConditions(request, info);
  const range = parseRange(header(request, 'range'), info.sizeBytes);
  const { start, end } = range ?? { start: 0, end: info.sizeBytes };
  const wantsChecksums = header(request, 'x-amz-checksum-mode')?.toUpperCase() === 'ENABLED' && !range;
  const headers: Record<string, string | number> = {
    ...describeObject(info, request),
    ...(wantsChecksums ? describeChecksums(info) : {}),
    'content-length': end - start,
  };
  if (range) headers['content-range'] = `bytes ${start}-${end - 1}/${info.sizeBytes}`;
  const status = range ? 206 : 200;
  if (request.method === 'HEAD') {
    res.writeHead(status, headers).end();
    return;
  }
  const fd = openSync(path, 'r'); // from here on a newer object under the key changes nothing for this answer
  if (end - start <= READ_AT_ONCE_BYTES) {
    const body = readAt(fd, start, end - start);
    res.writeHead(status, headers).end(body);
    return;
  }
  res.writeHead(status, headers);
  const stream = createReadStream(path, { fd, start, end: end - 1, highWaterMark: READ_AT_ONCE_BYTES });
  await pipeline(stream, res).catch(() => res.destroy()); // the client went away, or the disk failed under a sent head
}

export function deleteObject(files: ObjectFiles, request: S3Request, res: ServerResponse): void {
  checkWriteConditions(request, () => files.find(request.bucket, request.key)?.info);
  files.remove(request.bucket, request.key);
  res.writeHead(204).end();
}

/** Copies within this endpoint; onto itself with new metadata too, as rclone does to set a time. */
export async function copyObject(files: ObjectFiles, request: S3Request, res: ServerResponse): Promise<void> {
  const from = parseCopySource(header(request, 'x-amz-copy-source') ?? '');
  const source = files.find(from.bucket, from.key);
  if (!source) throw noSuchKey();
  if (!files.hasBucket(request.bucket)) throw noSuchBucket();
  const replace = header(request, 'x-amz-metadata-directive')?.toUpperCase() === 'REPLACE';
  if (!replace && from.bucket === request.bucket && from.key === request.key) {
    throw new S3Error(400, 'InvalidRequest', 'This copy request is illegal because it changes nothing.');
  }
  const sourceMatch = header(request, 'x-amz-copy-source-if-match')?.replaceAll('"', '');
  if (sourceMatch !== undefined && sourceMatch !== source.info.etag) {
    throw new S3Error(412, 'PreconditionFailed', 'The source has another ETag');
  }
  const temporary = files.temporaryPath();
  try {
    await copyFile(source.path, temporary, constants.COPYFILE_FICLONE);
    if (files.find(from.bucket, from.key)?.info.mtimeMs !== source.info.mtimeMs) {
      throw new S3Error(503, 'SlowDown', 'The source changed while it was copied; try again');
    }
    checkWriteConditions(request, () => files.find(request.bucket, request.key)?.info);
    const { headers, metadata } = replace ? readObjectHeaders(request) : source.info;
    const { etag, checksums } = source.info;
    const info = files.commit(request.bucket, temporary, { key: request.key, etag, checksums, headers, metadata });
    const lastModified = new Date(info.mtimeMs).toISOString();
    sendXml(res, 200, document('CopyObjectResult', text('LastModified', lastModified), text('ETag', `"${etag}"`)));
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

function findObject(files: ObjectFiles, { bucket, key }: S3Request): FoundObject {
  const found = files.find(bucket, key);
  if (!found) throw noSuchKey();
  return found;
}

function parseCopySource(value: string): { bucket: string; key: string } {
  const match = /^\/?([^/]+)\/(.+?)(?:\?versionId=.*)?$/s.exec(value);
  if (!match?.[1] || !match[2]) throw invalidArgument('x-amz-copy-source must be /bucket/key');
  return { bucket: decodeURIComponent(match[1]), key: decodeURIComponent(match[2]) };
}

function readAt(fd: number, start: number, length: number): Buffer {
  try {
    const body = Buffer.allocUnsafe(length);
    const read = readSync(fd, body, 0, length, start);
    if (read !== length) throw new Error(`the object's file has become shorter`);
    return body;
  } finally {
    closeSync(fd);
  }
}
