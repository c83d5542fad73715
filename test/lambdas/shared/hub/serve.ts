import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { createHubClient, type HubClient, type HubClientOptions } from '../../../../lambdas/shared/hub/hub-client.ts';

export type Listener = (req: IncomingMessage, res: ServerResponse, count: number) => void;

export interface Served {
  readonly url: string;
  /** `GET /path range` of every request so far. */
  readonly seen: string[];
  readonly authorizations: (string | undefined)[];
  maxOpen: number;
}

/** A server of the test, closed when the test ends. `count` is the number of the request, from 1. */
export async function serve(listener: Listener): Promise<Served> {
  let open = 0;
  const served: Served & { url: string } = { url: '', seen: [], authorizations: [], maxOpen: 0 };
  const server = createServer((req, res) => {
    served.seen.push(`${req.url}${req.headers.range ? ` ${req.headers.range}` : ''}`);
    served.authorizations.push(req.headers.authorization);
    served.maxOpen = Math.max(served.maxOpen, ++open);
    res.once('close', () => open--);
    listener(req, res, served.seen.length);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  served.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return served;
}

/** Answers a GET with its range of `bytes`, as a storage does. */
export function sendRange(req: IncomingMessage, res: ServerResponse, bytes: Uint8Array, etag = '"v1"'): void {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(req.headers.range ?? '') ?? [];
  if (first === '' && last === '') {
    res.writeHead(200, { 'content-length': bytes.length, etag }).end(bytes);
    return;
  }
  const start = first === '' ? Math.max(0, bytes.length - Number(last)) : Number(first);
  const end = first === '' || last === '' ? bytes.length : Math.min(bytes.length, Number(last) + 1);
  if (start >= end) {
    res.writeHead(416, { 'content-range': `bytes */${bytes.length}` }).end();
    return;
  }
  const headers = { 'content-length': end - start, 'content-range': `bytes ${start}-${end - 1}/${bytes.length}`, etag };
  res.writeHead(206, headers).end(bytes.subarray(start, end));
}

export interface TestClient extends HubClient {
  /** Every line that was logged, as JSON. */
  readonly lines: string[];
  /** Every wait, in ms. */
  readonly sleeps: number[];
}

/** A client that does not really wait, closed when the test ends. */
export function testClient(endpoint: string, options: Partial<HubClientOptions> = {}): TestClient {
  const lines: string[] = [];
  const sleeps: number[] = [];
  const line = (message: string, fields?: Record<string, unknown>) =>
    void lines.push(JSON.stringify({ message, ...fields }));
  const client = createHubClient({
    endpoint,
    log: { debug: line, info: line, warn: line, error: line },
    maxConcurrent: 4,
    sleep: async (ms) => void sleeps.push(ms),
    ...options,
  });
  onTestFinished(() => client.close());
  return { ...client, lines, sleeps };
}

export async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all);
}
