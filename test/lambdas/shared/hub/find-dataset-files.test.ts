import { describe, expect, it } from 'vitest';
import { BadInputError, TransientError } from '../../../../lambdas/shared/errors.ts';
import { findDatasetFiles, type WantedSplit } from '../../../../lambdas/shared/hub/find-dataset-files.ts';
import type { ViewerAnswer } from '../../../../lambdas/shared/hub/hub-client.ts';
import { PassingFailure } from '../../../../lambdas/shared/hub/tries.ts';
import { startHub } from '../../../local/hub/start-hub.ts';
import { testClient } from './serve.ts';

const SHA = 'a'.repeat(40);
const CONVERTED_SHA = 'c'.repeat(40);
const HEAD = { repo: 'ns/rooms', sha: SHA, private: false, gated: false };
const NO_VIEW: ViewerAnswer = { status: 404, revision: undefined, body: undefined };
const VIEW = { partial: false, pending: [], failed: [], parquet_files: [converted('default', 'train', 0)] };

function converted(config: string, split: string, number: number) {
  const path = `${config}/${split}/000${number}.parquet`;
  const url = `https://huggingface.co/datasets/ns/rooms/resolve/refs%2Fconvert%2Fparquet/${encodeURI(path)}`;
  return { config, split, url, size: 7 };
}

interface Repo {
  readonly files: readonly string[];
  readonly readme?: string;
  readonly view?: ViewerAnswer | Error;
  readonly wanted?: WantedSplit;
}

async function find({ files, readme, view = NO_VIEW, wanted = {} }: Repo) {
  const asked: string[] = [];
  const client = {
    ...testClient('http://127.0.0.1:1'),
    listFiles: async () => [...files, ...(readme ? ['README.md'] : [])].map((path) => ({ path, sizeBytes: 5 })),
    readText: async () => readme ?? '',
    datasetInfo: async ({ revision = '' }) => ({
      ...HEAD,
      sha: revision === 'refs/convert/parquet' ? CONVERTED_SHA : '',
    }),
    viewer: async (path: string) => {
      asked.push(path);
      if (view instanceof Error) throw view;
      return view;
    },
  };
  const found = await findDatasetFiles(client, HEAD, wanted);
  const paths = found.kind === 'parquet' ? found.files.map(({ path }) => path) : found.images.map(({ path }) => path);
  return { found, paths, asked };
}

function card(yaml: string): string {
  return `---\n${yaml}\n---\n`;
}

const TWO = card('configs:\n- config_name: a\n  data_files: a/*\n- config_name: b\n  default: true\n  data_dir: b');

describe('native parquet', () => {
  it('comes first, at the pinned commit, without asking the viewer', async () => {
    const { found, asked } = await find({
      files: ['data/train-00000-of-00001.parquet', 'data/test-00000-of-00001.parquet'],
      readme: card('dataset_info:\n  features:\n  - name: image\n    dtype: image'),
    });
    expect(found).toEqual({
      kind: 'parquet',
      config: 'default',
      split: 'train',
      files: [{ repo: 'ns/rooms', revision: SHA, path: 'data/train-00000-of-00001.parquet', sizeBytes: 5 }],
      features: { image: { _type: 'Image' } },
    });
    expect(asked).toEqual([]);
  });

  it.each<[WantedSplit, string, string[]]>([
    [{}, 'b', ['b/train/0.parquet', 'b/train/1.parquet']],
    [{ split: 'test' }, 'b', ['b/test.x/0.parquet']],
    [{ config: 'a' }, 'a', ['a/0.parquet']],
  ])('of the config and split %j', async (wanted, config, expected) => {
    const files = ['a/0.parquet', 'b/train/1.parquet', 'b/train/0.parquet', 'b/test.x/0.parquet', 'c.parquet'];
    const { found, paths } = await find({ files, readme: TWO, wanted });
    expect([found.config, paths]).toEqual([config, expected]);
  });

  it('is called as the only dataset_info is, when the README has no configs', async () => {
    const readme = card('dataset_info:\n- config_name: plain');
    expect((await find({ files: ['x.parquet'], readme, wanted: { config: 'plain' } })).found.config).toBe('plain');
  });

  it.each<[WantedSplit, RegExp]>([
    [{ config: 'x' }, /no config "x"; the dataset has "a", "b"$/],
    [{ config: 'a', split: 'val' }, /no split "val" in config "a"; it has "train"$/],
  ])('refuses %j, with what there is', async (wanted, message) => {
    const asking = find({ files: ['a/0.parquet', 'b/1.parquet'], readme: TWO, wanted });
    await expect(asking).rejects.toThrow(BadInputError);
    await expect(asking).rejects.toThrow(message);
  });

  it('wants a config when none is the default', async () => {
    const readme = card('configs:\n- {config_name: a, data_files: a/*}\n- {config_name: b, data_files: b/*}');
    await expect(find({ files: ['a/0.parquet'], readme })).rejects.toThrow(
      /none is the default; choose one of "a", "b"/,
    );
  });
});

describe('converted parquet', () => {
  const files = ['data/rooms.csv'];

  it('is read at the commit of its branch', async () => {
    const parquet_files = [
      converted('default', 'train', 0),
      converted('default', 'train', 1),
      converted('default', 'test', 0),
    ];
    const { found } = await find({ files, view: { status: 200, revision: SHA, body: { ...VIEW, parquet_files } } });
    expect(found).toMatchObject({ kind: 'parquet', config: 'default', split: 'train' });
    expect(found).toHaveProperty('files', [
      { repo: 'ns/rooms', revision: CONVERTED_SHA, path: 'default/train/0000.parquet', sizeBytes: 7 },
      { repo: 'ns/rooms', revision: CONVERTED_SHA, path: 'default/train/0001.parquet', sizeBytes: 7 },
    ]);
  });

  it('has the configs of a loading script, and names them', async () => {
    const parquet_files = [converted('a b', 'train', 0), converted('c', 'train', 0)];
    const view = { status: 200, revision: SHA, body: { ...VIEW, parquet_files } };
    expect((await find({ files: ['rooms.py'], view, wanted: { config: 'a b' } })).paths).toEqual([
      'a b/train/0000.parquet',
    ]);
    await expect(find({ files: ['rooms.py'], view })).rejects.toThrow(/choose one of "a b", "c"/);
  });

  it.each<[string, ViewerAnswer | Error, RegExp]>([
    ['missing', NO_VIEW, /format csv, and the Hub's conversion to parquet does not exist/],
    ['of another commit', { status: 200, revision: 'b'.repeat(40), body: VIEW }, /belongs to another commit/],
    ['partial', { status: 200, revision: SHA, body: { ...VIEW, partial: true } }, /is partial/],
    ['pending', { status: 200, revision: SHA, body: { ...VIEW, pending: [{ config: 'x' }] } }, /is not finished/],
    ['failed', { status: 200, revision: SHA, body: { ...VIEW, failed: [{ config: 'x' }] } }, /failed/],
    ['strange', { status: 200, revision: SHA, body: [] }, /cannot be read/],
    [
      'not ready',
      new TransientError('x', { cause: new PassingFailure('500', { code: 'ResponseNotReady' }) }),
      /is not finished/,
    ],
  ])('is not used when it is %s', async (_name, view, message) => {
    await expect(find({ files, view })).rejects.toThrow(message);
  });

  it('is not decided about while the viewer is down', async () => {
    await expect(find({ files, view: new TransientError('down') })).rejects.toThrow(TransientError);
  });

  it('is read by its own layout when its branch was asked for', async () => {
    const branch = ['a/train/0000.parquet', 'a/train-part1/0000.parquet', 'b/test/0000.parquet', '.gitattributes'];
    const wanted = { config: 'a', revision: 'refs/convert/parquet' };
    const { found, paths } = await find({ files: branch, wanted });
    expect(paths).toEqual(branch.slice(0, 2));
    expect(found).toHaveProperty('files[0].revision', SHA);
  });
});

it.each<[string, string[], RegExp]>([
  ['nothing', ['.gitattributes', 'LICENSE'], /has no data files/],
  ['a script', ['rooms.py'], /loading script rooms.py/],
  ['zip archives', ['data/train.zip'], /zip archives/],
  ['webdataset shards', ['train-0000.tar', 'train-0001.tar'], /webdataset archives/],
])('says so when a repository holds %s', async (_name, files, message) => {
  const asking = find({ files });
  await expect(asking).rejects.toThrow(BadInputError);
  await expect(asking).rejects.toThrow(message);
});

describe('image folder', () => {
  it('has directories as labels, over all splits', async () => {
    const { found, paths } = await find({
      files: ['train/dog/2.jpg', 'train/cat/1.JPG', 'test/fox/1.png', 'train/x.zip', 'notes.txt'],
    });
    expect(found).toMatchObject({ kind: 'image_folder', labels: ['cat', 'dog', 'fox'], archives: ['train/x.zip'] });
    expect(found.features).toHaveProperty('label', { _type: 'ClassLabel', names: ['cat', 'dog', 'fox'] });
    expect(paths).toEqual(['train/cat/1.JPG', 'train/dog/2.jpg']);
  });

  it.each<[string, string[]]>([
    ['one directory', ['a/1.jpg', 'a/2.jpg']],
    ['another depth', ['a/1.jpg', 'b/c/2.jpg']],
    ['metadata', ['a/1.jpg', 'b/2.jpg', 'metadata.csv']],
  ])('has no labels with %s', async (_name, files) => {
    expect((await find({ files })).found).toMatchObject({ kind: 'image_folder', labels: undefined });
  });
});

it('finds the same through a Hub', async () => {
  const { url } = await startHub({
    'a/b/README.md': card('configs:\n- config_name: rooms\n  data_files: "odd #1?/*.parquet"'),
    'a/b/odd #1?/ü.parquet': 'not parquet, but that is for its reader to say',
    'a/c/photo.jpg': 'x',
    'a/c/conv/default/train/0000.parquet': 'converted',
    'a/c/.hub.json': JSON.stringify({ converted: { folder: 'conv' } }),
  });
  const client = testClient(url);
  const native = await findDatasetFiles(client, await client.datasetInfo({ repo: 'a/b' }), {});
  expect(native).toMatchObject({ kind: 'parquet', config: 'rooms', files: [{ path: 'odd #1?/ü.parquet' }] });
  const [file] = native.kind === 'parquet' ? native.files : [];
  expect(file && (await client.readText(file, 100))).toMatch(/^not parquet/);

  const other = await findDatasetFiles(client, await client.datasetInfo({ repo: 'a/c' }), {});
  const [convertedFile] = other.kind === 'parquet' ? other.files : [];
  expect(convertedFile && (await client.readText(convertedFile, 100))).toBe('converted');
});
