import type { ServerResponse } from 'node:http';
import { z } from 'zod';
import { receiveText } from './incoming-body.ts';
import { listObjectsV1, listObjectsV2 } from './list-objects.ts';
import type { ObjectFiles } from './object-files.ts';
import { noSuchBucket } from './s3-error.ts';
import type { S3Request } from './s3-request.ts';
import { sendXml } from './send-xml.ts';
import type { VerifiedRequest } from './signature.ts';
import { document, element, malformedXml, parseXml, text } from './xml.ts';

const Delete = z.object({
  Delete: z.object({
    Object: z
      .array(z.object({ Key: z.string().min(1) }))
      .min(1)
      .max(1000),
    Quiet: z.string().optional(),
  }),
});

export function listBuckets(files: ObjectFiles, res: ServerResponse): void {
  const created = new Date(0).toISOString();
  const buckets = files.buckets().map((name) => element('Bucket', text('Name', name), text('CreationDate', created)));
  sendXml(res, 200, document('ListAllMyBucketsResult', element('Buckets', ...buckets)));
}

/** GET of a bucket: a listing, or one of the few settings that clients ask for. */
export function getBucket(files: ObjectFiles, request: S3Request, region: string, res: ServerResponse): void {
  const { bucket, query } = request;
  if (!files.hasBucket(bucket)) throw noSuchBucket();
  if (query.has('location')) {
    // us-east-1 is the empty string, as it has been since there was no other.
    const value = region === 'us-east-1' ? '' : region;
    sendXml(res, 200, document('LocationConstraint', value));
  } else if (query.has('versioning')) {
    sendXml(res, 200, document('VersioningConfiguration'));
  } else {
    sendXml(res, 200, query.get('list-type') === '2' ? listObjectsV2(files, request) : listObjectsV1(files, request));
  }
}

export function headBucket(files: ObjectFiles, request: S3Request, region: string, res: ServerResponse): void {
  if (!files.hasBucket(request.bucket)) throw noSuchBucket();
  res.writeHead(200, { 'x-amz-bucket-region': region }).end();
}

export async function createBucket(
  files: ObjectFiles,
  request: S3Request,
  verified: VerifiedRequest,
  res: ServerResponse,
): Promise<void> {
  await receiveText(request, verified);
  files.createBucket(request.bucket);
  res.writeHead(200, { location: `/${request.bucket}`, 'content-length': 0 }).end();
}

export async function deleteObjects(
  files: ObjectFiles,
  request: S3Request,
  verified: VerifiedRequest,
  res: ServerResponse,
): Promise<void> {
  const parsed = Delete.safeParse(parseXml(await receiveText(request, verified)));
  if (!parsed.success) throw malformedXml();
  const keys = parsed.data.Delete.Object.map((object) => object.Key);
  for (const key of keys) files.remove(request.bucket, key);
  const quiet = parsed.data.Delete.Quiet?.trim() === 'true';
  sendXml(
    res,
    200,
    document('DeleteResult', ...(quiet ? [] : keys.map((key) => element('Deleted', text('Key', key))))),
  );
}
