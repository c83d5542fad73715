import { text } from 'node:stream/consumers';
import { Worker } from 'node:worker_threads';
import type { Synthesized } from './synthesize.ts';

/**
 * `synthesize` in a thread of its own: it takes seconds, and says a line for each bundle, which nobody needs unless it
 * fails. @throws Error with what it said
 */
export async function synthesizeAside(outdir: string): Promise<Synthesized> {
  const worker = new Worker(new URL('./synthesize-worker.ts', import.meta.url), { workerData: outdir, stderr: true });
  const said = text(worker.stderr);
  try {
    return await new Promise((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
    });
  } catch (error) {
    throw new Error(`the app could not be synthesized: ${await said}`, { cause: error });
  } finally {
    await worker.terminate();
  }
}
