import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { datasetInfo, downloadFile, fileDownloadInfo, HubApiError, listFiles, pathsInfo } from '@huggingface/hub';
import { describe, expect, it } from 'vitest';
import { serveHub } from '../../../local/hub/serve-hub.ts';
import { bytes, collect, makeFolder, read, startHub, writeFiles } from './start-hub.ts';

const SHARD = bytes(300_000);
const README = '---\nlicense: mit\nconfigs:\n- config_name: default\n  data_files: data/*.parquet\n---\n# Rooms\n';
const ROOMS = {
  'acme/rooms/README.md': README,
  'acme/rooms/data/train-00000-of-00002.parquet': SHARD,
  'acme/rooms/data/train-00001-of-00002.parquet': bytes(1000, 7),
  'acme/rooms/data/more/ünï côdé.txt': 'tête',
  'acme/rooms/.git/HEAD': 'ref: refs/heads/main',
};
const repo = { type: 'dataset', name: 'acme/rooms' } as const;

async function shaOf(url: string, revision?: string, name: string = repo.name): Promise<string> {
  const info = await datasetInfo({ name, hubUrl: url, additionalFields: ['sha'], ...(revision ? { revision } : {}) });
  return info.sha;
}

async function list(url: string, options: { recursive?: boolean; revision?: string; path?: string } = {}) {
  return collect(listFiles({ repo, hubUrl: url, ...options }));
}

describe('@huggingface/hub', () => {
  it('reads what a dataset is', async () => {
    const { url } = await startHub(ROOMS);
    const info = await datasetInfo({ name: repo.name, hubUrl: url, additionalFields: ['sha', 'cardData', 'tags'] });
    expect(info).toMatchObject({
      name: 'acme/rooms',
      private: false,
      gated: false,
      tags: ['license:mit'],
      cardData: { license: 'mit', configs: [{ config_name: 'default', data_files: 'data/*.parquet' }] },
    });
    expect(info).not.toHaveProperty('siblings');
    expect(await shaOf(url, info.sha)).toBe(info.sha);
  });

  it('lists the same entries on pages of any size', async () => {
    const { url } = await startHub(ROOMS);
    const { url: paged } = await startHub(ROOMS, { pageEntries: 2 });
    const entries = await list(url, { recursive: true });
    expect(entries.map(({ type, path, size }) => [type, path, size])).toEqual([
      ['directory', 'data', 0],
      ['directory', 'data/more', 0],
      ['file', 'README.md', README.length],
      ['file', 'data/more/ünï côdé.txt', 5],
      ['file', 'data/train-00000-of-00002.parquet', 300_000],
      ['file', 'data/train-00001-of-00002.parquet', 1000],
    ]);
    expect(entries[4]?.lfs?.oid).toBe(createHash('sha256').update(SHARD).digest('hex'));
    expect(entries[2]?.oid).toBe(createHash('sha1').update(`blob ${README.length}\0${README}`).digest('hex'));
    expect(await list(paged, { recursive: true })).toEqual(entries);
    expect((await list(paged)).map(({ path }) => path)).toEqual(['data', 'README.md']);
    expect((await list(paged, { path: 'data' })).map(({ path }) => path)).toEqual([
      'data/more',
      'data/train-00000-of-00002.parquet',
      'data/train-00001-of-00002.parquet',
    ]);
    const paths = ['data', 'README.md', 'nothing'];
    expect((await pathsInfo({ repo, paths, hubUrl: url })).map(({ path }) => path)).toEqual(['data', 'README.md']);
  });

  it('reads files and slices of them, with and without a token', async () => {
    const { url } = await startHub(ROOMS);
    for (const accessToken of [undefined, 'hf_someone']) {
      const from = { repo, hubUrl: url, ...(accessToken ? { accessToken } : {}) };
      const path = 'data/train-00000-of-00002.parquet';
      expect(await fileDownloadInfo({ ...from, path })).toMatchObject({
        size: SHARD.length,
        etag: `"${createHash('sha256').update(SHARD).digest('hex')}"`,
      });
      const blob = await downloadFile({ ...from, path });
      expect(await read(blob?.slice(100_000, 250_001))).toEqual(SHARD.slice(100_000, 250_001));
      expect(await read(blob)).toEqual(SHARD);
      expect(await (await downloadFile({ ...from, path: 'README.md' }))?.text()).toBe(README);
      expect(await (await downloadFile({ ...from, path, raw: true }))?.text()).toMatch(/^version https:\/\/git-lfs/);
      expect(await downloadFile({ ...from, path: 'nothing.txt' })).toBeNull();
    }
  });

  it('hears of a revision or a folder that does not exist', async () => {
    const { url } = await startHub(ROOMS);
    await expect(shaOf(url, 'no-such-branch')).rejects.toThrow(/Invalid rev id: no-such-branch/);
    await expect(shaOf(url, '0'.repeat(40))).rejects.toThrow(HubApiError);
    await expect(list(url, { path: 'nothing' })).rejects.toThrow(/nothing does not exist on "main"/);
  });
});

describe('revisions', () => {
  it('pins the content: equal in every copy, another one once a file changed', async () => {
    const { url, folder } = await startHub(ROOMS);
    const { url: copy } = await startHub(ROOMS);
    const before = await shaOf(url);
    expect(before).toMatch(/^[0-9a-f]{40}$/);
    expect(await shaOf(copy)).toBe(before);

    const path = 'data/train-00001-of-00002.parquet';
    const pinned = `${url}/datasets/acme/rooms/resolve/${before}/${path}`;
    expect((await fetch(pinned)).status).toBe(200);
    await writeFiles(folder, { [`acme/rooms/${path}`]: bytes(1000, 8) });
    const after = await shaOf(url);
    expect(after).not.toBe(before);
    const moved = await fetch(pinned);
    expect(moved.status).toBe(404);
    const fresh = await fetch(`${url}/datasets/acme/rooms/resolve/${after}/${path}`);
    expect(await fresh.bytes()).toEqual(bytes(1000, 8));
    await writeFiles(folder, { [`acme/rooms/${path}`]: bytes(1000, 7) });
    expect(await shaOf(url)).toBe(before);
  });

  it('serves branches from folders of their own, which are not part of main', async () => {
    const { url } = await startHub({
      ...ROOMS,
      'acme/rooms/old/README.md': 'old',
      'acme/rooms/parquet/default/train/0000.parquet': bytes(500),
      'acme/rooms/.hub.json': JSON.stringify({ revisions: { 'v1/x': 'old' }, converted: { folder: 'parquet' } }),
    });
    const { url: plain } = await startHub(ROOMS);
    expect(await shaOf(url)).toBe(await shaOf(plain));
    expect(await (await downloadFile({ repo, path: 'README.md', revision: 'v1/x', hubUrl: url }))?.text()).toBe('old');
    const converted = await list(url, { recursive: true, revision: 'refs%2Fconvert%2Fparquet' });
    expect(converted.map(({ path }) => path)).toEqual(['default', 'default/train', 'default/train/0000.parquet']);
    const shas = await Promise.all(['main', 'v1/x', 'refs/convert/parquet'].map((revision) => shaOf(url, revision)));
    expect(new Set(shas).size).toBe(3);
    const refs = await fetch(`${url}/api/datasets/acme/rooms/refs`);
    expect(await refs.json()).toMatchObject({
      branches: [
        { name: 'main', targetCommit: shas[0] },
        { name: 'v1/x', ref: 'refs/heads/v1/x', targetCommit: shas[1] },
      ],
      converts: [{ name: 'parquet', ref: 'refs/convert/parquet', targetCommit: shas[2] }],
    });
  });
});

describe('repositories', () => {
  it('come from a mapping, and from the first folder that has them', async () => {
    const first = await makeFolder({ 'acme/rooms/README.md': 'first' });
    const mapped = await makeFolder({ 'README.md': 'mapped' });
    const { url } = await startHub(ROOMS, {
      datasetsDirs: [first, await makeFolder(ROOMS)],
      repositories: { 'modomo/sample': mapped },
    });
    expect((await list(url)).map(({ size }) => size)).toEqual([5]);
    const readme = await downloadFile({ repo: 'datasets/modomo/sample', path: 'README.md', hubUrl: url });
    expect(await readme?.text()).toBe('mapped');
  });

  it('are redirected from their canonical name', async () => {
    const { url } = await startHub({ ...ROOMS, 'acme/rooms/.hub.json': '{"canonical": true}' });
    const info = await datasetInfo({ name: 'rooms', hubUrl: url });
    expect(info.name).toBe('acme/rooms');
    expect(await shaOf(url, 'main', 'rooms')).toBe(await shaOf(url));
    const readme = await fetch(`${url}/datasets/rooms/resolve/main/README.md`);
    expect(await readme.text()).toBe(README);
    expect((await fetch(`${url}/datasets/other/resolve/main/README.md`)).status).toBe(401);
  });

  it('are refused by name where the folder or its settings are wrong', async () => {
    const folder = await makeFolder({ 'acme/rooms/.hub.json': '{"gated": "maybe"}' });
    await expect(serveHub({ datasetsDirs: [join(folder, 'nowhere')] })).rejects.toThrow(/nowhere does not exist/);
    const { url } = await startHub({}, { datasetsDirs: [folder] });
    const answer = await fetch(`${url}/api/datasets/acme/rooms`);
    expect(answer.status).toBe(500);
    expect(await answer.text()).toMatch(/\.hub\.json.*gated/s);
  });
});
