import { once } from 'node:events';
import type { Endpoints } from '../local/stack/endpoints.ts';
import { type StackOptions, startStack } from '../local/stack/start-stack.ts';
import { Interrupted } from './interrupt.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Runs a stack in this process until it is told to end (Ctrl-C, SIGTERM, or its terminal closed), and ends it in order.
 * A second signal ends the process at once.
 * @returns the exit code
 * @throws {Interrupted} when it was told before the stack was up
 */
export async function serveStack(options: StackOptions, onUp: (endpoints: Endpoints) => void): Promise<number> {
  const told = new AbortController();
  for (const signal of SIGNALS) process.once(signal, () => told.abort());
  told.signal.addEventListener('abort', () => process.stderr.write('\nStopping…\n'));
  process.stderr.write('Starting the stack…\n');
  const stack = await startStack({ hubToken: process.env.HF_TOKEN, ...options }).catch((error: unknown) => {
    if (told.signal.aborted) throw new Interrupted(); // Ctrl-C reaches the processes that a start needs, too
    throw error;
  });
  if (!told.signal.aborted) {
    onUp(stack.endpoints);
    await once(told.signal, 'abort');
  }
  await stack.close();
  return 0;
}
