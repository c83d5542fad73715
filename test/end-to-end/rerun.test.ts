import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { SAMPLE_URL, type Scene, startTestStack, type TestStack } from './test-stack.ts';

const URL = 'https://huggingface.co/datasets/moving/rooms';
let stack: TestStack;
let datasets: string;

beforeAll(async () => {
  datasets = mkdtempSync(join(tmpdir(), 'modomo-datasets-'));
  stack = await startTestStack({ datasetsDirs: [datasets] });
});
afterAll(async () => {
  await stack.close();
  rmSync(datasets, { recursive: true });
});

/** PUTs of images, and bytes from the Hub's content, since the last call. */
async function traffic(): Promise<{ puts: number; imageBytes: number }> {
  const { bucket, hub } = stack.endpoints;
  const puts = (await stack.requests(bucket.endpoint)).requests.filter(
    ({ method, path }) => method === 'PUT' && path.startsWith(`/${bucket.name}/`),
  ).length;
  const files = (await stack.requests(hub.url)).requests.filter(({ path }) =>
    /\/_cdn\/|\/resolve\/.*\.(jpg|png)/.test(path),
  );
  await Promise.all([bucket.endpoint, hub.url].map((url) => stack.forgetRequests(url)));
  return { puts, imageBytes: files.reduce((sum, { bytes_out }) => sum + bytes_out, 0) };
}

it('imports the sample, does nothing the second time, and everything when it is to refresh', async () => {
  const datasetId = await stack.createDataset();
  const input = { dataset_id: datasetId, hf_dataset_url: SAMPLE_URL };
  await traffic();
  const first = await stack.import(input);
  expect(first).toMatchObject({
    status: 'succeeded',
    repo: 'modomo/sample-rooms',
    revision: expect.stringMatching(/^[0-9a-f]{40}$/),
    total_rows: 60,
    processed_scenes: 57,
    failures: { corrupt_image: 1, null_image: 1, not_an_image: 1 },
  });
  expect((await stack.failures(first)).map(({ index }) => index)).toEqual([17, 31, 44]);
  expect((await traffic()).puts).toBe(57);
  const scenes = await stack.scenes(datasetId);
  const keys = (await stack.imageKeys()).filter((key) => scenes.some(({ id }) => key.includes(id)));
  expect(keys.sort()).toEqual(scenes.map(({ r2_key_original }) => r2_key_original).sort());
  expect(scenes[0]).toMatchObject({
    hf_index: 0,
    source: 'hf://datasets/modomo/sample-rooms',
    status: 'imported',
    attrs: { caption: expect.any(String), room_type: expect.any(Number), _modomo: { job_id: first.job_id } },
  });

  const second = await stack.import(input);
  expect(second).toMatchObject({ processed_scenes: 0, skipped: { exists: 57 }, failed_scenes: 3 });
  expect((await traffic()).puts).toBe(0);
  expect(await stack.scenes(datasetId)).toEqual(scenes);

  const refreshed = await stack.import({ ...input, on_existing: 'refresh' });
  expect(refreshed).toMatchObject({ processed_scenes: 57, skipped_scenes: 0 });
  expect((await traffic()).puts).toBe(57);
  const withoutJob = (rows: Scene[]) =>
    rows.map(({ attrs: { _modomo, ...attrs }, ...row }) => ({ ...row, attrs, image: _modomo.image }));
  expect(withoutJob(await stack.scenes(datasetId))).toEqual(withoutJob(scenes));
});

it('reads the rows again for another image column, and again for the first', async () => {
  const datasetId = await stack.createDataset();
  const input = { dataset_id: datasetId, hf_dataset_url: SAMPLE_URL, max_images: 20 };
  await stack.import(input);
  const photos = await stack.scenes(datasetId);
  const depth = await stack.import({ ...input, image_column: 'depth' });
  expect(depth).toMatchObject({ processed_scenes: 20, skipped_scenes: 0 });
  expect((await stack.scenes(datasetId))[0]?.r2_key_original).toMatch(/\.png$/);

  expect(await stack.import(input)).toMatchObject({ processed_scenes: 19, failures: { corrupt_image: 1 } });
  const again = (await stack.scenes(datasetId)).filter(({ hf_index }) => hf_index !== 17);
  expect(again.map(({ r2_key_original: key }) => key)).toEqual(photos.map(({ r2_key_original: key }) => key));
  for (const { r2_key_original: key, attrs } of again) {
    expect(await stack.imageSha256(key)).toBe(attrs._modomo.image.sha256);
  }
});

it('follows a dataset that moves on: metadata alone, other bytes, and a scene that a person has reviewed', async () => {
  const repo = join(datasets, 'moving/rooms');
  mkdirSync(repo, { recursive: true });
  const picture = (color: string) => sharp({ create: { width: 8, height: 6, channels: 3, background: color } });
  const names = ['same', 'caption', 'replaced', 'reviewed'];
  for (const name of names)
    await picture('navy')
      .jpeg()
      .toFile(join(repo, `${name}.jpg`));
  const write = (rows: object[]) =>
    writeFileSync(join(repo, 'metadata.jsonl'), rows.map((row) => JSON.stringify(row)).join('\n'));
  write(names.map((name) => ({ file_name: `${name}.jpg`, text: 'before' })));

  const datasetId = await stack.createDataset();
  const input = { dataset_id: datasetId, hf_dataset_url: URL };
  const first = await stack.import(input);
  expect(first).toMatchObject({ processed_scenes: 4, total_rows: 4 });
  const before = await stack.scenes(datasetId);
  const [, captioned, replaced, reviewed] = before.map(({ id }) => id);
  await stack.database
    .from('scenes')
    .update({ status: 'processed', scene_type: 'bedroom' })
    .eq('dataset_id', datasetId);
  await stack.database.from('reviews').insert({ target: 'scene', target_id: reviewed, verdict: 'approve' });
  const kept = (await stack.scenes(datasetId))[3];

  // The third row's file holds a PNG now; its name stays, its type does not.
  copyFileSync(await pngOf(picture('red')), join(repo, 'replaced.jpg'));
  await picture('red').jpeg().toFile(join(repo, 'reviewed.jpg'));
  write(names.map((name) => ({ file_name: `${name}.jpg`, text: name === 'caption' ? 'after' : 'before' })));
  await traffic();
  const second = await stack.import(input);
  expect(second.revision).not.toBe(first.revision);
  expect(second).toMatchObject({ processed_scenes: 3, skipped: { reviewed: 1 } });
  expect((await traffic()).puts).toBe(1);

  const after = await stack.scenes(datasetId);
  expect(after.map(({ id }) => id)).toEqual(before.map(({ id }) => id));
  expect(after[1]).toMatchObject({
    id: captioned,
    status: 'processed',
    scene_type: 'bedroom',
    attrs: { text: 'after' },
  });
  expect(after[2]).toMatchObject({
    status: 'imported',
    scene_type: null,
    r2_key_original: `scenes/${replaced}/original.png`,
  });
  expect(after[3]).toEqual(kept);
  const keys = await stack.imageKeys();
  expect(keys).not.toContain(`scenes/${replaced}/original.jpg`);
  expect(await stack.imageSha256(`scenes/${reviewed}/original.jpg`)).toBe(before[3]?.attrs._modomo.image.sha256);
});

async function pngOf(picture: Sharp): Promise<string> {
  const path = join(datasets, 'red.png');
  await picture.png().toFile(path);
  return path;
}
