import { runGraph, type Visit } from './interpreter.ts';
import type { Json } from './json.ts';
import { runPool } from './pool.ts';

/** A Parallel state: every branch gets the same input; one that fails ends the others. */
export async function runParallel(visit: Visit, input: Json): Promise<Json> {
  const { run, state, trail } = visit;
  const branches = state.Branches ?? [];
  const results: Json[] = new Array(branches.length);
  trail.record('ParallelStateStarted');
  await runPool(
    branches,
    () => branches.length,
    visit.signal,
    async (branch, i, signal) => {
      results[i] = await runGraph(branch, input, { run, trail: trail.fork(), signal });
    },
  ).finally(() => {
    trail.last = trail.history.events.length;
  });
  trail.record('ParallelStateSucceeded');
  return results;
}
