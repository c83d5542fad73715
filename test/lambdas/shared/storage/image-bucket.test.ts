import { createHash, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HeadObjectCommand } from '@aws-sdk/client-s3';
import { expect, it } from 'vitest';
import { ConfigError, TransientError } from '../../../../lambdas/shared/errors.ts';
import { toStorageError } from '../../../../lambdas/shared/storage/storage-error.ts';
import type { FaultRule } from '../../../../local/stand-in/fault-rules.ts';
import { addFaults, BUCKET, connect, reportOf, requestsOf, startS3 } from '../../../local/s3/s3-fixture.ts';
import { imageBucket, keepLog } from './storage-fixture.ts';

const body = randomBytes(100_000);
const key = 'scenes/1/original.jpg';
const object = { key, body, contentType: 'image/jpeg', sha256: createHash('sha256').update(body).digest('hex') };
const put: FaultRule['match'] = { method: 'PUT' };

it('stores the bytes with their type and checksum, and deletes them', async () => {
  const s3 = await startS3();
  const images = imageBucket(s3);
  await images.put(object);
  expect(await readFile(join(s3.dataDir, BUCKET, key))).toEqual(body);
  expect(await connect(s3).send(new HeadObjectCommand({ Bucket: BUCKET, Key: key }))).toMatchObject({
    ContentType: 'image/jpeg',
    Metadata: { sha256: object.sha256 },
  });
  await images.delete(key);
  await images.delete(key);
  await expect(readFile(join(s3.dataDir, BUCKET, key))).rejects.toThrow('ENOENT');
});

it.each<[string, FaultRule, number[]]>([
  ['a 503', { match: put, times: 2, status: 503 }, [503, 503, 200]],
  ['a 429', { match: put, times: 1, status: 429 }, [429, 200]],
  ['bytes that were damaged on their way', { match: put, times: 1, corrupt: true }, [400, 200]],
  ['an answer that was lost', { match: put, times: 1, cutAfterBytes: 0 }, [200, 200]],
])('tries again after %s and logs each try with its key', async (_, fault, statuses) => {
  const s3 = await startS3();
  const log = keepLog();
  await addFaults(s3, fault);
  await imageBucket(s3, { log }).put(object);
  expect((await requestsOf(s3)).map(({ status }) => status)).toEqual(statuses);
  expect(await readFile(join(s3.dataDir, BUCKET, key))).toEqual(body);
  expect(log.lines).toHaveLength(statuses.length - 1);
  expect(log.lines[0]).toMatchObject({ message: 'bucket request failed', fields: { bucket: BUCKET, key } });
});

it('uploads over so many connections and no more, at once', async () => {
  const s3 = await startS3();
  await addFaults(s3, { match: put, delayMs: 50 });
  const images = imageBucket(s3, { maxSockets: 3 });
  await Promise.all(Array.from({ length: 12 }, (_, i) => images.put({ ...object, key: `scenes/${i}` })));
  expect((await reportOf(s3)).max_concurrent).toBe(3);
});

it('does not wait for an answer for ever', async () => {
  const s3 = await startS3();
  await addFaults(s3, { match: put, times: 1, delayMs: 60_000 });
  await imageBucket(s3, { answerTimeoutMs: 100 }).put(object);
  expect(await readFile(join(s3.dataDir, BUCKET, key))).toEqual(body);
});

it('gives up with the error whose retry policy fits', async () => {
  const s3 = await startS3();
  await addFaults(s3, { match: { path: '/gone' }, status: 500 });
  const images = imageBucket(s3, { maxAttempts: 2 });
  await expect(images.put({ ...object, key: 'gone' })).rejects.toThrow(TransientError);
  await addFaults(s3, { match: { path: '/busy' }, status: 429, headers: { 'retry-after': '1' } });
  await expect(images.put({ ...object, key: 'busy' })).rejects.toMatchObject({
    name: 'ThrottledError',
    retryAfterSeconds: 1,
  });
  await s3.close();
  await expect(images.put(object)).rejects.toThrow(TransientError);
});

it('says which bucket has a certificate that is not trusted', () => {
  const refused = Object.assign(new Error('self-signed certificate'), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
  const error = toStorageError(refused, BUCKET, `PUT ${key}`);
  expect(error).toBeInstanceOf(ConfigError);
  expect(error).toMatchObject({ message: expect.stringContaining('self-signed certificate') });
});

it.each([{ accessKeyId: 'wrong' }, { bucket: 'missing-bucket' }])(
  'names the bucket when it is refused: %o',
  async (wrong) => {
    const s3 = await startS3();
    const refused = imageBucket(s3, wrong).put(object);
    await expect(refused).rejects.toThrow(ConfigError);
    await expect(refused).rejects.toThrow(`bucket "${wrong.bucket ?? BUCKET}"`);
    expect(await requestsOf(s3)).toHaveLength(1); // asking again cannot help
  },
);
