import { Readable } from 'node:stream';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type PutObjectCommandInput,
  type S3Client,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { BadInputError, messageOf, TransientError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { RunBucket } from './object-store.ts';
import { createS3Client } from './s3-client.ts';
import { isSdkError, statusOf, toStorageError } from './storage-error.ts';

export interface RunBucketOptions {
  readonly bucket: string;
  readonly log: Log;
  /** @default one with the SDK's own credentials, region and endpoint (`AWS_ENDPOINT_URL_S3`, `AWS_ENDPOINT_URL`) */
  readonly client?: S3Client;
}

const MAX_SOCKETS = 32;
/** A body that breaks off or is damaged behind a good head is beyond the SDK's own retries. */
const BODY_TRIES = 3;
const PART_BYTES = 8 * 1024 * 1024;
/** Parts in memory at once while a stream is uploaded. */
const PARTS_AT_ONCE = 2;
/** Lines are gathered up to this many characters before they go to the uploader. */
const GATHER_CHARS = 64 * 1024;

export function createRunBucket({ bucket: Bucket, log, client = defaultClient(log) }: RunBucketOptions): RunBucket {
  async function read(key: string, range?: string): Promise<{ bytes: Uint8Array; etag: string } | undefined> {
    for (let tries = 1; ; tries++) {
      const answer = await open(key, range);
      try {
        return (
          answer && { bytes: (await answer.Body?.transformToByteArray()) ?? new Uint8Array(), etag: answer.ETag ?? '' }
        );
      } catch (error) {
        const reason = messageOf(error);
        if (tries === BODY_TRIES)
          throw new TransientError(`bucket "${Bucket}": GET ${key} broke off: ${reason}`, { cause: error });
        log.warn('bucket answer broke off', { bucket: Bucket, key, tries, reason });
      }
    }
  }

  async function open(key: string, range: string | undefined) {
    try {
      return await client.send(new GetObjectCommand({ Bucket, Key: key, Range: range }));
    } catch (error) {
      if (isSdkError(error) && error.name === 'NoSuchKey') return undefined;
      if (range && statusOf(error) === 416) return { Body: undefined, ETag: undefined }; // it begins behind the end
      throw toStorageError(error, Bucket, `GET ${key}`);
    }
  }

  async function readText(key: string): Promise<{ text: string; etag: string } | undefined> {
    const object = await read(key);
    return object && { text: Buffer.from(object.bytes).toString('utf8'), etag: object.etag };
  }

  async function put(input: Omit<PutObjectCommandInput, 'Bucket'>): Promise<void> {
    // The SDK takes an empty string for a stream of unknown length.
    const Body = typeof input.Body === 'string' ? Buffer.from(input.Body) : input.Body;
    await client.send(new PutObjectCommand({ Bucket, ...input, Body }));
  }

  /** `false` when the condition does not hold. */
  async function putIf(key: string, body: string, condition: Partial<PutObjectCommandInput>): Promise<boolean> {
    try {
      await put({ Key: key, Body: body, ...condition });
      return true;
    } catch (error) {
      const status = statusOf(error);
      if (status !== 412 && status !== 404) throw toStorageError(error, Bucket, `conditional PUT ${key}`);
      if (isSdkError(error) && error.name === 'NoSuchBucket') throw toStorageError(error, Bucket, `PUT ${key}`);
      // The answer to an earlier try may have been lost: then what stands in the way is our own.
      const attempts = isSdkError(error) ? (error.$metadata?.attempts ?? 1) : 1;
      return attempts > 1 && (await readText(key))?.text === body;
    }
  }

  return {
    getText: async (key) => (await readText(key))?.text,
    getWithEtag: readText,
    async getRange(key, start, end) {
      if (end <= start) return new Uint8Array();
      const object = await read(key, `bytes=${start}-${end - 1}`);
      if (object?.bytes.length === end - start) return object.bytes;
      const problem = object ? `is shorter than ${end} bytes` : 'does not exist';
      throw new BadInputError(`bucket "${Bucket}": ${key} ${problem}`);
    },
    async put(key, body, contentType) {
      await put({ Key: key, Body: body, ContentType: contentType }).catch((error) => {
        throw toStorageError(error, Bucket, `PUT ${key}`);
      });
    },
    putIfAbsent: (key, body) => putIf(key, body, { IfNoneMatch: '*' }),
    putIfUnchanged: (key, body, etag) => putIf(key, body, { IfMatch: etag }),
    async delete(key) {
      await client.send(new DeleteObjectCommand({ Bucket, Key: key })).catch((error) => {
        throw toStorageError(error, Bucket, `DELETE ${key}`);
      });
    },
    async putStream(key, chunks, contentType) {
      const params = { Bucket, Key: key, Body: Readable.from(gather(chunks)), ContentType: contentType };
      const upload = new Upload({ client, params, partSize: PART_BYTES, queueSize: PARTS_AT_ONCE });
      await upload.done().catch((error) => {
        throw toStorageError(error, Bucket, `PUT ${key}`);
      });
    },
    async *list(prefix) {
      let token: string | undefined;
      do {
        const command = new ListObjectsV2Command({ Bucket, Prefix: prefix, ContinuationToken: token });
        const page = await client.send(command).catch((error) => {
          throw toStorageError(error, Bucket, `list ${prefix}`);
        });
        for (const { Key } of page.Contents ?? []) if (Key !== undefined) yield Key;
        token = page.IsTruncated ? page.NextContinuationToken : undefined;
      } while (token !== undefined);
    },
  };
}

function defaultClient(log: Log): S3Client {
  // The SDK's own variables; it reads them by itself, but cannot tell from them how to address buckets.
  const endpoint = process.env.AWS_ENDPOINT_URL_S3 ?? process.env.AWS_ENDPOINT_URL;
  return createS3Client({ endpoint, maxSockets: MAX_SOCKETS, log });
}

async function* gather(chunks: AsyncIterable<string | Uint8Array>): AsyncGenerator<Buffer> {
  let text = '';
  for await (const chunk of chunks) {
    if (typeof chunk === 'string') text += chunk;
    if (text !== '' && (typeof chunk !== 'string' || text.length >= GATHER_CHARS)) {
      yield Buffer.from(text);
      text = '';
    }
    if (typeof chunk !== 'string' && chunk.length > 0) yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
  }
  if (text !== '') yield Buffer.from(text);
}
