import { runDistributed } from './distributed-map.ts';
import { RuntimeFailure } from './failures.ts';
import { runGraph, type Visit } from './interpreter.ts';
import { isArray, type Json } from './json.ts';
import { selectPath } from './json-path.ts';
import { fillTemplate } from './payload-template.ts';
import { runPool } from './pool.ts';

/** How many iterations of an inline map the service runs at once when the definition does not say. */
const INLINE_CONCURRENCY = 40;

/** A Map state. */
export async function runMap(visit: Visit): Promise<Json> {
  const { state } = visit;
  const processor = state.ItemProcessor ?? state.Iterator;
  if (!processor) throw new RuntimeFailure('The Map state has no ItemProcessor.');
  if (processor.ProcessorConfig?.Mode === 'DISTRIBUTED') return runDistributed(visit, processor);
  const { run, trail, name } = visit;
  const items = itemsOf(visit);
  const limit = numberOf(visit, 'MaxConcurrency') || INLINE_CONCURRENCY;
  const results: Json[] = new Array(items.length);
  trail.record('MapStateStarted', { length: items.length });
  await runPool(
    items,
    () => limit,
    visit.signal,
    async (item, index, signal) => {
      const line = trail.fork();
      line.record('MapIterationStarted', { name, index });
      try {
        results[index] = await runGraph(processor, itemInput(visit, item, index), { run, trail: line, signal });
        line.record('MapIterationSucceeded', { name, index });
      } catch (error) {
        if (!(error instanceof RuntimeFailure)) {
          line.record(signal.aborted ? 'MapIterationAborted' : 'MapIterationFailed', { name, index });
        }
        throw error;
      }
    },
  ).finally(() => {
    trail.last = trail.history.events.length;
  });
  trail.record('MapStateSucceeded');
  return results;
}

export function itemsOf({ state, input, context }: Visit): readonly Json[] {
  const items = selectPath(state.ItemsPath, input, context);
  if (isArray(items)) return items;
  throw new RuntimeFailure(`Reference path "${state.ItemsPath ?? '$'}" must point to array.`);
}

/** An item as its states get it; `$$.Map` is there for the selector alone. */
export function itemInput({ state, input, context }: Visit, item: Json, index: number): Json {
  const selector = state.ItemSelector ?? state.Parameters;
  if (!selector) return item;
  const base = typeof context === 'object' && !isArray(context) ? context : {};
  return fillTemplate(selector, input, { ...base, Map: { Item: { Index: index, Value: item } } });
}

type NumberField = 'MaxConcurrency' | 'ToleratedFailureCount' | 'ToleratedFailurePercentage' | 'TimeoutSeconds';

/** A number that the definition gives, itself or by a path. */
export function numberOf({ state, input, context }: Visit, field: NumberField): number | undefined {
  return numberIn(state[field], state[`${field}Path`], field, input, context);
}

export function numberIn(
  value: number | undefined,
  path: string | undefined,
  field: string,
  input: Json,
  context: Json,
): number | undefined {
  if (path === undefined) return value;
  const found = selectPath(path, input, context);
  if (typeof found === 'number' && found >= 0) return found;
  throw new RuntimeFailure(
    `The ${field}Path field refers to value '${JSON.stringify(found)}' at path '${path}', which is not a number of at least 0`,
  );
}
