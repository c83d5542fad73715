import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { json as readJson } from 'node:stream/consumers';
import { FaultRules } from './fault-rules.ts';
import { RequestLog } from './request-log.ts';

export interface StandIn {
  /** `http://127.0.0.1:{port}`, or `https:` */
  readonly url: string;
  readonly port: number;
  /** Ends the server and every connection. */
  close(): Promise<void>;
}

export interface StandInOptions {
  /** What it stands in for, for messages: `hub`, `bucket`. */
  readonly name: string;
  /** @default any free port */
  readonly port?: number;
  /** Key and certificate in PEM. @default plain HTTP */
  readonly tls?: TlsFiles;
}

export interface TlsFiles {
  readonly key: string | Buffer;
  readonly cert: string | Buffer;
}

export type Listener = (req: IncomingMessage, res: ServerResponse) => void | Promise<void>;

/**
 * Serves `listener` on the loopback address. Every stand-in can be told to misbehave (`POST`, `GET`, `DELETE /_faults`,
 * see `FaultRule`) and tells what it was asked (`GET`, `DELETE /_requests`, see `RequestLog`).
 * @throws Error in one sentence when the port is taken.
 */
export async function serveStandIn(listener: Listener, { name, port = 0, tls }: StandInOptions): Promise<StandIn> {
  const faults = new FaultRules();
  const log = new RequestLog();

  async function answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
    if (req.url === '/_faults') return control(req, res, faults);
    if (req.url === '/_requests') return report(req, res, log);
    log.watch(req, res);
    if (await faults.apply(req, res)) return;
    await listener(req, res);
  }

  const handle = (req: IncomingMessage, res: ServerResponse): void => {
    answer(req, res).catch((error: unknown) => {
      const message = error instanceof Error ? error.message : String(error);
      if (res.headersSent) res.destroy();
      else sendJson(res, 500, { message, error: message });
    });
  };
  const options = { keepAlive: true, highWaterMark: 1 << 20 };
  const server = tls ? createTlsServer({ ...options, ...tls }, handle) : createServer(options, handle);
  server.keepAliveTimeout = 65_000; // longer than any client's, so that no client meets a closing connection
  server.requestTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(portError(error, name, port)));
    server.listen(port, '127.0.0.1', resolve);
  });
  const bound = (server.address() as AddressInfo).port;
  return {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${bound}`,
    port: bound,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Answers with a JSON body. */
export function sendJson(
  res: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  res.writeHead(status, { 'content-type': 'application/json', ...headers });
  res.end(JSON.stringify(body));
}

function portError(error: NodeJS.ErrnoException, name: string, port: number): Error {
  if (error.code === 'EADDRINUSE') {
    return new Error(`port ${port} for the ${name} stand-in is taken by another program`, { cause: error });
  }
  if (error.code === 'EACCES') {
    return new Error(`port ${port} for the ${name} stand-in needs more rights; take one above 1023`, { cause: error });
  }
  return error;
}

async function control(req: IncomingMessage, res: ServerResponse, faults: FaultRules): Promise<void> {
  if (req.method === 'GET') return sendJson(res, 200, faults.list());
  if (req.method === 'DELETE') faults.clear();
  else if (req.method === 'POST') {
    const wrong = faults.add(await readJson(req).catch(() => 'not JSON'));
    if (wrong) return sendJson(res, 400, { message: wrong });
  } else return sendJson(res, 405, { message: 'GET, POST or DELETE' });
  res.writeHead(204).end();
}

function report(req: IncomingMessage, res: ServerResponse, log: RequestLog): void {
  if (req.method === 'GET') {
    sendJson(res, 200, log.report());
  } else if (req.method === 'DELETE') {
    log.clear();
    res.writeHead(204).end();
  } else {
    sendJson(res, 405, { message: 'GET or DELETE' });
  }
}
