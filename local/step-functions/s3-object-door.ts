import { Readable } from 'node:stream';
import { GetObjectCommand, PutObjectCommand, paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';
import type { ListedObject, ObjectDoor } from '../states/object-door.ts';

/** Item readers and result writers on an S3 client. */
export function s3ObjectDoor(client: S3Client): ObjectDoor {
  return {
    async read(bucket, key, signal) {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }), { abortSignal: signal });
      if (Body instanceof Readable) return Body;
      throw new Error(`s3://${bucket}/${key} has no body`);
    },
    async *list(bucket, prefix, signal): AsyncIterable<ListedObject> {
      for await (const page of paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: prefix })) {
        signal.throwIfAborted();
        for (const { ETag = '', Key = '', LastModified, Size = 0, StorageClass = 'STANDARD' } of page.Contents ?? []) {
          const seconds = Math.floor((LastModified?.getTime() ?? 0) / 1000);
          yield { Etag: ETag, Key, LastModified: seconds, Size, StorageClass };
        }
      }
    },
    async write(bucket, key, body) {
      await client.send(
        new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ContentType: 'application/json' }),
      );
    },
  };
}
