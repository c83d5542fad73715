import { createHash } from 'node:crypto';
import { closeSync, openSync, readFileSync, readSync, type Stats } from 'node:fs';

/** What a client said of an object when it stored it. */
export interface ObjectHeaders {
  /** Content-Type, Cache-Control … in lower case */
  readonly headers: Readonly<Record<string, string>>;
  /** User metadata without the `x-amz-meta-` prefix */
  readonly metadata: Readonly<Record<string, string>>;
}

/** What is kept beside an object's bytes. */
export interface ObjectInfo extends ObjectHeaders {
  readonly key: string;
  readonly sizeBytes: number;
  /** Milliseconds since 1970. With the size it tells whether this still describes the file. */
  readonly mtimeMs: number;
  /** Without quotes: the MD5 in hex, or `{md5 of the parts' md5s}-{parts}` */
  readonly etag: string;
  readonly checksums: Readonly<Record<string, string>>;
}

/** `undefined` when there is none or it was cut off by a crash. */
export function readInfo(path: string): ObjectInfo | undefined {
  try {
    const info: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return isObjectInfo(info) ? info : undefined;
  } catch {
    return undefined;
  }
}

/** Describes a file that was changed or put there by hand. */
export function deriveInfo(key: string, path: string, stat: Stats, old: ObjectInfo | undefined): ObjectInfo {
  return {
    key,
    sizeBytes: stat.size,
    mtimeMs: stat.mtimeMs,
    etag: md5OfFile(path),
    headers: old?.headers ?? {},
    metadata: old?.metadata ?? {},
    checksums: {},
  };
}

function isObjectInfo(value: unknown): value is ObjectInfo {
  if (typeof value !== 'object' || value === null) return false;
  const { key, sizeBytes, mtimeMs, etag, headers, metadata, checksums } = value as Record<string, unknown>;
  return (
    typeof key === 'string' &&
    typeof sizeBytes === 'number' &&
    typeof mtimeMs === 'number' &&
    typeof etag === 'string' &&
    [headers, metadata, checksums].every((part) => typeof part === 'object' && part !== null)
  );
}

function md5OfFile(path: string): string {
  const md5 = createHash('md5');
  const buffer = Buffer.allocUnsafe(1 << 20);
  const fd = openSync(path, 'r');
  try {
    for (let read = readSync(fd, buffer); read > 0; read = readSync(fd, buffer)) md5.update(buffer.subarray(0, read));
  } finally {
    closeSync(fd);
  }
  return md5.digest('hex');
}
