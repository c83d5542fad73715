import { describe, expect, it } from 'vitest';
import { startHub } from './start-hub.ts';

const FILES = {
  'acme/open/README.md': 'open',
  'acme/private/README.md': 'private',
  'acme/private/.hub.json': '{"private": true, "acceptedTokens": ["hf_reader"]}',
  'acme/gated/README.md': 'gated',
  'acme/gated/.hub.json': '{"gated": "auto", "acceptedTokens": ["hf_reader"], "converted": {"folder": "c"}}',
  'acme/gated/c/default/train/0000.parquet': 'PAR1',
};
const INFO = (name: string) => `/api/datasets/acme/${name}/revision/main`;
const FILE = (name: string) => `/datasets/acme/${name}/resolve/main/README.md`;
const VIEWER = (name: string) => `/datasets-server/parquet?dataset=acme/${name}`;

describe('access', () => {
  it.each([
    { path: INFO('open'), anonymous: 200, stranger: 200 },
    { path: FILE('open'), anonymous: 200, stranger: 200 },
    { path: INFO('missing'), anonymous: '401 RepoNotFound', stranger: '404 RepoNotFound', reader: '404 RepoNotFound' },
    { path: FILE('missing'), anonymous: '401 RepoNotFound', stranger: '404 RepoNotFound', reader: '404 RepoNotFound' },
    { path: INFO('private'), anonymous: '401 RepoNotFound', stranger: '404 RepoNotFound' },
    { path: FILE('private'), anonymous: '401 RepoNotFound', stranger: '404 RepoNotFound' },
    { path: INFO('gated'), anonymous: 200, stranger: 200 },
    { path: '/api/datasets/acme/gated/tree/main', anonymous: 200, stranger: 200 },
    { path: FILE('gated'), anonymous: '401 GatedRepo', stranger: '403 GatedRepo' },
    { path: '/api/datasets/acme/gated/auth-check', anonymous: '401 GatedRepo', stranger: '403 GatedRepo' },
    { path: '/api/datasets/acme/gated/parquet', anonymous: '401 GatedRepo', stranger: '403 GatedRepo' },
    {
      path: VIEWER('gated'),
      anonymous: '401 ExternalUnauthenticatedError',
      stranger: '404 ExternalAuthenticatedError',
    },
    { path: INFO('open').replace('main', 'nope'), anonymous: '404 RevisionNotFound', stranger: '404 RevisionNotFound' },
    { path: FILE('open').replace('README', 'nope'), anonymous: '404 EntryNotFound', stranger: '404 EntryNotFound' },
    { path: '/datasets/acme/open/resolve/main/..%2fprivate%2fREADME.md', anonymous: 404, stranger: 404 },
    { path: '/api/datasets/acme/..%2facme%2fprivate', anonymous: 401, stranger: 404, reader: 404 },
    { path: '/datasets/acme/gated/resolve/main/.hub.json', anonymous: 401, stranger: 403, reader: 404 },
    { path: '/datasets/acme/open/resolve/main/%zz', anonymous: 400, stranger: 400 },
  ])('$path', async ({ path, anonymous, stranger, reader }) => {
    const { url } = await startHub(FILES);
    const ask = async (token?: string): Promise<string | number> => {
      const answer = await fetch(url + path, token ? { headers: { authorization: `Bearer ${token}` } } : {});
      const text = await answer.text();
      if (answer.status >= 400) {
        expect(JSON.parse(text)).toEqual({ error: answer.headers.get('x-error-message') });
      }
      return `${answer.status} ${answer.headers.get('x-error-code') ?? ''}`.trim();
    };
    const code = (wanted: string | number) => expect.stringMatching(new RegExp(`^${wanted}( |$)`));
    expect(await ask()).toEqual(code(anonymous));
    expect(await ask('hf_stranger')).toEqual(code(stranger));
    const forReader = typeof stranger === 'string' && /private|gated/.test(path) ? 200 : stranger;
    expect(await ask('hf_reader')).toEqual(code(reader ?? forReader));
  });

  it('announces the limits of its kind of request', async () => {
    const { url } = await startHub(FILES);
    const limits = async (path: string) => (await fetch(url + path)).headers.get('ratelimit');
    expect(await limits(INFO('open'))).toMatch(/^"api";r=[1-9]\d*;t=\d+$/);
    expect(await limits(FILE('open'))).toMatch(/^"resolvers";r=[1-9]\d*;t=\d+$/);
    expect(await limits(INFO('missing'))).toMatch(/^"api";/);
  });
});
