import { describe, expect, it, vi } from 'vitest';
import { BadInputError, ConfigError, ThrottledError, TransientError } from '../../../../lambdas/shared/errors.ts';
import { RowError } from '../../../../lambdas/shared/jobs/row-failure.ts';
import { collect, sendRange, serve, testClient } from './serve.ts';

const SHA = 'a'.repeat(40);
const BYTES = Buffer.from(Array.from({ length: 200_000 }, (_, i) => (i * 7) % 251));
const file = { repo: 'ns/name', revision: SHA, path: 'data/train #1?ü%.parquet' };
const encoded = `/datasets/ns/name/resolve/${SHA}/data/train%20%231%3F%C3%BC%25.parquet`;
const info = {
  _id: '1',
  id: 'ns/name',
  sha: SHA,
  private: false,
  gated: 'auto',
  downloads: 0,
  likes: 0,
  lastModified: '',
};

function json(body: unknown): [number, Record<string, string>, string] {
  return [200, { 'content-type': 'application/json' }, JSON.stringify(body)];
}

describe('metadata', () => {
  it('pins a revision, under the name that the Hub gives after a rename', async () => {
    const hub = await serve((req, res) => {
      if (req.url?.includes('/old/')) res.writeHead(307, { location: req.url.replace('/old/', '/ns/') }).end();
      else {
        const [status, headers, body] = json(info);
        res.writeHead(status, headers).end(body);
      }
    });
    const head = await testClient(hub.url).datasetInfo({ repo: 'old/name', revision: 'refs/convert/parquet' });
    expect(head).toEqual({ repo: 'ns/name', sha: SHA, private: false, gated: true });
    expect(hub.seen[0]).toContain('/api/datasets/old/name/revision/refs%2Fconvert%2Fparquet?');
  });

  it('lists 10,000 files page by page, and sends the token to no other host', async () => {
    const entries = Array.from({ length: 10_000 }, (_, i) => ({
      type: 'file',
      path: `img/${i}.jpg`,
      size: i,
      oid: '',
    }));
    const other = await serve((_req, res) => res.writeHead(200, { 'content-type': 'application/json' }).end('[]'));
    const hub = await serve((req, res, count) => {
      const next = count < 10 ? `${hub.url}${req.url?.replace(/&cursor=.*/, '')}&cursor=${count}` : other.url;
      res.writeHead(200, { 'content-type': 'application/json', link: `<${next}>; rel="next"` });
      res.end(JSON.stringify(entries.slice((count - 1) * 1000, count * 1000)));
    });
    const files = await testClient(hub.url, { token: 'hf_secret' }).listFiles({ repo: 'ns/name', revision: 'a/b' });
    expect(files).toHaveLength(10_000);
    expect(files[9_999]).toEqual({ path: 'img/9999.jpg', sizeBytes: 9_999 });
    expect(hub.seen[0]).toContain('/api/datasets/ns/name/tree/a%2Fb?recursive=true');
    expect(new Set(hub.authorizations)).toEqual(new Set(['Bearer hf_secret']));
    expect(other.authorizations).toEqual([undefined]);
  });

  it.each([
    [401, undefined, undefined, /does not exist, or is private or gated.*need a Hugging Face token/],
    [
      401,
      'GatedRepo',
      undefined,
      /is gated: a Hugging Face token is needed.*accepted its terms at http.*\/datasets\/ns\/name/,
    ],
    [403, 'GatedRepo', 'hf_x', /has no access to it: accept its terms at http.*\/datasets\/ns\/name/],
    [401, undefined, 'hf_x', /token is not valid, or the dataset does not exist/],
    [404, 'RepoNotFound', 'hf_x', /"ns\/name" does not exist/],
    [404, 'RevisionNotFound', undefined, /has no revision "v9"/],
  ])('explains %i %s (token: %s)', async (status, code, token, message) => {
    const hub = await serve((_req, res) => res.writeHead(status, code ? { 'x-error-code': code } : {}).end());
    const asked = testClient(hub.url, { token }).datasetInfo({ repo: 'ns/name', revision: 'v9' });
    await expect(asked).rejects.toThrow(BadInputError);
    await expect(asked).rejects.toThrow(message);
    expect(hub.seen).toHaveLength(1);
  });

  it('gives the answers of the viewer with their revision, and tries ResponseNotReady again', async () => {
    const hub = await serve((_req, res, count) => {
      if (count === 1) res.writeHead(500, { 'x-error-code': 'ResponseNotReady' }).end();
      else res.writeHead(501, { 'x-revision': SHA }).end('{"error":"x"}');
    });
    const client = testClient(hub.url);
    expect(await client.viewer('parquet', { dataset: 'ns/name' })).toEqual({
      status: 501,
      revision: SHA,
      body: { error: 'x' },
    });
    expect(hub.seen).toEqual(Array(2).fill('/datasets-server/parquet?dataset=ns%2Fname'));
    expect(client.lines.join()).toContain('ResponseNotReady');
  });

  it.each([
    [{ endpoint: 'huggingface.co' }, /Hub endpoint must be an http/],
    [{ token: 'hf_\n' }, /token holds characters/],
  ])('refuses the setting %j', (options, message) => {
    expect(() => testClient('http://127.0.0.1:1', options)).toThrow(ConfigError);
    expect(() => testClient('http://127.0.0.1:1', options)).toThrow(message);
  });
});

describe('tries and pauses', () => {
  it('tries a 503 and a cut body three times, and logs each try', async () => {
    const hub = await serve((_req, res, count) => {
      if (count === 1) res.writeHead(503).end();
      else res.writeHead(200, { 'content-length': 10 }).write('abc', () => res.destroy());
    });
    const client = testClient(hub.url);
    await expect(client.readText(file, 100)).rejects.toThrow(TransientError);
    expect(hub.seen).toHaveLength(3);
    expect(client.lines).toHaveLength(3);
    expect(client.sleeps).toHaveLength(2);
  });

  it('names a server that cannot be reached, and times out on one that does not answer', async () => {
    await expect(testClient('http://127.0.0.1:1').readText(file, 1)).rejects.toThrow(
      /no answer from 127.0.0.1:1.*ECONNREFUSED/,
    );
    const hub = await serve(() => {});
    const client = testClient(hub.url, { timeouts: { headersMs: 50 } });
    await expect(client.readText(file, 1)).rejects.toThrow(/UND_ERR_HEADERS_TIMEOUT/);
  });

  it.each([
    [{ ratelimit: '"resolvers";r=0;t=55', 'retry-after': '1' }, 55],
    [{ ratelimit: '"api";r=3;t=55, "resolvers";r=7;t=55', 'retry-after': '7' }, 7],
    [{}, 1],
  ])('waits as long as %j says', async (headers, seconds) => {
    const hub = await serve((_req, res, count) => (count === 1 ? res.writeHead(429, headers).end() : res.end('x')));
    const client = testClient(hub.url);
    expect(await client.readText(file, 100)).toBe('x');
    expect(client.sleeps).toHaveLength(1);
    expect(Math.floor((client.sleeps[0] ?? 0) / 1000)).toBe(seconds);
  });

  it('leaves a pause above the limit, and pauses that add up to it, to the caller', async () => {
    const long = await serve((_req, res) => res.writeHead(429, { ratelimit: '"resolvers";r=0;t=61' }).end());
    await expect(testClient(long.url).readFile(file, 1)).rejects.toMatchObject({
      name: 'ThrottledError',
      retryAfterSeconds: 61,
    });
    expect(long.seen).toHaveLength(1);
    const endless = await serve((_req, res) => res.writeHead(429, { 'retry-after': '25' }).end());
    await expect(testClient(endless.url).readFile(file, 1)).rejects.toThrow(ThrottledError);
    expect(endless.seen).toHaveLength(3);
  });

  it('holds every request back while one was told to pause', async () => {
    let resume = () => {};
    const hub = await serve((_req, res, count) => (count === 1 ? res.writeHead(429).end() : res.end('x')));
    const client = testClient(hub.url, { sleep: () => new Promise((resolve) => (resume = resolve)) });
    const first = client.readText(file, 9);
    await vi.waitFor(() => expect(client.lines).toHaveLength(1));
    const second = client.readText({ ...file, path: 'b' }, 9);
    await new Promise((resolve) => setImmediate(resolve));
    expect(hub.seen).toHaveLength(1);
    resume();
    expect(await Promise.all([first, second])).toEqual(['x', 'x']);
  });
});

describe('readFile', () => {
  it.each([
    [404, 'missing_file'],
    [403, 'unreachable'],
  ])('turns a %i into the row failure %s', async (status, reason) => {
    const hub = await serve((_req, res) => res.writeHead(status).end());
    await expect(testClient(hub.url).readFile(file, 9)).rejects.toMatchObject({ name: 'RowError', reason });
  });

  it('refuses a path that leaves the repository, without asking', async () => {
    const hub = await serve((_req, res) => res.end());
    for (const path of ['../../api/whoami', 'a/./b', '', '/etc/passwd']) {
      await expect(testClient(hub.url).readFile({ ...file, path }, 9)).rejects.toMatchObject({
        reason: 'bad_reference',
      });
    }
    expect(hub.seen).toEqual([]);
  });

  it('stops at the limit, declared or not', async () => {
    const hub = await serve((req, res) => {
      if (req.url?.endsWith('declared')) return res.writeHead(200, { 'content-length': 1e9 }).flushHeaders();
      const flood = () => res.write(BYTES, (error) => !error && flood());
      flood();
    });
    const client = testClient(hub.url);
    for (const path of ['declared', 'flood']) {
      const read = client.readFile({ ...file, path }, 1_000_000);
      await expect(read).rejects.toThrow(RowError);
      await expect(read).rejects.toMatchObject({ reason: 'too_many_bytes' });
    }
    expect(client.stats().bytesFetched).toBeLessThan(2_000_000);
  });

  it('keeps to the limit of requests under way', async () => {
    const held: (() => void)[] = [];
    const hub = await serve((_req, res) => {
      held.push(() => res.end('x'));
      if (held.length === 3) for (const answer of held.splice(0)) answer();
    });
    const client = testClient(hub.url, { maxConcurrent: 3 });
    await Promise.all(Array.from({ length: 30 }, (_, i) => client.readFile({ ...file, path: `${i}` }, 9)));
    expect(hub.maxOpen).toBe(3);
    expect(client.stats()).toEqual({ requests: 30, bytesFetched: 30 });
  });
});

describe('openFile', () => {
  it('follows the redirect once per file, without the token, and again when the location has expired', async () => {
    let expired = '';
    const storage = await serve((req, res) =>
      req.url === expired ? res.writeHead(403).end() : sendRange(req, res, BYTES),
    );
    const hub = await serve((_req, res, count) =>
      res.writeHead(302, { location: `${storage.url}/${count}?sig=s3cret` }).end(),
    );
    const client = testClient(hub.url, { token: 'hf_secret' });
    const source = client.openFile(file);
    expect(hub.seen).toEqual([]);
    const tail = await source.readTail(8);
    expect(tail.sizeBytes).toBe(BYTES.length);
    expect(Buffer.from(tail.bytes)).toEqual(BYTES.subarray(-8));
    expect(await collect(source.stream(10, 150_000))).toEqual(BYTES.subarray(10, 150_000));
    expect(hub.seen).toEqual([`${encoded} bytes=-8`]);
    expired = '/1?sig=s3cret';
    expect(await collect(client.openFile(file).stream(0, 9))).toEqual(BYTES.subarray(0, 9));
    expect(hub.seen).toHaveLength(2);
    expect(new Set(hub.authorizations)).toEqual(new Set(['Bearer hf_secret']));
    expect(new Set(storage.authorizations)).toEqual(new Set([undefined]));
  });

  it('reads the tail of a file that is smaller, or empty', async () => {
    const hub = await serve((req, res) =>
      sendRange(req, res, req.url?.endsWith('empty') ? Buffer.of() : BYTES.subarray(0, 5)),
    );
    const client = testClient(hub.url);
    expect(Buffer.from((await client.openFile(file).readTail(100)).bytes)).toEqual(BYTES.subarray(0, 5));
    expect(await client.openFile({ ...file, path: 'empty' }).readTail(100)).toEqual({
      bytes: new Uint8Array(0),
      sizeBytes: 0,
    });
  });

  it('goes on where a body was cut, as often as bytes arrive in between', async () => {
    const hub = await serve((req, res) => {
      const start = Number(/bytes=(\d+)-/.exec(req.headers.range ?? '')?.[1]);
      const range = `bytes ${start}-${BYTES.length - 1}/${BYTES.length}`;
      res.writeHead(206, { 'content-range': range, 'content-length': BYTES.length - start });
      if (BYTES.length - start <= 30_000) res.end(BYTES.subarray(start));
      else res.write(BYTES.subarray(start, start + 30_000), () => res.destroy());
    });
    const client = testClient(hub.url);
    expect(await collect(client.openFile(file).stream(0, BYTES.length))).toEqual(BYTES);
    expect(hub.seen.length).toBeGreaterThan(5);
    expect(client.stats().bytesFetched).toBe(BYTES.length);
  });

  it('gives up on a body that is cut at the same place again and again', async () => {
    const hub = await serve((req, res) => {
      const range = req.headers.range?.replace('=', ' ') ?? '';
      const part = res.writeHead(206, { 'content-range': `${range}/${BYTES.length}`, 'content-length': 9 });
      if (range.startsWith('bytes 0-')) part.write('12345', () => res.destroy());
      else part.write('', () => res.destroy());
    });
    await expect(collect(testClient(hub.url).openFile(file).stream(0, 9))).rejects.toThrow(/read bytes 0 to 9 .*cut/);
    expect(hub.seen.filter((line) => line.endsWith('bytes=5-8'))).toHaveLength(2);
  });

  it.each<[string, Parameters<typeof serve>[0], RegExp]>([
    ['ignores ranges', (_req, res) => res.end(BYTES), /does not answer ranges \(status 200\)/],
    [
      'sends another range',
      (req, res) => sendRange(Object.assign(req, { headers: { range: 'bytes=0-3' } }), res, BYTES),
      /sent bytes 0 to 4, asked for 5 to 9/,
    ],
    ['has less', (req, res) => sendRange(req, res, BYTES.subarray(0, 7)), /shorter than expected: it has 7 bytes/],
    ['has nothing there', (req, res) => sendRange(req, res, BYTES.subarray(0, 3)), /has only 3 bytes/],
    [
      'has no such file',
      (_req, res) => res.writeHead(404).end(),
      /has no file "data\/train #1\?ü%.parquet" at revision aaaa/,
    ],
  ])('says so when the server %s', async (_name, listener, message) => {
    const hub = await serve(listener);
    const read = collect(testClient(hub.url).openFile(file).stream(5, 9));
    await expect(read).rejects.toThrow(BadInputError);
    await expect(read).rejects.toThrow(message);
    expect(hub.seen).toHaveLength(1);
  });

  it('notices that the file changed between two reads', async () => {
    const hub = await serve((req, res, count) => sendRange(req, res, BYTES, `"v${count}"`));
    const source = testClient(hub.url).openFile(file);
    await source.readTail(8);
    await expect(collect(source.stream(0, 9))).rejects.toThrow(/changed while it was read/);
  });

  it('closes the request when the reader leaves, and lets no more through than is read', async () => {
    let sent = 0;
    let closed = false;
    const size = 1e9;
    const hub = await serve((_req, res) => {
      res.writeHead(206, { 'content-range': `bytes 0-${size - 1}/${size}`, 'content-length': size });
      res.once('close', () => {
        closed = true;
      });
      const more = () => {
        while (!closed && res.write(BYTES)) sent += BYTES.length;
        res.once('drain', more);
      };
      more();
    });
    const client = testClient(hub.url, { maxConcurrent: 1 });
    let read = 0;
    for await (const chunk of client.openFile(file).stream(0, size)) {
      read += chunk.length;
      if (read > 1_000_000) break;
    }
    await vi.waitFor(() => expect(closed).toBe(true));
    expect(sent).toBeLessThan(50e6);
    expect(client.lines).toEqual([]);
  });

  it('lets a reader make another request when there is one slot only', async () => {
    const hub = await serve((req, res) => sendRange(req, res, BYTES));
    const client = testClient(hub.url, { maxConcurrent: 1 });
    const chunks: Uint8Array[] = [];
    for await (const chunk of client.openFile(file).stream(0, BYTES.length)) {
      if (chunks.length === 0)
        expect(await client.readFile({ ...file, path: 'image.jpg' }, 1e6)).toHaveLength(BYTES.length);
      chunks.push(chunk);
    }
    expect(Buffer.concat(chunks)).toEqual(BYTES);
    expect(hub.maxOpen).toBe(1);
  });

  it('logs no token and no signed URL', async () => {
    const storage = await serve((_req, res) => res.writeHead(503).end());
    const hub = await serve((_req, res) =>
      res.writeHead(302, { location: `${storage.url}/x?X-Amz-Signature=s3cret` }).end(),
    );
    const client = testClient(hub.url, { token: 'hf_t0ken' });
    const error: unknown = await collect(client.openFile(file).stream(0, 9)).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(TransientError);
    expect(`${client.lines.join()} ${error}`).not.toMatch(/s3cret|t0ken/);
    expect(client.lines).toHaveLength(3);
  });
});
