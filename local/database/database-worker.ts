import { parentPort, workerData } from 'node:worker_threads';
import { type ServeDatabaseOptions, type ServedDatabase, serveDatabase } from './serve-database.ts';
import type { Ask, FromWorker, Reply, ToWorker } from './worker-messages.ts';

/** Entry of the database's thread; see `startDatabase`. */
async function main(options: ServeDatabaseOptions): Promise<FromWorker> {
  try {
    const database = await serveDatabase(options);
    parentPort?.on('message', ({ ask, reply }: ToWorker) => {
      answer(database, ask).then(
        (answered) => reply.postMessage(answered),
        (error: unknown) => reply.postMessage({ error: messageOf(error) } satisfies Reply),
      );
    });
    return { url: database.url, port: database.port };
  } catch (error) {
    const cause = error instanceof Error && error.cause !== undefined ? messageOf(error.cause) : undefined;
    return { error: messageOf(error), cause };
  }
}

async function answer(database: ServedDatabase, ask: Ask): Promise<Reply> {
  if (ask.do === 'sql') return { rows: await database.sql(ask.query, ask.parameters) };
  await database.close();
  return { rows: [] };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

parentPort?.postMessage(await main(workerData as ServeDatabaseOptions));
