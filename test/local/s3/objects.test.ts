import { createHash, randomBytes } from 'node:crypto';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { connect as connectSocket } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import {
  ChecksumAlgorithm,
  CopyObjectCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { expect, it } from 'vitest';
import { BUCKET, connect, startS3 } from './s3-fixture.ts';

const md5 = (body: Uint8Array, encoding: 'hex' | 'base64' = 'hex') => createHash('md5').update(body).digest(encoding);

it('keeps bytes, type and metadata as a plain file and gives them back', async () => {
  const s3 = await startS3();
  const client = connect(s3);
  const Body = randomBytes(3_000_000);
  const object = { Bucket: BUCKET, Key: 'scenes/a b/ö+%41(1).jpg' };
  const put = await client.send(
    new PutObjectCommand({
      ...object,
      Body,
      ContentType: 'image/jpeg',
      CacheControl: 'no-store',
      Metadata: { sha256: 'x' },
    }),
  );
  expect(put.ETag).toBe(`"${md5(Body)}"`);
  expect(await readFile(join(s3.dataDir, BUCKET, object.Key))).toEqual(Body);
  const got = await client.send(new GetObjectCommand(object));
  expect(Buffer.from((await got.Body?.transformToByteArray()) ?? [])).toEqual(Body);
  expect(got).toMatchObject({
    ContentType: 'image/jpeg',
    CacheControl: 'no-store',
    Metadata: { sha256: 'x' },
    ETag: put.ETag,
  });
  expect(await client.send(new HeadObjectCommand(object))).toMatchObject({
    ContentLength: Body.length,
    ETag: put.ETag,
  });
});

it.each([
  ['bytes=2-4', 206, 'cde', 'bytes 2-4/10'],
  ['bytes=8-', 206, 'ij', 'bytes 8-9/10'],
  ['bytes=-3', 206, 'hij', 'bytes 7-9/10'],
  ['bytes=-30', 206, 'abcdefghij', 'bytes 0-9/10'],
  ['bytes=5-99', 206, 'fghij', 'bytes 5-9/10'],
  ['bytes=4-2', 200, 'abcdefghij', undefined],
  ['bytes=0-1,3-4', 200, 'abcdefghij', undefined],
])('answers the range %s with %i %s', async (Range, status, text, contentRange) => {
  const client = connect(await startS3());
  const object = { Bucket: BUCKET, Key: 'k' };
  await client.send(new PutObjectCommand({ ...object, Body: 'abcdefghij' }));
  const got = await client.send(new GetObjectCommand({ ...object, Range }));
  expect([got.$metadata.httpStatusCode, await got.Body?.transformToString(), got.ContentRange]).toEqual([
    status,
    text,
    contentRange,
  ]);
});

it('refuses a range behind the end, and any range of nothing', async () => {
  const client = connect(await startS3());
  await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'k', Body: 'abc' }));
  await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'empty', Body: '' }));
  for (const [Key, Range] of [
    ['k', 'bytes=3-'],
    ['k', 'bytes=-0'],
    ['empty', 'bytes=0-'],
  ]) {
    await expect(client.send(new GetObjectCommand({ Bucket: BUCKET, Key, Range }))).rejects.toMatchObject({
      name: 'InvalidRange',
      $metadata: { httpStatusCode: 416 },
    });
  }
});

it('holds conditions on writes and reads', async () => {
  const client = connect(await startS3());
  const object = { Bucket: BUCKET, Key: 'locks/1' };
  const put = (condition: { IfMatch?: string; IfNoneMatch?: string }, Body = 'x') =>
    client.send(new PutObjectCommand({ ...object, Body, ...condition }));
  await expect(put({ IfMatch: '"abc"' })).rejects.toMatchObject({ name: 'NoSuchKey' });
  const races = await Promise.allSettled(Array.from({ length: 8 }, (_, i) => put({ IfNoneMatch: '*' }, String(i))));
  expect(races.filter((race) => race.status === 'fulfilled')).toHaveLength(1);
  await expect(put({ IfNoneMatch: '*' })).rejects.toMatchObject({
    name: 'PreconditionFailed',
    $metadata: { httpStatusCode: 412 },
  });
  const { ETag } = await put({}, 'second');
  await expect(put({ IfMatch: '"abc"' })).rejects.toMatchObject({ name: 'PreconditionFailed' });
  await put({ IfMatch: ETag }, 'third');
  await expect(client.send(new GetObjectCommand({ ...object, IfMatch: ETag }))).rejects.toMatchObject({
    $metadata: { httpStatusCode: 412 },
  });
  const { ETag: now } = await client.send(new HeadObjectCommand(object));
  await expect(client.send(new GetObjectCommand({ ...object, IfNoneMatch: now }))).rejects.toMatchObject({
    $metadata: { httpStatusCode: 304 },
  });
});

it.each(Object.values(ChecksumAlgorithm).filter((name) => /^(CRC|SHA(1|256)$)/.test(name)))(
  'verifies %s in a header and in the trailer of a stream',
  async (ChecksumAlgorithm) => {
    const client = connect(await startS3());
    const Body = randomBytes(200_000);
    for (const [Key, body] of [
      ['whole', Body],
      ['streamed', Readable.from([Body.subarray(0, 70_000), Body.subarray(70_000)])],
    ] as const) {
      await client.send(
        new PutObjectCommand({ Bucket: BUCKET, Key, Body: body, ContentLength: Body.length, ChecksumAlgorithm }),
      );
      const got = await client.send(new GetObjectCommand({ Bucket: BUCKET, Key, ChecksumMode: 'ENABLED' }));
      expect(got).toHaveProperty(`Checksum${ChecksumAlgorithm}`);
      expect(got.ContentEncoding).toBeUndefined();
      expect(Buffer.from((await got.Body?.transformToByteArray()) ?? [])).toEqual(Body); // checked by the SDK too
    }
  },
);

it('stores nothing of a body that is not what its checksums say', async () => {
  const s3 = await startS3();
  const client = connect(s3);
  const object = { Bucket: BUCKET, Key: 'k', Body: 'right' };
  await client.send(new PutObjectCommand(object));
  for (const wrong of [
    { ContentMD5: md5(Buffer.from('wrong'), 'base64') },
    { ChecksumCRC32: 'AAAAAA==' },
    { ChecksumSHA256: createHash('sha256').update('wrong').digest('base64') },
  ]) {
    await expect(client.send(new PutObjectCommand({ ...object, Body: 'damaged', ...wrong }))).rejects.toMatchObject({
      name: 'BadDigest',
    });
  }
  await expect(client.send(new PutObjectCommand({ ...object, ContentMD5: 'AAAA' }))).rejects.toMatchObject({
    name: 'InvalidDigest',
  });
  const got = await client.send(new GetObjectCommand({ Bucket: BUCKET, Key: 'k' }));
  expect(await got.Body?.transformToString()).toBe('right');
  expect(await readdir(join(s3.dataDir, '.s3', 'tmp'))).toEqual([]);
});

it('stores nothing of an upload that is cut', async () => {
  const s3 = await startS3();
  const client = connect(s3);
  client.middlewareStack.add(
    (_next) => async (args) => {
      const request = args.request as { path: string; headers: Record<string, string> };
      const head = Object.entries(request.headers).map(([name, value]) => `${name}: ${value}\r\n`);
      await new Promise<void>((resolve) => {
        const socket = connectSocket(s3.port, '127.0.0.1', () =>
          socket.write(`PUT ${request.path} HTTP/1.1\r\n${head.join('')}\r\npart of it`, () =>
            setTimeout(() => socket.destroy(), 20),
          ),
        );
        socket.once('close', () => resolve());
      });
      throw new Error('cut');
    },
    { step: 'finalizeRequest', priority: 'low' },
  );
  const cut = client.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'cut', Body: Buffer.alloc(1000) }));
  await expect(cut).rejects.toThrow('cut');
  await expect.poll(() => readdir(join(s3.dataDir, '.s3', 'tmp'))).toEqual([]);
  expect(await readdir(join(s3.dataDir, BUCKET))).toEqual([]);
});

it('deletes one or many, and what is not there', async () => {
  const s3 = await startS3();
  const client = connect(s3);
  const keys = ['a/b/c', 'a/b/d', ' x&<1>\r', '0012'];
  for (const Key of keys) await client.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: Key }));
  await client.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: 'a/b/c' }));
  await client.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: 'a/b/c' }));
  const { Deleted } = await client.send(
    new DeleteObjectsCommand({ Bucket: BUCKET, Delete: { Objects: keys.map((Key) => ({ Key })) } }),
  );
  expect(Deleted?.map(({ Key }) => Key)).toEqual(keys);
  expect(await readdir(join(s3.dataDir, BUCKET))).toEqual([]); // empty folders go too
});

it('copies, and changes the metadata of an object in place', async () => {
  const client = connect(await startS3());
  await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'a b', Body: 'x', Metadata: { old: '1' } }));
  const CopySource = `${BUCKET}/a%20b`;
  await client.send(new CopyObjectCommand({ Bucket: 'runs', Key: 'copy', CopySource }));
  expect(await client.send(new HeadObjectCommand({ Bucket: 'runs', Key: 'copy' }))).toMatchObject({
    Metadata: { old: '1' },
  });
  await client.send(
    new CopyObjectCommand({
      Bucket: BUCKET,
      Key: 'a b',
      CopySource,
      MetadataDirective: 'REPLACE',
      Metadata: { now: '2' },
    }),
  );
  expect((await client.send(new HeadObjectCommand({ Bucket: BUCKET, Key: 'a b' }))).Metadata).toEqual({ now: '2' });
});

it('survives a restart, half-written leftovers and edits by hand', async () => {
  const first = await startS3();
  const hostile = '../up';
  for (const Key of ['plain', 'edited', hostile]) {
    await connect(first).send(
      new PutObjectCommand({ Bucket: BUCKET, Key, Body: Key, ContentType: 'text/x', Metadata: { key: Key } }),
    );
  }
  await first.close();
  await writeFile(join(first.dataDir, '.s3', 'tmp', 'half'), 'half an object');
  await writeFile(join(first.dataDir, BUCKET, 'edited'), 'by hand');
  await writeFile(join(first.dataDir, BUCKET, 'added'), 'by hand');
  const client = connect(await startS3(first.dataDir));
  const read = async (Key: string) => {
    const { ETag, ContentType, Metadata, Body } = await client.send(new GetObjectCommand({ Bucket: BUCKET, Key }));
    return { ETag, ContentType, Metadata, text: await Body?.transformToString() };
  };
  for (const key of ['plain', hostile]) {
    expect(await read(key)).toEqual({
      ETag: `"${md5(Buffer.from(key))}"`,
      ContentType: 'text/x',
      Metadata: { key },
      text: key,
    });
  }
  for (const key of ['edited', 'added']) {
    expect(await read(key)).toMatchObject({ ETag: `"${md5(Buffer.from('by hand'))}"`, text: 'by hand' });
  }
  expect(await readdir(join(first.dataDir, '.s3', 'tmp'))).toEqual([]);
  await rm(join(first.dataDir, BUCKET, 'added'));
  await expect(read('added')).rejects.toMatchObject({ name: 'NoSuchKey' });
});
