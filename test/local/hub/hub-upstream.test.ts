import { createServer } from 'node:net';
import { datasetInfo, downloadFile, listFiles, pathsInfo } from '@huggingface/hub';
import { describe, expect, it } from 'vitest';
import { bytes, collect, read, startHub } from './start-hub.ts';

const FAR = {
  'far/away/README.md': 'far',
  'far/away/a.parquet': bytes(50_000),
  'far/away/b.parquet': bytes(10),
  'far/away/.hub.json': '{"private": true, "acceptedTokens": ["hf_reader"], "converted": {"folder": "c"}}',
  'far/away/c/default/train/0000.parquet': bytes(10),
};
const repo = { type: 'dataset', name: 'far/away' } as const;
const accessToken = 'hf_reader';

describe('what is in no folder', () => {
  it('comes from the Hub behind it, with token, pages, ranges and links', async () => {
    const far = await startHub(FAR, { pageEntries: 1 });
    const { url } = await startHub({ 'near/by/README.md': 'near' }, { upstream: `${far.url}/` });
    const from = { hubUrl: url, accessToken, repo };
    expect(await datasetInfo({ name: repo.name, hubUrl: url, accessToken })).toMatchObject({ private: true });
    await expect(datasetInfo({ name: repo.name, hubUrl: url })).rejects.toMatchObject({ statusCode: 401 });

    expect((await collect(listFiles(from))).map(({ path }) => path)).toEqual(['README.md', 'a.parquet', 'b.parquet']);
    const requests = await (await fetch(`${url}/_requests`)).text();
    expect(requests.match(/cursor=/g)).toHaveLength(2); // the next pages were asked for here, not there
    expect(await pathsInfo({ ...from, paths: ['b.parquet'] })).toMatchObject([{ path: 'b.parquet', size: 10 }]);
    const blob = await downloadFile({ ...from, path: 'a.parquet' });
    expect(await read(blob?.slice(10, 40_000))).toEqual(bytes(50_000).slice(10, 40_000));
    const viewer = await fetch(`${url}/datasets-server/parquet?dataset=far/away`, {
      headers: { authorization: `Bearer ${accessToken}` },
    });
    expect(viewer.headers.get('x-revision')).toMatch(/^[0-9a-f]{40}$/);
    expect(await (await downloadFile({ repo: 'datasets/near/by', path: 'README.md', hubUrl: url }))?.text()).toBe(
      'near',
    );
  });

  it('is a clear error when that Hub cannot be reached', async () => {
    const { url, folder } = await startHub({}, { upstream: `http://127.0.0.1:${await closedPort()}` });
    const answer = await fetch(`${url}/api/datasets/far/away`);
    expect(answer.status).toBe(502);
    const message = answer.headers.get('x-error-message') ?? '';
    expect(message).toContain(`far/away is not in ${folder}`);
    expect(message).toMatch(/http:\/\/127\.0\.0\.1:\d+ cannot be reached \(.*ECONNREFUSED/);
    expect(await answer.json()).toEqual({ error: message });
  });
});

async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}
