import type { ObjectInfo } from './object-info.ts';
import { noSuchKey, notImplemented, preconditionFailed, S3Error } from './s3-error.ts';
import { header, type S3Request } from './s3-request.ts';

/** @throws {S3Error} PreconditionFailed, NoSuchKey, or NotModified (304) when a GET's conditions do not hold */
export function checkReadConditions(request: S3Request, info: ObjectInfo): void {
  const modified = Math.floor(info.mtimeMs / 1000) * 1000;
  const ifMatch = header(request, 'if-match');
  const unmodifiedSince = dateHeader(request, 'if-unmodified-since');
  if (ifMatch !== undefined) {
    if (!matches(ifMatch, info.etag)) throw preconditionFailed();
  } else if (unmodifiedSince !== undefined && modified > unmodifiedSince) {
    throw preconditionFailed();
  }
  const ifNoneMatch = header(request, 'if-none-match');
  const modifiedSince = dateHeader(request, 'if-modified-since');
  const unchanged =
    ifNoneMatch === undefined
      ? modifiedSince !== undefined && modified <= modifiedSince
      : matches(ifNoneMatch, info.etag);
  if (unchanged) throw new S3Error(304, 'NotModified', 'Not Modified', { etag: `"${info.etag}"` });
}

/** `current` is what lies under the key now. @throws {S3Error} PreconditionFailed, NoSuchKey, NotImplemented */
export function checkWriteConditions(request: S3Request, current: () => ObjectInfo | undefined): void {
  const ifNoneMatch = header(request, 'if-none-match');
  if (ifNoneMatch !== undefined) {
    if (ifNoneMatch !== '*') throw notImplemented('If-None-Match with an ETag on a write');
    if (current()) throw preconditionFailed();
  }
  const ifMatch = header(request, 'if-match');
  if (ifMatch !== undefined) {
    const info = current();
    if (!info) throw noSuchKey();
    if (!matches(ifMatch, info.etag)) throw preconditionFailed();
  }
}

function matches(list: string, etag: string): boolean {
  return list.split(',').some((item) => {
    const value = item.trim().replace(/^W\//, '').replace(/^"|"$/g, '');
    return value === '*' || value === etag;
  });
}

function dateHeader(request: S3Request, name: string): number | undefined {
  const time = Date.parse(header(request, name) ?? '');
  return Number.isNaN(time) ? undefined : time;
}
