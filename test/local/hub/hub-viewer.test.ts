import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { bytes, startHub } from './start-hub.ts';

const CONVERTED = {
  'a/b/images/1.txt': 'one',
  'a/b/c/default/train/0000.parquet': bytes(100, 1),
  'a/b/c/default/train/0001.parquet': bytes(100, 2),
  'a/b/c/other/partial-test/0000.parquet': bytes(100, 3),
};
const Answer = z.object({
  partial: z.boolean(),
  pending: z.array(z.object({ config: z.string() })),
  failed: z.array(z.object({ config: z.string() })),
  parquet_files: z.array(z.object({ config: z.string(), split: z.string(), url: z.string(), size: z.number() })),
});

async function view(
  settings: object,
): Promise<{ url: string; answer: z.infer<typeof Answer>; revision: string | null }> {
  const { url } = await startHub({ ...CONVERTED, 'a/b/.hub.json': JSON.stringify(settings) });
  const response = await fetch(`${url}/datasets-server/parquet?dataset=a/b`);
  return { url, answer: Answer.parse(await response.json()), revision: response.headers.get('x-revision') };
}

async function mainSha(url: string): Promise<string> {
  const info = await (await fetch(`${url}/api/datasets/a/b`)).json();
  return z.object({ sha: z.string() }).parse(info).sha;
}

describe('converted parquet', () => {
  it('is listed by the viewer, for the commit that main is', async () => {
    const { url, answer, revision } = await view({ converted: { folder: 'c' } });
    expect(revision).toBe(await mainSha(url));
    expect(answer).toMatchObject({ partial: false, pending: [], failed: [] });
    expect(answer.parquet_files.map(({ config, split, size }) => [config, split, size])).toEqual([
      ['default', 'train', 100],
      ['default', 'train', 100],
      ['other', 'test', 100],
    ]);
    const contents = await Promise.all(answer.parquet_files.map(async (file) => (await fetch(file.url)).bytes()));
    expect(contents).toEqual([bytes(100, 1), bytes(100, 2), bytes(100, 3)]);
  });

  it('is told to be of an older commit, partial, pending or failed', async () => {
    const old = 'c'.repeat(40);
    const converted = { folder: 'c', revision: old, partial: true, pending: ['x'], failed: ['y'] };
    const { answer, revision } = await view({ converted });
    expect(revision).toBe(old);
    expect(answer).toMatchObject({ partial: true, pending: [{ config: 'x' }], failed: [{ config: 'y' }] });
  });

  it('is listed by the Hub, whose links lead to the files', async () => {
    const { url } = await view({ converted: { folder: 'c' } });
    const list = async (path: string) => (await fetch(`${url}/api/datasets/a/b/parquet${path}`)).json();
    const train = [0, 1].map((n) => `${url}/api/datasets/a/b/parquet/default/train/${n}.parquet`);
    const test = [`${url}/api/datasets/a/b/parquet/other/test/0.parquet`];
    expect(await list('')).toEqual({ default: { train }, other: { test } });
    expect(await list('/default')).toEqual({ train });
    expect(await list('/other/test')).toEqual(test);
    expect(await (await fetch(train[1] ?? '')).bytes()).toEqual(bytes(100, 2));
  });

  it('is not there without a conversion', async () => {
    const { url } = await startHub(CONVERTED);
    const viewer = await fetch(`${url}/datasets-server/parquet?dataset=a/b`);
    expect([viewer.status, viewer.headers.get('x-error-code')]).toEqual([404, 'ResponseNotFound']);
    expect((await fetch(`${url}/api/datasets/a/b/parquet`)).status).toBe(404);
    expect((await fetch(`${url}/datasets-server/parquet?dataset=no/where`)).status).toBe(401);
  });
});
