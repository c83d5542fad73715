import type { IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { App } from '@supabase/lite';
import pLimit from 'p-limit';
import { serveStandIn } from '../stand-in/http-stand-in.ts';
import type { ApiKeys } from './api-keys.ts';
import { openCluster } from './open-cluster.ts';

export interface ServedDatabase {
  readonly url: string;
  readonly port: number;
  /** Runs SQL as the superuser. */
  sql(query: string, parameters?: readonly unknown[]): Promise<Record<string, unknown>[]>;
  close(): Promise<void>;
}

export interface ServeDatabaseOptions {
  /** @default in memory */
  readonly dataDir?: string;
  /** @default any free port */
  readonly port?: number;
  readonly migrationsDir: string;
  readonly keys: ApiKeys;
}

/** Serves Supabase's REST API over PGlite. Blocks its thread while Postgres works. */
export async function serveDatabase({
  dataDir,
  port,
  migrationsDir,
  keys,
}: ServeDatabaseOptions): Promise<ServedDatabase> {
  const connection = await openCluster(dataDir, migrationsDir);
  const roles = new Map([
    [keys.serviceKey, { type: 'secret', claims: { role: 'service_role' } }],
    [keys.anonKey, { type: 'publishable', claims: { role: 'anon' } }],
  ] as const);
  const app = new App({
    connection,
    options: {
      server: {
        disableStudio: true,
        disableFallback: true,
        apiKeys: { resolver: async (key: string) => roles.get(key) ?? null },
      },
    },
  });
  // PGlite is one session: the BEGIN of one request must not meet the statements of another.
  const oneAtATime = pLimit(1);
  try {
    const server = await serveStandIn(
      async (req, res) => {
        const request = await toRequest(req);
        await send(res, await oneAtATime(() => app.fetch(request)));
      },
      { name: 'database', port },
    );
    return {
      url: server.url,
      port: server.port,
      sql: async (query, parameters = []) =>
        (await oneAtATime(() => connection.driver.query<Record<string, unknown>>(query, [...parameters]))).rows,
      close: async () => {
        await server.close();
        await oneAtATime(() => connection.close());
      },
    };
  } catch (error) {
    await connection.close();
    throw error;
  }
}

async function toRequest(req: IncomingMessage): Promise<Request> {
  const headers = new Headers();
  for (const [name, value] of Object.entries(req.headers)) {
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value);
  }
  const { method = 'GET', url = '/' } = req;
  const body = method === 'GET' || method === 'HEAD' ? undefined : await buffer(req);
  return new Request(`http://${headers.get('host') ?? '127.0.0.1'}${url}`, { method, headers, body });
}

async function send(res: ServerResponse, response: Response): Promise<void> {
  const body = Buffer.from(await response.arrayBuffer());
  response.headers.set('content-length', String(body.length));
  res.writeHead(response.status, [...response.headers].flat());
  res.end(body);
}
