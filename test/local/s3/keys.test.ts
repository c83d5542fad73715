import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve, sep } from 'node:path';
import {
  GetObjectCommand,
  ListObjectsCommand,
  type ListObjectsV2CommandInput,
  PutObjectCommand,
  paginateListObjectsV2,
  type S3Client,
} from '@aws-sdk/client-s3';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { behindPrefix, compareKeys } from '../../../local/s3/key-order.ts';
import { ObjectFiles } from '../../../local/s3/object-files.ts';
import { BUCKET, connect, startS3 } from './s3-fixture.ts';

const put = async (client: S3Client, keys: readonly string[]) => {
  for (const Key of keys) await client.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: `body of ${Key}` }));
};

async function list(client: S3Client, input: Partial<ListObjectsV2CommandInput> = {}, pageSize = 1000) {
  const entries: string[] = [];
  let pages = 0;
  for await (const page of paginateListObjectsV2({ client, pageSize }, { Bucket: BUCKET, ...input })) {
    pages += 1;
    expect(page.KeyCount).toBe((page.Contents?.length ?? 0) + (page.CommonPrefixes?.length ?? 0));
    entries.push(...(page.Contents ?? []).map(({ Key = '' }) => Key));
    entries.push(...(page.CommonPrefixes ?? []).map(({ Prefix = '' }) => Prefix));
  }
  return { entries, pages };
}

it('keeps hostile keys inside the folder and apart from each other', async () => {
  const s3 = await startS3();
  const client = connect(s3);
  const keys = [
    'a',
    'a/b', // below a key that is a file
    'c/d',
    'c', // a key that is a folder of others
    '../escape',
    'x/../../escape',
    '/leading',
    'trailing/',
    'x//y',
    './x',
    '..',
    'nul\u0000byte',
    `long/${'n'.repeat(300)}/x`,
    'é'.repeat(200),
    'back\\..\\..\\slash',
    '.s3/info',
    '__proto__',
  ];
  await put(client, keys);
  for (const Key of keys) {
    const got = await client.send(new GetObjectCommand({ Bucket: BUCKET, Key }));
    expect(await got.Body?.transformToString()).toBe(`body of ${Key}`);
  }
  expect((await readdir(s3.dataDir)).sort()).toEqual(['.s3', BUCKET, 'runs']);
  expect((await list(client, { EncodingType: 'url' })).entries.map(decodeURIComponent)).toEqual(
    keys.toSorted(compareKeys),
  );
  await expect(put(client, ['k'.repeat(1025)])).rejects.toMatchObject({ name: 'KeyTooLongError' });
});

it('lists in pages, below a prefix, behind a key and folded at a delimiter', async () => {
  const client = connect(await startS3());
  const keys = ['a.txt', 'a/1', 'a/2', 'a/b/1', 'a0', 'b/1', 'b/c/1', 'b/c/2', 'ü', '\u{1f600}', '\uffee'];
  await put(client, keys);
  const sorted = keys.toSorted((x, y) => Buffer.compare(Buffer.from(x), Buffer.from(y)));
  expect(await list(client)).toEqual({ entries: sorted, pages: 1 });
  expect(await list(client, {}, 2)).toEqual({ entries: sorted, pages: 6 });
  expect(await list(client, { Prefix: 'a' }, 1)).toEqual({ entries: ['a.txt', 'a/1', 'a/2', 'a/b/1', 'a0'], pages: 5 });
  expect((await list(client, { Prefix: 'a/', StartAfter: 'a/1' })).entries).toEqual(['a/2', 'a/b/1']);
  expect((await list(client, { Prefix: 'b/', Delimiter: '/' }, 1)).entries).toEqual(['b/1', 'b/c/']);
  expect((await list(client, { Delimiter: '/', Prefix: 'a' })).entries).toEqual(['a.txt', 'a0', 'a/']);
  expect((await list(client, { Prefix: 'nothing' })).entries).toEqual([]);

  const first = await client.send(new ListObjectsCommand({ Bucket: BUCKET, Delimiter: '/', MaxKeys: 2 }));
  expect(first).toMatchObject({ IsTruncated: true, NextMarker: 'a/' });
  const next = { Bucket: BUCKET, Delimiter: '/', MaxKeys: 2, Marker: first.NextMarker };
  expect(await client.send(new ListObjectsCommand(next))).toMatchObject({
    Contents: [{ Key: 'a0', Size: 10 }],
    CommonPrefixes: [{ Prefix: 'b/' }],
  });
});

it('pages through any set of keys without loss, in the order of UTF-8', async () => {
  const part = fc.string({
    unit: fc.constantFrom('a', 'b', '/', '.', '0', '\uffee', '\u{1f600}'),
    minLength: 1,
    maxLength: 6,
  });
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(part, { maxLength: 12 }), part, async (keys, from) => {
      const root = await mkdtemp(join(tmpdir(), 'modomo-s3-'));
      try {
        const files = new ObjectFiles(root);
        files.createBucket(BUCKET);
        for (const key of keys) {
          const path = files.temporaryPath();
          await writeFile(path, key);
          files.commit(BUCKET, path, { key, etag: '', checksums: {}, headers: {}, metadata: {} });
        }
        const byBytes = keys.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
        expect([...files.keys(BUCKET, '')]).toEqual(byBytes);
        expect([...new ObjectFiles(root).keys(BUCKET, from)]).toEqual(
          byBytes.filter((key) => compareKeys(key, from) >= 0),
        );
        for (const key of keys) {
          const found = files.find(BUCKET, key);
          expect(found?.info.sizeBytes).toBe(Buffer.byteLength(key));
          expect(resolve(found?.path ?? '').startsWith(root + sep)).toBe(true);
          files.remove(BUCKET, key);
        }
        expect([...files.keys(BUCKET, '')]).toEqual([]);
      } finally {
        await rm(root, { recursive: true });
      }
    }),
    { numRuns: 60 },
  );
});

it('finds the end of a prefix', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 1 }), fc.string({ unit: 'binary' }), (prefix, rest) => {
      const end = behindPrefix(prefix);
      return end === undefined || (compareKeys(prefix + rest, end) < 0 && compareKeys(prefix, end) < 0);
    }),
  );
});
