import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  createImageFetcher,
  type ImageFetcher,
  type ImageFetcherOptions,
} from '../../../../lambdas/shared/images/fetch-public-image.ts';
import { RowError } from '../../../../lambdas/shared/jobs/row-failure.ts';

type Listener = (request: IncomingMessage, response: ServerResponse) => void;

const IMAGE = Buffer.from([0xff, 0xd8, 0xff, 1, 2, 3]);
const serveImage: Listener = (_request, response) => response.end(IMAGE);

let routes: Record<string, Listener>;
let requests: IncomingMessage[];
let logged: Record<string, unknown>[];
let port: number;
let fetcher: ImageFetcher;

const server = createServer((request, response) => {
  requests.push(request);
  const route = routes[new URL(request.url ?? '', 'http://host').pathname];
  if (route) route(request, response);
  else response.writeHead(404).end();
});

beforeEach(async () => {
  routes = { '/a.jpg': serveImage };
  requests = [];
  logged = [];
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  port = (server.address() as AddressInfo).port;
  useFetcher({});
});

afterEach(async () => {
  await fetcher.close();
  server.closeAllConnections();
  await new Promise((closed) => server.close(closed));
});

function useFetcher(options: Partial<ImageFetcherOptions>): void {
  const log = () => {};
  const warn = (_message: string, fields: Record<string, unknown> = {}) => logged.push(fields);
  fetcher = createImageFetcher({
    allowedHosts: [`127.0.0.1:${port}`],
    maxBytes: 1_000,
    timeoutMs: 10_000,
    maxRedirects: 3,
    maxConcurrent: 4,
    retryDelayMs: 1,
    log: { debug: log, info: log, warn, error: log },
    ...options,
  });
}

/** The image, or why there is none. */
async function outcome(url: string): Promise<unknown> {
  try {
    return await fetcher.fetchImage(new URL(url, `http://127.0.0.1:${port}`));
  } catch (error) {
    if (error instanceof RowError) return error.reason;
    throw error;
  }
}

describe('addresses', () => {
  it.each([
    'http://127.0.0.1',
    'http://localhost',
    'http://2130706433', // decimal
    'http://0x7f.1', // hexadecimal
    'http://0177.0.0.1', // octal
    'http://[::1]',
    'http://[::ffff:127.0.0.1]',
    'http://0.0.0.0',
    'https://127.0.0.1',
  ])('refuses %s', async (origin) => {
    useFetcher({ allowedHosts: [] });
    expect(await outcome(`${origin}:${port}/a.jpg`)).toBe('forbidden_address');
    expect(requests).toEqual([]);
  });

  it.each(['http://localhost:PORT/a.jpg', 'http://169.254.169.254/latest/meta-data', '//[::1]:PORT/a.jpg'])(
    'refuses a redirect to %s',
    async (location) => {
      routes['/moved'] = (_request, response) =>
        response.writeHead(302, { location: location.replace('PORT', `${port}`) }).end();
      expect(await outcome('/moved')).toBe('forbidden_address');
      expect(requests).toHaveLength(1);
    },
  );
});

describe('requests', () => {
  it('carry our name and nothing else of ours, and no credentials of the URL', async () => {
    routes['/moved'] = (_request, response) =>
      response
        .writeHead(301, { location: `http://user:secret@127.0.0.1:${port}/a.jpg?size=1#top`, 'set-cookie': 'a=b' })
        .end('moved');
    expect(await outcome(`http://user:secret@127.0.0.1:${port}/moved?sig=%20x`)).toEqual(IMAGE);
    expect(requests.map(({ url }) => url)).toEqual(['/moved?sig=%20x', '/a.jpg?size=1']);
    for (const { headers } of requests) {
      expect(headers).toMatchObject({ 'user-agent': expect.stringContaining('modomo'), 'accept-encoding': 'identity' });
      expect(Object.keys(headers).toSorted()).toEqual([
        'accept',
        'accept-encoding',
        'connection',
        'host',
        'user-agent',
      ]);
    }
  });

  it('are at most as many at once as allowed', async () => {
    const waiting: ServerResponse[] = [];
    let most = 0;
    routes['/slow.jpg'] = (_request, response) => {
      most = Math.max(most, waiting.push(response));
      if (waiting.length === 2) setImmediate(() => waiting.splice(0).forEach((open) => void open.end(IMAGE)));
    };
    useFetcher({ maxConcurrent: 2 });
    await Promise.all(Array.from({ length: 8 }, () => outcome('/slow.jpg')));
    expect({ most, requests: requests.length }).toEqual({ most: 2, requests: 8 });
  });
});

describe('answers', () => {
  it.each([
    { status: 200, expected: IMAGE, tries: 1 },
    { status: 404, expected: 'missing_file', tries: 1 },
    { status: 410, expected: 'missing_file', tries: 1 },
    { status: 403, expected: 'unreachable', tries: 1 },
    { status: 304, expected: 'unreachable', tries: 1 },
    { status: 500, expected: 'unreachable', tries: 3 },
    { status: 503, headers: { 'retry-after': '0' }, expected: 'unreachable', tries: 3 },
    { status: 429, headers: { 'retry-after': '0' }, expected: 'unreachable', tries: 3 },
    { status: 429, headers: { 'retry-after': '61' }, expected: 'unreachable', tries: 1 },
    { status: 302, headers: { location: 'ftp://example.com/a.jpg' }, expected: 'bad_reference', tries: 1 },
    { status: 302, headers: { location: 'http://' }, expected: 'unreachable', tries: 1 },
    { status: 302, headers: { location: '/x' }, expected: 'unreachable', tries: 4 },
  ])('of status $status $headers: $expected after $tries', async ({ status, headers, expected, tries }) => {
    routes['/x'] = (_request, response) => response.writeHead(status, headers).end(status === 304 ? undefined : IMAGE);
    expect(await outcome('/x')).toEqual(expected);
    expect(requests).toHaveLength(tries);
    if (status >= 429) expect(logged).toHaveLength(tries - 1);
  });

  it('that are cut are asked for again, and the log does not show the query', async () => {
    routes['/cut'] = (_request, response) => {
      if (requests.length > 2) return response.end(IMAGE);
      response.writeHead(200, { 'content-length': IMAGE.length }).write(IMAGE.subarray(0, 3));
      response.socket?.end();
    };
    expect(await outcome('/cut?sig=secret')).toEqual(IMAGE);
    expect(logged).toMatchObject([{ url: `http://127.0.0.1:${port}/cut`, attempt: 1 }, { attempt: 2 }]);
  });

  it('that never end run out of time', async () => {
    useFetcher({ timeoutMs: 150 });
    routes['/drip'] = (request, response) => {
      const drip = setInterval(() => response.write('.'), 10);
      request.socket.once('close', () => clearInterval(drip));
    };
    const failed = fetcher.fetchImage(new URL(`http://127.0.0.1:${port}/drip?sig=secret`));
    await expect(failed).rejects.toMatchObject({
      reason: 'unreachable',
      message: `http://127.0.0.1:${port}/drip: took longer than 150 ms`,
    });
    expect(requests).toHaveLength(3);
  });

  it.each([
    { name: 'declared', headers: { 'content-length': 5_000 } },
    { name: 'in chunks', headers: {} },
  ])('larger than the limit, $name, are left', async ({ headers }) => {
    routes['/large'] = (_request, response) => void response.writeHead(200, headers).end(Buffer.alloc(5_000));
    expect(await outcome('/large')).toBe('too_many_bytes');
    expect(requests).toHaveLength(1);
  });

  it('of any length do not fill the memory when they come in chunks', async () => {
    const closed = Promise.withResolvers<void>();
    routes['/endless'] = (_request, response) => {
      const pour = () => {
        while (response.write(Buffer.alloc(16_384)));
      };
      response.on('drain', pour).on('close', closed.resolve);
      pour();
    };
    expect(await outcome('/endless')).toBe('too_many_bytes');
    await closed.promise; // the socket is closed, and the server notices
  });

  it('that are compressed against our wish are not inflated', async () => {
    const bomb = gzipSync(Buffer.alloc(100_000));
    routes['/bomb'] = (_request, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb);
    expect(await outcome('/bomb')).toEqual(bomb);
  });
});

describe('failures of the network', () => {
  it('that may pass are tried three times', async () => {
    routes['/reset'] = (request) => request.socket.resetAndDestroy();
    expect(await outcome('/reset')).toBe('unreachable');
    expect(requests).toHaveLength(3);
  });

  it('that will not pass are tried once: no TLS behind the port', async () => {
    expect(await outcome(`https://127.0.0.1:${port}/a.jpg`)).toBe('unreachable');
    expect(logged).toHaveLength(0);
  });

  it('are the reason of the caller when the caller aborts', async () => {
    const controller = new AbortController();
    routes['/hang'] = () => controller.abort(new Error('near the deadline'));
    const url = new URL(`http://127.0.0.1:${port}/hang`);
    await expect(fetcher.fetchImage(url, { signal: controller.signal })).rejects.toThrow('near the deadline');
    expect(requests).toHaveLength(1);
  });
});
