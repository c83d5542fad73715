import { behindKey, behindPrefix, compareKeys } from './key-order.ts';
import type { ObjectFiles } from './object-files.ts';
import type { ObjectInfo } from './object-info.ts';
import { invalidArgument, noSuchBucket } from './s3-error.ts';
import { queryInt, type S3Request } from './s3-request.ts';
import { document, element, text } from './xml.ts';

const MAX_KEYS = 1000;

interface Page {
  readonly objects: readonly ObjectInfo[];
  readonly commonPrefixes: readonly string[];
  /** The key or common prefix that came last. */
  readonly last: string | undefined;
  /** Where the next page starts; `undefined` when this is the last one. */
  readonly next: string | undefined;
}

/** ListObjectsV2 */
export function listObjectsV2(files: ObjectFiles, request: S3Request): string {
  const { query } = request;
  const token = query.get('continuation-token');
  const startAfter = query.get('start-after');
  const start = token === undefined ? startKey(startAfter, '') : readToken(token);
  const page = readPage(files, request, start);
  const encode = encoder(query);
  return document(
    'ListBucketResult',
    text('Name', request.bucket),
    text('Prefix', encode(query.get('prefix') ?? '')),
    text('Delimiter', encode(query.get('delimiter') || undefined)),
    text('MaxKeys', maxKeys(request)),
    text('KeyCount', page.objects.length + page.commonPrefixes.length),
    text('EncodingType', query.get('encoding-type')),
    text('StartAfter', encode(startAfter)),
    text('ContinuationToken', token),
    text('NextContinuationToken', page.next === undefined ? undefined : writeToken(page.next)),
    text('IsTruncated', page.next !== undefined),
    listEntries(page, encode),
  );
}

/** ListObjects, version 1 */
export function listObjectsV1(files: ObjectFiles, request: S3Request): string {
  const { query } = request;
  const marker = query.get('marker') ?? '';
  const delimiter = query.get('delimiter') || undefined;
  const page = readPage(files, request, startKey(marker, delimiter ?? ''));
  const encode = encoder(query);
  return document(
    'ListBucketResult',
    text('Name', request.bucket),
    text('Prefix', encode(query.get('prefix') ?? '')),
    text('Marker', encode(marker)),
    text('Delimiter', encode(delimiter)),
    text('MaxKeys', maxKeys(request)),
    text('EncodingType', query.get('encoding-type')),
    text('NextMarker', page.next === undefined ? undefined : encode(page.last)),
    text('IsTruncated', page.next !== undefined),
    listEntries(page, encode),
  );
}

function readPage(files: ObjectFiles, request: S3Request, start: string | undefined): Page {
  const { bucket, query } = request;
  if (!files.hasBucket(bucket)) throw noSuchBucket();
  const prefix = query.get('prefix') ?? '';
  const delimiter = query.get('delimiter') ?? '';
  const limit = maxKeys(request);
  const objects: ObjectInfo[] = [];
  const commonPrefixes: string[] = [];
  let last: string | undefined;
  let from = start !== undefined && compareKeys(start, prefix) < 0 ? prefix : start;
  if (from === undefined || limit === 0) return { objects, commonPrefixes, last, next: undefined };

  let keys = files.keys(bucket, from);
  for (let step = keys.next(); !step.done && step.value.startsWith(prefix); step = keys.next()) {
    if (objects.length + commonPrefixes.length === limit) return { objects, commonPrefixes, last, next: from };
    const key = step.value;
    const cut = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
    if (cut < 0) {
      from = behindKey(key);
      const found = files.find(bucket, key);
      if (!found) continue; // removed by hand since its folder was read
      objects.push(found.info);
      last = key;
    } else {
      last = key.slice(0, cut + delimiter.length);
      commonPrefixes.push(last);
      from = behindPrefix(last);
      if (from === undefined) break;
      keys = files.keys(bucket, from); // over all that the prefix stands for, unread
    }
  }
  return { objects, commonPrefixes, last, next: undefined };
}

/** Where to start behind a marker; one that is a common prefix stands for all keys below it. */
function startKey(marker: string | undefined, delimiter: string): string | undefined {
  if (!marker) return '';
  return delimiter !== '' && marker.endsWith(delimiter) ? behindPrefix(marker) : behindKey(marker);
}

function listEntries(page: Page, encode: Encoder): string {
  const contents = page.objects.map((info) =>
    element(
      'Contents',
      text('Key', encode(info.key)),
      text('LastModified', new Date(info.mtimeMs).toISOString()),
      text('ETag', `"${info.etag}"`),
      text('Size', info.sizeBytes),
      text('StorageClass', 'STANDARD'),
    ),
  );
  const prefixes = page.commonPrefixes.map((prefix) => element('CommonPrefixes', text('Prefix', encode(prefix))));
  return contents.concat(prefixes).join('');
}

type Encoder = (value: string | undefined) => string | undefined;

function encoder(query: ReadonlyMap<string, string>): Encoder {
  const type = query.get('encoding-type');
  if (type !== undefined && type !== 'url') throw invalidArgument('encoding-type must be "url"');
  return (value) => (type === 'url' && value !== undefined ? encodeURIComponent(value).replaceAll('%2F', '/') : value);
}

function maxKeys(request: S3Request): number {
  return queryInt(request, 'max-keys', MAX_KEYS, 0, MAX_KEYS);
}

function writeToken(key: string): string {
  return Buffer.from(key).toString('base64url');
}

function readToken(token: string): string {
  const key = Buffer.from(token, 'base64url').toString();
  if (writeToken(key) !== token) throw invalidArgument('The continuation token provided is incorrect');
  return key;
}
