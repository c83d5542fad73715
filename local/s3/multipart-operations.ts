import { rm } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { z } from 'zod';
import { checkWriteConditions } from './conditions.ts';
import { receiveText } from './incoming-body.ts';
import type { MultipartUploads } from './multipart-uploads.ts';
import type { ObjectFiles } from './object-files.ts';
import { describeChecksums, readObjectHeaders } from './object-headers.ts';
import { receiveFile } from './receive-file.ts';
import { invalidArgument, noSuchBucket } from './s3-error.ts';
import { queryInt, type S3Request } from './s3-request.ts';
import { sendXml } from './send-xml.ts';
import type { VerifiedRequest } from './signature.ts';
import { document, element, malformedXml, parseXml, text } from './xml.ts';

const MAX_PART_NUMBER = 10_000;

const CompleteMultipartUpload = z.object({
  CompleteMultipartUpload: z.object({
    Part: z
      .array(z.object({ PartNumber: z.string().regex(/^\s*\d{1,5}\s*$/), ETag: z.string() }))
      .min(1)
      .max(MAX_PART_NUMBER),
  }),
});

/** What an upload became; a client whose answer was lost asks again. */
export interface CompletedUpload {
  readonly bucket: string;
  readonly key: string;
  readonly etag: string;
}

export interface MultipartDeps {
  readonly files: ObjectFiles;
  readonly uploads: MultipartUploads;
  /** By upload id; the most recent ones. */
  readonly completed: Map<string, CompletedUpload>;
}

const MAX_COMPLETED = 1000;

export async function createUpload(
  { files, uploads }: MultipartDeps,
  request: S3Request,
  res: ServerResponse,
): Promise<void> {
  const { bucket, key } = request;
  if (!files.hasBucket(bucket)) throw noSuchBucket();
  const id = await uploads.create({ bucket, key, ...readObjectHeaders(request) });
  const result = [text('Bucket', bucket), text('Key', key), text('UploadId', id)];
  sendXml(res, 200, document('InitiateMultipartUploadResult', ...result));
}

export async function uploadPart(
  { files, uploads }: MultipartDeps,
  request: S3Request,
  verified: VerifiedRequest,
  res: ServerResponse,
): Promise<void> {
  const id = request.query.get('uploadId') ?? '';
  const number = queryInt(request, 'partNumber', 0, 1, MAX_PART_NUMBER + 1);
  if (number < 1 || number > MAX_PART_NUMBER) throw invalidArgument('partNumber must be between 1 and 10000');
  uploads.target(id, request.bucket, request.key);
  const temporary = files.temporaryPath();
  const { md5, checksums } = await receiveFile(request, verified, temporary);
  try {
    await uploads.addPart(id, number, md5, temporary);
  } catch (error) {
    await rm(temporary, { force: true }); // when the upload was aborted meanwhile
    throw error;
  }
  res.writeHead(200, { etag: `"${md5}"`, ...describeChecksums({ checksums }), 'content-length': 0 }).end();
}

export async function completeUpload(
  { files, uploads, completed }: MultipartDeps,
  request: S3Request,
  verified: VerifiedRequest,
  res: ServerResponse,
): Promise<void> {
  const id = request.query.get('uploadId') ?? '';
  const { bucket, key } = request;
  const parsed = CompleteMultipartUpload.safeParse(parseXml(await receiveText(request, verified)));
  if (!parsed.success) throw malformedXml();
  const before = completed.get(id);
  if (before?.bucket === bucket && before.key === key) return sendCompleted(res, before);

  const { headers, metadata } = uploads.target(id, bucket, key);
  const listed = parsed.data.CompleteMultipartUpload.Part.map((part) => ({
    number: Number(part.PartNumber),
    etag: part.ETag.trim().replace(/^"|"$/g, ''),
  }));
  const temporary = files.temporaryPath();
  try {
    const etag = await uploads.join(id, listed, temporary);
    checkWriteConditions(request, () => files.find(bucket, key)?.info);
    files.commit(bucket, temporary, { key, etag, checksums: {}, headers, metadata });
    await uploads.remove(id);
    const result = { bucket, key, etag };
    completed.set(id, result);
    const [oldest] = completed.keys();
    if (completed.size > MAX_COMPLETED && oldest !== undefined) completed.delete(oldest);
    sendCompleted(res, result);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

export async function abortUpload({ uploads }: MultipartDeps, request: S3Request, res: ServerResponse): Promise<void> {
  const id = request.query.get('uploadId') ?? '';
  uploads.target(id, request.bucket, request.key);
  await uploads.remove(id);
  res.writeHead(204).end();
}

export function listParts({ uploads }: MultipartDeps, request: S3Request, res: ServerResponse): void {
  const { bucket, key, query } = request;
  const id = query.get('uploadId') ?? '';
  uploads.target(id, bucket, key);
  const marker = queryInt(request, 'part-number-marker', 0, 0, MAX_PART_NUMBER);
  const limit = queryInt(request, 'max-parts', 1000, 0, 1000);
  const rest = uploads.parts(id).filter((part) => part.number > marker);
  const parts = rest.slice(0, limit);
  sendXml(
    res,
    200,
    document(
      'ListPartsResult',
      text('Bucket', bucket),
      text('Key', key),
      text('UploadId', id),
      text('PartNumberMarker', marker),
      text('NextPartNumberMarker', parts.at(-1)?.number ?? 0),
      text('MaxParts', limit),
      text('IsTruncated', rest.length > parts.length),
      ...parts.map((part) =>
        element(
          'Part',
          text('PartNumber', part.number),
          text('LastModified', new Date(part.mtimeMs).toISOString()),
          text('ETag', `"${part.md5}"`),
          text('Size', part.sizeBytes),
        ),
      ),
    ),
  );
}

function sendCompleted(res: ServerResponse, { bucket, key, etag }: CompletedUpload): void {
  const result = [
    text('Location', `/${bucket}/${key}`),
    text('Bucket', bucket),
    text('Key', key),
    text('ETag', `"${etag}"`),
  ];
  sendXml(res, 200, document('CompleteMultipartUploadResult', ...result));
}
