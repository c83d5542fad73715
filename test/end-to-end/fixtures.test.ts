import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FIXTURES, startTestStack, type TestStack } from './test-stack.ts';

interface ExpectedImage {
  readonly sha256: string;
  readonly content_type: string;
  readonly extension: string;
  readonly width: number;
  readonly height: number;
}

interface ExpectedImport {
  readonly config: string;
  readonly split: string;
  readonly rows: number;
  readonly ok: number;
  readonly failures: Readonly<Record<string, string>>;
  readonly images: readonly (ExpectedImage | null)[];
  readonly metadata?: readonly (Record<string, unknown> | null)[];
  readonly input?: Record<string, unknown>;
  readonly token?: string;
  readonly unreadable?: readonly string[];
}

interface ExpectedRepository {
  readonly about: string;
  readonly imports: readonly ExpectedImport[];
  readonly refused: readonly { input: Record<string, unknown>; mentions: readonly string[] }[];
}

// Computed by the script that made the fixtures, in Python, from what it wrote.
const expected = JSON.parse(readFileSync(join(FIXTURES, 'expected.json'), 'utf8')) as Record<
  string,
  ExpectedRepository
>;
const imports = Object.entries(expected).flatMap(([repo, { about, imports }]) =>
  imports.map((each) => ({ repo, about, ...each })),
);
const refused = Object.entries(expected).flatMap(([repo, { about, refused }]) =>
  refused.map((each) => ({ repo, about, ...each })),
);
const tokens = [...new Set(imports.map(({ token }) => token))];

describe.each(tokens)('with the token %s', (token) => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await startTestStack({ ...(token === undefined ? {} : { hubToken: token }) });
  });
  afterAll(() => stack.close());

  it.each(imports.filter((each) => each.token === token))('imports $repo $config/$split: $about', async (each) => {
    const datasetId = await stack.createDataset();
    const output = await stack.import({
      dataset_id: datasetId,
      hf_dataset_url: urlOf(each.repo),
      ...(each.config === 'default' ? {} : { subset: each.config }),
      ...(each.split === 'train' ? {} : { split: each.split }),
      ...each.input,
    });
    expect(output.unreadable_files?.map(({ path }) => path)).toEqual(each.unreadable);
    expect(output).toMatchObject({ config: each.config, split: each.split, total_rows: each.rows });
    const failures = await stack.failures(output);
    expect(Object.fromEntries(failures.map(({ index, reason }) => [index, reason]))).toEqual(each.failures);
    expect(output.processed_scenes).toBe(each.ok);
    expect(output.status).toBe(each.rows > 0 && each.ok === 0 ? 'failed' : 'succeeded');

    const scenes = await stack.scenes(datasetId);
    const kept = each.images.flatMap((image, index) => (image ? [{ index, image }] : []));
    expect(scenes.map(({ hf_index }) => hf_index)).toEqual(kept.map(({ index }) => index));
    for (const [position, { index, image }] of kept.entries()) {
      const scene = scenes[position];
      expect(scene, `row ${index}`).toMatchObject({
        width: image.width,
        height: image.height,
        status: 'imported',
        r2_key_original: `scenes/${scene?.id}/original.${image.extension}`,
      });
      expect(await stack.imageSha256(scene?.r2_key_original ?? '')).toBe(image.sha256);
      const metadata = each.metadata?.[index];
      if (metadata) expect(scene?.attrs).toMatchObject(metadata);
    }
  });
});

describe('without a token', () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await startTestStack();
  });
  afterAll(() => stack.close());

  it.each(refused)('refuses $repo $input: $mentions', async ({ repo, input, mentions }) => {
    const datasetId = await stack.createDataset();
    const output = await stack.import({ dataset_id: datasetId, hf_dataset_url: urlOf(repo), ...input });
    expect(output).toMatchObject({ status: 'failed', total_rows: 0, error: { name: 'BadInputError' } });
    for (const mention of mentions) expect(output.error?.message).toContain(mention);
  });
});

function urlOf(repo: string): string {
  return `https://huggingface.co/datasets/${repo}`;
}
