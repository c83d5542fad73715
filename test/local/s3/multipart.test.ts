import { createHash, randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  ListPartsCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { expect, it } from 'vitest';
import { BUCKET, connect, startS3 } from './s3-fixture.ts';

const MB = 1 << 20;
const md5 = (body: Uint8Array) => createHash('md5').update(body);

it('puts together what the SDK uploads in parts from a stream', async () => {
  const s3 = await startS3();
  const client = connect(s3);
  const body = randomBytes(12 * MB + 7);
  const params = {
    Bucket: BUCKET,
    Key: 'big/file',
    Body: Readable.from([body.subarray(0, MB), body.subarray(MB)]),
    ContentType: 'x/y',
  };
  const { ETag } = await new Upload({ client, params, partSize: 5 * MB }).done();
  expect(ETag).toMatch(/^"[0-9a-f]{32}-3"$/);
  const got = await client.send(new GetObjectCommand({ Bucket: BUCKET, Key: 'big/file' }));
  expect(got).toMatchObject({ ContentLength: body.length, ContentType: 'x/y', ETag });
  expect(md5((await got.Body?.transformToByteArray()) ?? new Uint8Array()).digest('hex')).toBe(md5(body).digest('hex'));
  expect(await readdir(join(s3.dataDir, '.s3', 'uploads'))).toEqual([]);
});

it('goes on with an upload after a restart, replaces parts and refuses those that it does not have', async () => {
  const first = await startS3();
  const object = { Bucket: BUCKET, Key: 'k' };
  const { UploadId } = await connect(first).send(new CreateMultipartUploadCommand(object));
  const upload = { ...object, UploadId };
  const parts = [Buffer.alloc(5 * MB, 1), Buffer.from('last')];
  const send = (client: ReturnType<typeof connect>, PartNumber: number, Body: Buffer) =>
    client.send(new UploadPartCommand({ ...upload, PartNumber, Body }));
  await send(connect(first), 1, Buffer.alloc(5 * MB, 9));
  const one = await send(connect(first), 1, parts[0] ?? Buffer.alloc(0));
  await first.close();

  const client = connect(await startS3(first.dataDir));
  const two = await send(client, 2, parts[1] ?? Buffer.alloc(0));
  const listed = await client.send(new ListPartsCommand(upload));
  expect(listed.Parts?.map(({ PartNumber, ETag, Size }) => ({ PartNumber, ETag, Size }))).toEqual([
    { PartNumber: 1, ETag: one.ETag, Size: 5 * MB },
    { PartNumber: 2, ETag: two.ETag, Size: 4 },
  ]);
  const complete = (...Parts: { PartNumber: number; ETag: string | undefined }[]) =>
    client.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts } }));
  const [a, b] = [
    { PartNumber: 1, ETag: one.ETag },
    { PartNumber: 2, ETag: two.ETag },
  ];
  await expect(complete(b, a)).rejects.toMatchObject({ name: 'InvalidPartOrder' });
  await expect(complete({ ...a, ETag: two.ETag })).rejects.toMatchObject({ name: 'InvalidPart' });
  const done = await complete(a, b);
  expect(await complete(a, b)).toMatchObject({ ETag: done.ETag }); // the first answer may have been lost
  const digest = md5(Buffer.concat(parts.map((part) => md5(part).digest()))).digest('hex');
  expect(done.ETag).toBe(`"${digest}-2"`);
});

it('forgets an upload that was aborted, and knows no other', async () => {
  const client = connect(await startS3());
  const object = { Bucket: BUCKET, Key: 'k' };
  const { UploadId } = await client.send(new CreateMultipartUploadCommand(object));
  await client.send(new UploadPartCommand({ ...object, UploadId, PartNumber: 1, Body: 'x' }));
  await client.send(new AbortMultipartUploadCommand({ ...object, UploadId }));
  for (const id of [UploadId, '../../images', '0'.repeat(32)]) {
    await expect(
      client.send(new UploadPartCommand({ ...object, UploadId: id, PartNumber: 1, Body: 'x' })),
    ).rejects.toMatchObject({ name: 'NoSuchUpload' });
  }
});
