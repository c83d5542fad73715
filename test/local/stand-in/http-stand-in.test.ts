import { text } from 'node:stream/consumers';
import { afterEach, expect, it } from 'vitest';
import { type StandIn, serveStandIn } from '../../../local/stand-in/http-stand-in.ts';
import type { RequestReport } from '../../../local/stand-in/request-log.ts';

let standIn: StandIn | undefined;
afterEach(() => standIn?.close());

async function echo(): Promise<StandIn> {
  standIn = await serveStandIn(
    async (req, res) => {
      res.end(req.method === 'POST' ? await text(req) : 'abcdef');
    },
    { name: 'echo' },
  );
  return standIn;
}
const faults = (url: string, rules: unknown) =>
  fetch(`${url}/_faults`, { method: 'POST', body: JSON.stringify(rules) });
const get = async (url: string) => {
  const response = await fetch(url);
  return `${response.status} ${await response.text()}`;
};

it('answers with a status as often as it was told, and only where the rule matches', async () => {
  const { url } = await echo();
  const rule = { match: { method: 'GET', path: '^/a' }, times: 2, status: 429, headers: { 'retry-after': '7' } };
  expect((await faults(url, [rule])).status).toBe(204);
  expect(await get(`${url}/b`)).toBe('200 abcdef');
  expect((await fetch(`${url}/a`)).headers.get('retry-after')).toBe('7');
  expect(await get(`${url}/a`)).toContain('429');
  expect(await get(`${url}/a`)).toBe('200 abcdef');
});

it('flips a byte of what it sends, and of what was sent to it', async () => {
  const { url } = await echo();
  await faults(url, [{ match: {}, times: 2, corrupt: true }]);
  expect(await get(url)).toBe('200 abceef');
  expect(await (await fetch(url, { method: 'POST', body: 'abcdef' })).text()).toBe('abceef');
  expect(await (await fetch(url, { method: 'POST', body: 'abcdef' })).text()).toBe('abcdef');
});

it('cuts an answer after some bytes, and before the first one', async () => {
  const { url } = await echo();
  await faults(url, [
    { match: {}, times: 1, cutAfterBytes: 3 },
    { match: {}, times: 1, cutAfterBytes: 0 },
  ]);
  await expect(get(url)).rejects.toThrow();
  await expect(get(url)).rejects.toThrow();
  expect(await get(url)).toBe('200 abcdef');
});

it('refuses rules that it does not know, and clears those that it does', async () => {
  const { url } = await echo();
  const refused = await faults(url, [{ match: { path: '(' }, explode: true }]);
  expect(refused.status).toBe(400);
  expect(await refused.text()).toMatch(/explode[\s\S]*regular expression/);
  await faults(url, [{ match: {}, status: 503 }]);
  expect(await get(url)).toContain('503');
  await fetch(`${url}/_faults`, { method: 'DELETE' });
  expect(await get(url)).toBe('200 abcdef');
});

it('counts requests and bytes', async () => {
  const { url } = await echo();
  await Promise.all([get(`${url}/x?y=1`), fetch(url, { method: 'POST', body: '12345' }).then((r) => r.text())]);
  await expect
    .poll(async () => ((await (await fetch(`${url}/_requests`)).json()) as RequestReport).requests)
    .toEqual(
      expect.arrayContaining([
        { method: 'GET', path: '/x?y=1', status: 200, bytes_in: 0, bytes_out: 6 },
        { method: 'POST', path: '/', status: 200, bytes_in: 5, bytes_out: 5 },
      ]),
    );
});

it('says which port is taken', async () => {
  const { port } = await echo();
  await expect(serveStandIn(() => {}, { name: 'hub', port })).rejects.toThrow(
    `port ${port} for the hub stand-in is taken`,
  );
});
