import { once } from 'node:events';
import { MessageChannel, type MessagePort, type Worker } from 'node:worker_threads';

/** The first message of the thread: it serves, or why it does not. */
export type FromWorker = { url: string; port: number } | { error: string; cause: unknown };

export type Ask = { do: 'sql'; query: string; parameters?: readonly unknown[] } | { do: 'close' };

/** What the thread is asked for, and where it answers. */
export type ToWorker = { ask: Ask; reply: MessagePort };

export type Reply = { rows: Record<string, unknown>[] } | { error: string };

/** @throws Error with the thread's message */
export async function request(worker: Worker, ask: Ask): Promise<Record<string, unknown>[]> {
  const { port1, port2 } = new MessageChannel();
  const message: ToWorker = { ask, reply: port2 };
  worker.postMessage(message, [port2]);
  const [reply]: Reply[] = await Promise.race([once(port1, 'message'), ended(port1)]);
  port1.close();
  if (reply && 'rows' in reply) return reply.rows;
  throw new Error(reply?.error ?? 'the database has ended');
}

/** The thread's end closes its side of the channel. */
async function ended(port: MessagePort): Promise<Reply[]> {
  await once(port, 'close');
  return [];
}
