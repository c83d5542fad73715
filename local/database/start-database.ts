import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { Worker } from 'node:worker_threads';
import { lockFolder } from '../lock-folder.ts';
import { type ApiKeys, apiKeys } from './api-keys.ts';
import type { ServeDatabaseOptions } from './serve-database.ts';
import { type FromWorker, request } from './worker-messages.ts';

export interface DatabaseOptions {
  /** @default in memory */
  readonly dataDir?: string;
  /** @default any free port */
  readonly port?: number;
  /** Folder of `*.sql` files, applied in the order of their names. */
  readonly migrationsDir: string;
  /** @default those of the data folder */
  readonly keys?: ApiKeys;
}

export interface Database extends ApiKeys {
  /** `http://127.0.0.1:{port}`, what supabase-js takes. */
  readonly url: string;
  readonly port: number;
  /** Runs SQL as the superuser. @throws Error with Postgres' message */
  sql(query: string, parameters?: readonly unknown[]): Promise<Record<string, unknown>[]>;
  close(): Promise<void>;
}

/**
 * Starts the embedded Supabase: PostgREST's dialect over a real Postgres (PGlite). It runs in a thread of its own,
 * because Postgres as wasm blocks the event loop while it works: 100 to 200 ms for a call of 500 scenes.
 * @throws Error in one sentence for a taken port, a folder that is in use or damaged, or a migration that fails
 */
export async function startDatabase({ dataDir, port, migrationsDir, keys }: DatabaseOptions): Promise<Database> {
  const folder = dataDir === undefined ? undefined : resolve(dataDir);
  if (folder !== undefined) mkdirSync(folder, { recursive: true });
  const unlock = folder === undefined ? () => {} : lockFolder(folder);
  try {
    const apiKeyPair = keys ?? apiKeys(folder);
    const options: ServeDatabaseOptions = { dataDir: folder, port, migrationsDir, keys: apiKeyPair };
    const worker = new Worker(new URL('./database-worker.ts', import.meta.url), {
      workerData: options,
      env: { ...process.env, LITE_TELEMETRY: '0' },
      stderr: true, // @supabase/lite prints every refused statement with all its data; the answer says it too
    });
    worker.stderr.resume();
    const started = await firstMessage(worker);
    return {
      ...apiKeyPair,
      url: started.url,
      port: started.port,
      sql: (query, parameters) => request(worker, { do: 'sql', query, parameters }),
      close: async () => {
        await request(worker, { do: 'close' });
        await worker.terminate();
        unlock();
      },
    };
  } catch (error) {
    unlock();
    throw error;
  }
}

/** @throws Error with the reason for which the thread could not start */
async function firstMessage(worker: Worker): Promise<{ url: string; port: number }> {
  const { promise, resolve: settle, reject } = Promise.withResolvers<FromWorker>();
  const ended = () => reject(new Error('the database ended while it was starting'));
  worker.once('message', settle).once('error', reject).once('exit', ended);
  const message = await promise;
  worker.off('error', reject).off('exit', ended);
  if ('error' in message) {
    await worker.terminate();
    throw new Error(message.error, { cause: message.cause });
  }
  return message;
}
