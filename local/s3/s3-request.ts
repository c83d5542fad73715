import type { IncomingMessage } from 'node:http';
import { S3Error } from './s3-error.ts';

/** A path-style request, taken apart. */
export interface S3Request {
  readonly message: IncomingMessage;
  readonly method: string;
  /** As it came, percent-encoded, without the query. */
  readonly rawPath: string;
  readonly query: ReadonlyMap<string, string>;
  /** Empty for the service itself. */
  readonly bucket: string;
  /** Empty for the bucket itself. */
  readonly key: string;
}

/** Bytes of UTF-8; S3 and R2 have the same limit. */
const MAX_KEY_BYTES = 1024;

/** @throws {S3Error} InvalidURI, KeyTooLongError */
export function parseRequest(message: IncomingMessage): S3Request {
  const url = message.url ?? '/';
  const mark = url.indexOf('?');
  const rawPath = mark < 0 ? url : url.slice(0, mark);
  const slash = rawPath.indexOf('/', 1);
  const bucket = decode(slash < 0 ? rawPath.slice(1) : rawPath.slice(1, slash));
  const key = slash < 0 ? '' : decode(rawPath.slice(slash + 1));
  if (Buffer.byteLength(key) > MAX_KEY_BYTES) {
    throw new S3Error(400, 'KeyTooLongError', `Your key is too long; the limit is ${MAX_KEY_BYTES} bytes`);
  }
  return {
    message,
    method: message.method ?? 'GET',
    rawPath,
    query: parseQuery(mark < 0 ? '' : url.slice(mark + 1)),
    bucket,
    key,
  };
}

export function header(request: S3Request, name: string): string | undefined {
  const value = request.message.headers[name];
  return Array.isArray(value) ? value.join(',') : value;
}

/** A whole number in the query or `fallback`. @throws {S3Error} InvalidArgument */
export function queryInt(request: S3Request, name: string, fallback: number, min: number, max: number): number {
  const value = request.query.get(name);
  if (value === undefined || value === '') return fallback;
  const number = Number(value);
  if (!Number.isInteger(number) || number < min) {
    throw new S3Error(400, 'InvalidArgument', `${name} must be an integer of at least ${min}, not "${value}"`);
  }
  return Math.min(number, max);
}

function parseQuery(raw: string): ReadonlyMap<string, string> {
  const query = new Map<string, string>();
  for (const pair of raw.split('&')) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const name = equals < 0 ? pair : pair.slice(0, equals);
    const value = equals < 0 ? '' : pair.slice(equals + 1);
    query.set(decode(name.replaceAll('+', ' ')), decode(value.replaceAll('+', ' ')));
  }
  return query;
}

function decode(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    throw new S3Error(400, 'InvalidURI', `"${value}" is not percent-encoded UTF-8`);
  }
}
