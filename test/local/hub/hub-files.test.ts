import { request } from 'node:http';
import { describe, expect, it } from 'vitest';
import { parseRange } from '../../../local/hub/send-content.ts';
import { bytes, startHub, writeFiles } from './start-hub.ts';

const CONTENT = bytes(2_000_000);
const FILES = { 'a/b/big.parquet': CONTENT, 'a/b/small.txt': 'small', 'a/b/empty.txt': '', 'a/b/empty.parquet': '' };
const BIG = '/datasets/a/b/resolve/main/big.parquet';

async function locate(url: string, path = BIG): Promise<string> {
  const answer = await fetch(url + path, { redirect: 'manual' });
  expect(answer.status).toBe(302);
  return answer.headers.get('location') ?? '';
}

describe('parseRange', () => {
  it.each([
    [undefined, undefined],
    ['bytes=0-0', { start: 0, end: 0 }],
    ['bytes=10-', { start: 10, end: 99 }],
    ['bytes=10-500', { start: 10, end: 99 }],
    ['bytes=-5', { start: 95, end: 99 }],
    ['bytes=-500', { start: 0, end: 99 }],
    ['bytes=-0', 'unsatisfiable'],
    ['bytes=100-', 'unsatisfiable'],
    ['bytes=9-5', undefined],
    ['bytes=0-1,5-6', undefined],
    ['bytes=-', undefined],
    ['pages=0-1', undefined],
  ])('%s', (header, expected) => {
    expect(parseRange(header, 100)).toEqual(expected);
  });
});

describe('files in LFS', () => {
  it('are redirected to a link on another host name, with size, hash and commit', async () => {
    const { url } = await startHub(FILES);
    const info: unknown = await (await fetch(`${url}/api/datasets/a/b`)).json();
    for (const method of ['GET', 'HEAD']) {
      const answer = await fetch(url + BIG, { method, redirect: 'manual' });
      expect(answer.status).toBe(302);
      expect(answer.headers.get('x-linked-size')).toBe('2000000');
      expect(answer.headers.get('x-linked-etag')).toMatch(/^"[0-9a-f]{64}"$/);
      expect(info).toMatchObject({ sha: answer.headers.get('x-repo-commit') });
      expect(answer.headers.has('x-xet-hash')).toBe(false);
      const location = new URL(answer.headers.get('location') ?? '');
      expect(location.host).toBe(new URL(url).host.replace('127.0.0.1', 'localhost'));
      expect(location.pathname).toMatch(/^\/_cdn\//);
    }
  });

  it.each([
    { range: undefined, status: 200, start: 0, end: 2_000_000 },
    { range: 'bytes=0-0', status: 206, start: 0, end: 1 },
    { range: 'bytes=1999999-', status: 206, start: 1_999_999, end: 2_000_000 },
    { range: 'bytes=-70000', status: 206, start: 1_930_000, end: 2_000_000 },
    { range: 'bytes=1000-1234567', status: 206, start: 1000, end: 1_234_568 },
  ])('answer $range with $status', async ({ range, status, start, end }) => {
    const { url } = await startHub(FILES);
    const answer = await fetch(url + BIG, range ? { headers: { range } } : {});
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-range')).toBe(range ? `bytes ${start}-${end - 1}/2000000` : null);
    expect(answer.headers.get('content-length')).toBe(String(end - start));
    expect(Buffer.compare(await answer.bytes(), CONTENT.subarray(start, end))).toBe(0);
  });

  it('answer conditional requests, and ranges that they do not have', async () => {
    const { url } = await startHub(FILES);
    const link = await locate(url);
    const ask = async (headers: Record<string, string>) => fetch(link, { headers });
    const etag = (await ask({})).headers.get('etag') ?? '';
    expect((await ask({ 'if-none-match': etag })).status).toBe(304);
    expect((await ask({ 'if-none-match': '"other"' })).status).toBe(200);
    expect((await ask({ range: 'bytes=5-9', 'if-range': etag })).status).toBe(206);
    expect((await ask({ range: 'bytes=5-9', 'if-range': '"other"' })).status).toBe(200);
    const beyond = await ask({ range: 'bytes=2000000-2000001' });
    expect(beyond.status).toBe(416);
    expect(beyond.headers.get('content-range')).toBe('bytes */2000000');
    const empty = await fetch(await locate(url, BIG.replace('big', 'empty')));
    expect([empty.status, await empty.text()]).toEqual([200, '']);
  });

  it('are not to be had by a link that expired, was changed, or comes with a token', async () => {
    const { url, folder } = await startHub(FILES);
    const { url: brief } = await startHub(FILES, { linkLifetimeSeconds: 0 });
    expect((await fetch(await locate(brief))).status).toBe(403);
    const link = await locate(url);
    expect((await fetch(link.replace(/Expires=\d/, 'Expires=9'))).status).toBe(403);
    expect((await fetch(link.replace(/Signature=.*/, ''))).status).toBe(403);
    expect((await fetch(link, { headers: { authorization: 'Bearer hf_x' } })).status).toBe(400);
    expect((await fetch(link)).status).toBe(200);
    await writeFiles(folder, { 'a/b/big.parquet': bytes(2_000_000, 1) });
    expect((await fetch(link)).status).toBe(404);
  });

  it('survive a client that goes away', async () => {
    const { url } = await startHub({ 'a/b/big.parquet': Buffer.alloc(8_000_000, 'abc') });
    const link = await locate(url);
    await new Promise<void>((resolve) => {
      const req = request(link, (res) => res.once('data', () => res.destroy()).once('close', resolve));
      req.end();
    });
    const answer = await fetch(link, { headers: { range: 'bytes=-3' } });
    expect(await answer.text()).toBe('cab');
  });
});

describe('other files', () => {
  it('are answered directly', async () => {
    const { url } = await startHub(FILES);
    const path = `${url}/datasets/a/b/resolve/main/small.txt`;
    const whole = await fetch(path, { redirect: 'error' });
    expect(await whole.text()).toBe('small');
    expect(whole.headers.get('x-repo-commit')).toMatch(/^[0-9a-f]{40}$/);
    const head = await fetch(path, { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length'), head.headers.get('accept-ranges')]).toEqual([
      200,
      '5',
      'bytes',
    ]);
    const tail = await fetch(path, { headers: { range: 'bytes=-3' } });
    expect([tail.status, await tail.text()]).toEqual([206, 'all']);
    expect(await (await fetch(path.replace('small', 'empty'))).text()).toBe('');
  });
});
