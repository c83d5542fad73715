import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { BadInputError, TransientError } from '../../../../lambdas/shared/errors.ts';
import { addFaults, requestsOf, startS3 } from '../../../local/s3/s3-fixture.ts';
import { keepLog, runBucket } from './storage-fixture.ts';

it('puts, gets and deletes text and bytes', async () => {
  const runs = runBucket(await startS3());
  expect(await runs.getText('a')).toBeUndefined();
  expect(await runs.getWithEtag('a')).toBeUndefined();
  await runs.put('a', 'größer', 'text/plain');
  expect(await runs.getText('a')).toBe('größer');
  await runs.put('a', new Uint8Array([104, 105]));
  expect(await runs.getText('a')).toBe('hi');
  await runs.delete('a');
  await runs.delete('a');
  expect(await runs.getText('a')).toBeUndefined();
});

it('reads exactly the bytes of a range', async () => {
  const runs = runBucket(await startS3());
  await runs.put('a', 'abcdef');
  expect(Buffer.from(await runs.getRange('a', 1, 4)).toString()).toBe('bcd');
  expect(await runs.getRange('a', 3, 3)).toHaveLength(0);
  await expect(runs.getRange('a', 4, 9)).rejects.toThrow(BadInputError);
  await expect(runs.getRange('a', 9, 12)).rejects.toThrow('shorter than 12 bytes');
  await expect(runs.getRange('b', 0, 1)).rejects.toThrow('does not exist');
});

it('writes only what is free or unchanged', async () => {
  const runs = runBucket(await startS3());
  expect(await runs.putIfUnchanged('lock', 'x', '"none"')).toBe(false);
  expect(await runs.putIfAbsent('lock', 'first')).toBe(true);
  expect(await runs.putIfAbsent('lock', 'first')).toBe(false); // the same text, but not from this call
  const held = await runs.getWithEtag('lock');
  expect(await runs.putIfUnchanged('lock', 'second', held?.etag ?? '')).toBe(true);
  expect(await runs.putIfUnchanged('lock', 'third', held?.etag ?? '')).toBe(false);
  expect(await runs.getText('lock')).toBe('second');
});

it('knows its own conditional write again when the answer was lost', async () => {
  const s3 = await startS3();
  const runs = runBucket(s3);
  const lost = { match: { method: 'PUT' }, times: 1, cutAfterBytes: 0 };
  await addFaults(s3, lost);
  expect(await runs.putIfAbsent('lock', 'mine')).toBe(true);
  const etag = (await runs.getWithEtag('lock'))?.etag ?? '';
  await addFaults(s3, lost);
  expect(await runs.putIfUnchanged('lock', 'mine again', etag)).toBe(true);
  await addFaults(s3, { ...lost, status: 503, cutAfterBytes: undefined });
  expect(await runs.putIfAbsent('lock', 'another')).toBe(false);
});

it('reads again when a body breaks off or is damaged, and gives up in the end', async () => {
  const s3 = await startS3();
  const log = keepLog();
  const runs = runBucket(s3, { log });
  await runs.put('a', 'abcdef'.repeat(100));
  await addFaults(
    s3,
    { match: { method: 'GET' }, times: 1, cutAfterBytes: 100 },
    { match: { method: 'GET' }, times: 1, corrupt: true },
  );
  expect(await runs.getText('a')).toBe('abcdef'.repeat(100));
  expect(log.lines.map(({ fields }) => fields?.key)).toEqual(['a', 'a']);
  await addFaults(s3, { match: { method: 'GET' }, cutAfterBytes: 100 });
  await expect(runs.getText('a')).rejects.toThrow(TransientError);
});

it.each([
  ['nothing', 0, 1],
  ['one part', 3, 1],
  ['several parts', 100_000, 4],
])('streams %s', async (_, lines, requests) => {
  const s3 = await startS3();
  const runs = runBucket(s3);
  async function* chunks(): AsyncGenerator<string | Uint8Array> {
    for (let i = 0; i < lines; i++) yield i % 1000 ? `line ${i} ${'x'.repeat(80)}\n` : Buffer.from(`line ${i}\n`);
  }
  await runs.putStream('big', chunks(), 'application/jsonl');
  expect(await requestsOf(s3)).toHaveLength(requests);
  let expected = '';
  for await (const chunk of chunks()) expected += String(chunk);
  expect((await runs.getText('big')) === expected).toBe(true);
});

it('leaves nothing behind when the source of a stream fails', async () => {
  const s3 = await startS3();
  const runs = runBucket(s3);
  async function* chunks(): AsyncGenerator<Uint8Array> {
    for (let i = 0; i < 20; i++) yield Buffer.alloc(1 << 20);
    throw new BadInputError('the source is bad');
  }
  await expect(runs.putStream('big', chunks())).rejects.toThrow(BadInputError);
  expect(await runs.getText('big')).toBeUndefined();
  expect((await requestsOf(s3)).some(({ method }) => method === 'DELETE')).toBe(true);
});

it('lists what lies below a prefix, over several pages', async () => {
  const s3 = await startS3();
  const runs = runBucket(s3);
  const keys = Array.from({ length: 1005 }, (_, i) => `runs/1/${String(i).padStart(6, '0')}.json`);
  await mkdir(join(s3.dataDir, 'runs/runs/1'), { recursive: true });
  await Promise.all([...keys, 'runs/2'].map((key) => writeFile(join(s3.dataDir, 'runs', key), '')));
  const listed: string[] = [];
  for await (const key of runs.list('runs/1/')) listed.push(key);
  expect(listed).toEqual(keys);
});

it('names a bucket that does not exist', async () => {
  const runs = runBucket(await startS3(), { bucket: 'missing-bucket' });
  const attempts = [
    () => runs.getText('a'),
    () => runs.put('a', ''),
    () => runs.putIfAbsent('a', ''),
    () => runs.getRange('a', 0, 1),
  ];
  for (const attempt of attempts) {
    await expect(attempt()).rejects.toMatchObject({
      name: 'ConfigError',
      message: expect.stringContaining('bucket "missing-bucket"'),
    });
  }
});
