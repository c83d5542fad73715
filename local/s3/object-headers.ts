import type { ObjectHeaders, ObjectInfo } from './object-info.ts';
import { S3Error } from './s3-error.ts';
import { header, type S3Request } from './s3-request.ts';

const KEPT = [
  'content-type',
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'expires',
];
const META_PREFIX = 'x-amz-meta-';
/** Bytes; R2's limit, S3's is 2 KB. */
const MAX_METADATA_BYTES = 8192;

/** What the request says of the object that it stores. @throws {S3Error} MetadataTooLarge */
export function readObjectHeaders(request: S3Request): ObjectHeaders {
  const headers: Record<string, string> = {};
  for (const name of KEPT) {
    const value = header(request, name);
    const kept = name === 'content-encoding' ? value?.replace(/aws-chunked,? */, '') : value;
    if (kept) headers[name] = kept;
  }
  const metadata: Record<string, string> = {};
  let bytes = 0;
  for (const name in request.message.headers) {
    if (!name.startsWith(META_PREFIX)) continue;
    const value = header(request, name) ?? '';
    bytes += name.length - META_PREFIX.length + value.length;
    metadata[name.slice(META_PREFIX.length)] = value;
  }
  if (bytes > MAX_METADATA_BYTES) {
    throw new S3Error(400, 'MetadataTooLarge', 'Your metadata headers exceed the maximum allowed metadata size');
  }
  return { headers, metadata };
}

/** The headers of an answer that describe an object; a presigned GET may override some. */
export function describeObject(info: ObjectInfo, request: S3Request): Record<string, string> {
  const described: Record<string, string> = {
    'content-type': 'binary/octet-stream',
    ...info.headers,
    etag: `"${info.etag}"`,
    'last-modified': new Date(info.mtimeMs).toUTCString(),
    'accept-ranges': 'bytes',
  };
  for (const [name, value] of Object.entries(info.metadata)) described[META_PREFIX + name] = value;
  for (const name of KEPT) {
    const override = request.query.get(`response-${name}`);
    if (override !== undefined) described[name] = override;
  }
  return described;
}

/** The checksums that were stored with an object, for one who asked for them. */
export function describeChecksums(info: Pick<ObjectInfo, 'checksums'>): Record<string, string> {
  const names = Object.keys(info.checksums);
  return names.length === 0 ? {} : { ...info.checksums, 'x-amz-checksum-type': 'FULL_OBJECT' };
}
