import { describe, expect, it } from 'vitest';
import { BadInputError } from '../../../../lambdas/shared/errors.ts';
import { DataFiles } from '../../../../lambdas/shared/hub/data-files.ts';
import { mainFormat } from '../../../../lambdas/shared/hub/data-formats.ts';

function dataFiles(...paths: string[]): DataFiles {
  return new DataFiles(paths.map((path) => ({ path, sizeBytes: 1 })));
}

/** Files by split, as the default patterns give them. */
function defaults(paths: readonly string[], dir = ''): Record<string, string[]> {
  const files = dataFiles(...paths);
  const splits = [...files.defaultPatterns(dir)];
  return Object.fromEntries(splits.map(([split, each]) => [split, files.resolve(each, dir).map(({ path }) => path)]));
}

// What `datasets` 5.2.0 answers for these lists of files.
describe('default patterns', () => {
  it.each<[string, string[], Record<string, string[]>]>([
    [
      'shards, of known splits first',
      [
        'data/extra-00000-of-00001.parquet',
        'data/test-00000-of-00001-a1.parquet',
        'data/train-00001-of-00002.parquet',
        'data/train-00000-of-00002.parquet',
        'README.md',
        'train.csv',
      ],
      {
        train: ['data/train-00000-of-00002.parquet', 'data/train-00001-of-00002.parquet'],
        test: ['data/test-00000-of-00001-a1.parquet'],
        extra: ['data/extra-00000-of-00001.parquet'],
      },
    ],
    [
      'directories before file names',
      ['train/test.parquet', 'x/dev_1/a.parquet', 'test.parquet'],
      { train: ['train/test.parquet'], validation: ['x/dev_1/a.parquet'] },
    ],
    [
      'keywords between separators only',
      ['trainer.parquet', 'restroom_test.parquet', 'contest.parquet', 'my-val-2.parquet', 'train 0.parquet'],
      { train: ['train 0.parquet'], validation: ['my-val-2.parquet'], test: ['restroom_test.parquet'] },
    ],
    ['one file in two splits', ['train/val/a.png'], { train: ['train/val/a.png'], validation: ['train/val/a.png'] }],
    ['capitals are no keyword', ['Train/a.parquet'], { train: ['Train/a.parquet'] }],
    [
      'neither hidden files nor special directories nor what is no data',
      ['.git/a.parquet', '__pycache__/a.parquet', '.b.parquet', 'c.parquet', 'd.py', 'dataset_infos.json'],
      { train: ['c.parquet'] },
    ],
    [
      'in the order of code points',
      ['b.png', 'B.png', '\u{1f600}.png', '\uffee.png'],
      { train: ['B.png', 'b.png', '\uffee.png', '\u{1f600}.png'] },
    ],
    ['a split without data files', ['train/a.py', 'test/a.png'], { train: [], test: ['test/a.png'] }],
    ['nothing', ['.gitattributes', 'README.md'], {}],
  ])('%s', (_name, paths, expected) => {
    expect(defaults(paths)).toEqual(expected);
    expect(Object.keys(defaults(paths))).toEqual(Object.keys(expected));
  });

  it('start below data_dir', () => {
    expect(defaults(['a/train/x.png', 'train/y.png'], 'a')).toEqual({ train: ['a/train/x.png'] });
  });

  it('refuse a split that the library refuses', () => {
    expect(() => defaults(['data/my-split-00000-of-00001.parquet'])).toThrow(/the split "my-split"/);
  });

  it('are quick for 20,000 files', () => {
    const paths = Array.from({ length: 20_000 }, (_, i) => `images/train/class-${i % 100}/image_${i}.jpg`);
    expect(defaults(paths).train).toHaveLength(20_000);
  });
});

describe('patterns', () => {
  const paths = [
    'a.parquet',
    'data/b.parquet',
    'data/x/c.parquet',
    'data/x/.h/d.parquet',
    '{a,b}.parquet',
    'data/1.csv',
  ];
  it.each<[string, string[]]>([
    ['*.parquet', ['a.parquet', '{a,b}.parquet']],
    ['**', ['a.parquet', 'data/1.csv', 'data/b.parquet', 'data/x/c.parquet', '{a,b}.parquet']],
    ['data/**', ['data/1.csv', 'data/b.parquet', 'data/x/c.parquet']],
    ['**/*.parquet', ['a.parquet', 'data/b.parquet', 'data/x/c.parquet', '{a,b}.parquet']],
    ['data/**/.h/*', ['data/x/.h/d.parquet']],
    ['./data//b.parquet', ['data/b.parquet']],
    ['{a,b}.parquet', ['{a,b}.parquet']],
    ['[!d]*', ['a.parquet', '{a,b}.parquet']],
    ['data/[a-z].*', ['data/b.parquet']],
    ['data/?.csv', ['data/1.csv']],
    ['[z-a]*', []],
    ['nothing/*', []],
  ])('%s', (pattern, expected) => {
    const found = dataFiles(...paths).resolve([pattern], '');
    expect(found.map(({ path }) => path)).toEqual(expected);
  });

  it('list a file once, at its first pattern', () => {
    const found = dataFiles('a.parquet', 'b.parquet').resolve(['b*', '*.parquet'], '');
    expect(found.map(({ path }) => path)).toEqual(['b.parquet', 'a.parquet']);
  });

  it.each([
    ['missing.parquet', /"missing.parquet", which is not a data file/],
    ['data/**.parquet', /must be a whole path segment/],
    ['hf://datasets/other/one/*.parquet', /only files of the repository/],
  ])('refuse %s', (pattern, message) => {
    const resolve = () => dataFiles('data/a.parquet').resolve([pattern], '');
    expect(resolve).toThrow(BadInputError);
    expect(resolve).toThrow(message);
  });
});

it.each<[string[], string | undefined]>([
  [['a.parquet', 'b.jpg'], 'parquet'],
  [['a.JPG', 'b.jpg', 'c.parquet'], 'image_folder'],
  [['a.jpg', 'metadata.parquet', 'x/metadata.parquet'], 'image_folder'],
  [['metadata.parquet'], 'parquet'],
  [['a.csv', 'b.jsonl'], 'json'],
  [['a.tar', 'b.tar', 'c.zip'], 'webdataset'],
  [['a.zip'], 'zip'],
  [['a.py'], undefined],
])('the main format of %j is %s', (paths, expected) => {
  expect(mainFormat(paths)).toBe(expected);
});
