import { S3Error } from './s3-error.ts';

/** Bytes `[start, end)` */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * What a Range header asks for; `undefined`, which means the whole, when there is none, when it is not of one range, or
 * when it is malformed (RFC 9110, 14.2). @throws {S3Error} InvalidRange
 */
export function parseRange(value: string | undefined, sizeBytes: number): ByteRange | undefined {
  const match = /^bytes=(?:(\d+)-(\d*)|-(\d+))$/.exec(value ?? '');
  if (!match) return undefined;
  const [, first, last, suffix] = match;
  const start = first === undefined ? Math.max(0, sizeBytes - Number(suffix)) : Number(first);
  const end = last ? Math.min(Number(last) + 1, sizeBytes) : sizeBytes;
  if (first !== undefined && last && Number(last) < start) return undefined;
  if (start >= sizeBytes) {
    throw new S3Error(416, 'InvalidRange', 'The requested range is not satisfiable', {
      'content-range': `bytes */${sizeBytes}`,
    });
  }
  return { start, end };
}
