import type { Endpoints } from '../local/stack/endpoints.ts';
import { type StackOptions, startStack } from '../local/stack/start-stack.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Runs a stack in this process until it is told to end (Ctrl-C, SIGTERM, or its terminal closed), and ends it in order.
 * A second signal ends the process at once.
 * @returns the exit code
 */
export async function serveStack(options: StackOptions, onUp: (endpoints: Endpoints) => void): Promise<number> {
  const told = new Promise<void>((resolve) => {
    for (const signal of SIGNALS) process.once(signal, () => resolve());
  });
  process.stderr.write('Starting the stack…\n');
  const stack = await startStack({ hubToken: process.env.HF_TOKEN, ...options });
  onUp(stack.endpoints);
  await told;
  process.stderr.write('\nStopping…\n');
  await stack.close();
  return 0;
}
