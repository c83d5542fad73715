import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BadInputError } from '../../../../lambdas/shared/errors.ts';
import { isRepoNamePart } from '../../../../lambdas/shared/hub/hub-names.ts';
import { type DatasetRef, parseDatasetUrl } from '../../../../lambdas/shared/hub/parse-dataset-url.ts';

describe('parseDatasetUrl', () => {
  it.each<[string, DatasetRef]>([
    ['https://huggingface.co/datasets/ns/name', { repo: 'ns/name' }],
    ['  http://hf.co/datasets/ns/name/  ', { repo: 'ns/name' }],
    ['huggingface.co/datasets/ns/name?library=datasets#card', { repo: 'ns/name' }],
    ['https://huggingface.co/datasets/squad', { repo: 'squad' }],
    ['https://huggingface.co/datasets/squad/tree/main', { repo: 'squad', revision: 'main' }],
    ['https://huggingface.co/datasets/squad/viewer', { repo: 'squad' }],
    [
      'https://huggingface.co/datasets/squad/viewer/plain_text/train',
      { repo: 'squad', config: 'plain_text', split: 'train' },
    ],
    ['https://huggingface.co/datasets/ns/tree', { repo: 'ns/tree' }],
    ['https://huggingface.co/datasets/ns/name/tree/main/data/train', { repo: 'ns/name', revision: 'main' }],
    ['https://huggingface.co/datasets/ns/name/blob/feature%2Fx/a.parquet', { repo: 'ns/name', revision: 'feature/x' }],
    [
      'https://huggingface.co/datasets/ns/name/resolve/refs%2Fconvert%2Fparquet/d/0.parquet',
      { repo: 'ns/name', revision: 'refs/convert/parquet' },
    ],
    ['https://huggingface.co/datasets/ns/name/tree/refs/pr/12/data', { repo: 'ns/name', revision: 'refs/pr/12' }],
    [
      'https://huggingface.co/datasets/ns/name/viewer/a%20b/train?row=7',
      { repo: 'ns/name', config: 'a b', split: 'train' },
    ],
    ['https://huggingface.co/datasets/ns/name/viewer/default/', { repo: 'ns/name', config: 'default' }],
    ['hf://datasets/ns/name', { repo: 'ns/name' }],
    ['hf://datasets/ns/name@refs/convert/parquet/default/train', { repo: 'ns/name', revision: 'refs/convert/parquet' }],
    ['hf://datasets/squad@v2/data', { repo: 'squad', revision: 'v2' }],
  ])('reads %s', (url, expected) => {
    expect(parseDatasetUrl(url)).toEqual(expected);
  });

  it.each([
    ['', 'is empty'],
    ['https://huggingface.co/ns/name', 'is a model'],
    ['https://huggingface.co/spaces/ns/name', 'is a space'],
    ['https://huggingface.co/collections/ns/name-1', 'is a collection'],
    ['hf://ns/name', 'is a model'],
    ['https://huggingface.co/ns', 'user or organisation'],
    ['https://huggingface.co/datasets', 'list of all datasets'],
    ['https://huggingface.co/', 'names no dataset'],
    ['https://kaggle.com/datasets/ns/name', 'not on huggingface.co'],
    ['https://huggingface.co.evil.example/datasets/ns/name', 'not on huggingface.co'],
    ['ftp://huggingface.co/datasets/ns/name', 'scheme ftp://'],
    ['https://', 'is not a URL'],
    ['https://huggingface.co/datasets/ns/na%ZZme', 'percent escape'],
    ['https://huggingface.co/datasets/ns/a--b', 'names the repo'],
    ['https://huggingface.co/datasets/ns/name.git', 'names the repo'],
    ['https://huggingface.co/datasets/ns/name/viewer/a%3Ab/train', 'names the config'],
    ['https://huggingface.co/datasets/ns/name/viewer/a/tr%20ain', 'names the split'],
    ['https://huggingface.co/datasets/ns/name/tree/a..b', 'names the revision'],
    ['https://huggingface.co/datasets/ns/name/discussions/1', 'names no revision'],
  ])('refuses %j: %s', (url, reason) => {
    expect(() => parseDatasetUrl(url)).toThrow(BadInputError);
    expect(() => parseDatasetUrl(url)).toThrow(reason);
    expect(() => parseDatasetUrl(url)).toThrow('such as https://huggingface.co/datasets/namespace/name');
  });

  it('does not repeat a secret of the URL', () => {
    for (const url of ['https://me:hf_secret@huggingface.co/datasets/a/b', 'https://x.example/a?token=hf_secret']) {
      expect(() => parseDatasetUrl(url)).toThrow(/^(?!.*hf_secret)/);
    }
  });

  const pages = ['tree', 'blob', 'resolve', 'raw', 'blame', 'commits', 'commit', 'viewer'];
  const part = fc
    .stringMatching(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,30}$/)
    .filter((text) => isRepoNamePart(text) && !pages.includes(text));
  const word = fc.stringMatching(/^\w{1,12}$/);
  const repo = fc.oneof(
    part,
    fc.tuple(part, part).map((parts) => parts.join('/')),
  );
  const revision = fc.oneof(
    fc.stringMatching(/^[0-9a-f]{40}$/),
    fc.stringMatching(/^[\w-]{1,10}(\/[\w%ü-]{1,10})?$/).filter((text) => text !== 'refs'),
    fc.nat().map((n) => `refs/pr/${n}`),
    word.map((name) => `refs/convert/${name}`),
  );
  const config = fc
    .string({ minLength: 1, maxLength: 20, unit: 'grapheme' })
    .filter((text) => /^[^<>:/\\|?*\s\p{C}.]+$/u.test(text));
  const host = fc.constantFrom('https://huggingface.co', 'http://hf.co', 'huggingface.co', 'hf.co');
  const tail = fc.constantFrom('', '/', '?row=3', '#x', '/?a=b#c');

  it('reads back what it is written from, in every form', () => {
    const page = fc.record({
      repo,
      revision,
      config,
      split: word,
      host,
      tail,
      view: fc.constantFrom('tree', 'blob', 'resolve', 'raw'),
    });
    fc.assert(
      fc.property(page, (it) => {
        const base = `${it.host}/datasets/${it.repo}`;
        const rev = encodeURIComponent(it.revision);
        expect(parseDatasetUrl(base + it.tail)).toEqual({ repo: it.repo });
        expect(parseDatasetUrl(`${base}/${it.view}/${rev}${it.tail}`)).toEqual({
          repo: it.repo,
          revision: it.revision,
        });
        expect(parseDatasetUrl(`${base}/viewer/${encodeURIComponent(it.config)}/${it.split}${it.tail}`)).toEqual({
          repo: it.repo,
          config: it.config,
          split: it.split,
        });
        expect(parseDatasetUrl(`hf://datasets/${it.repo}@${rev}/a/b.png`)).toEqual({
          repo: it.repo,
          revision: it.revision,
        });
      }),
    );
  });

  it('is total: a reference or a BadInputError', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.webUrl({ withFragments: true, withQueryParameters: true }),
      fc.string({ unit: 'binary' }).map((path) => `https://huggingface.co/datasets/${path}`),
      fc.string({ unit: 'binary' }).map((path) => `hf://datasets/${path}`),
    );
    fc.assert(
      fc.property(text, (value) => {
        try {
          const { repo } = parseDatasetUrl(value);
          expect(repo.split('/').every(isRepoNamePart)).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(BadInputError);
        }
      }),
    );
  });
});
