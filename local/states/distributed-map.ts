import { randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { type ItemProcessor, LABEL_REFUSED } from './definition.ts';
import { type Execution, type Machine, newExecution, runExecution } from './execution.ts';
import { ExecutionStopped, StatesFailure } from './failures.ts';
import { faultOf, History } from './history.ts';
import type { Visit } from './interpreter.ts';
import { itemReader } from './item-reader.ts';
import type { Json, JsonObject } from './json.ts';
import { linkAbort } from './link-abort.ts';
import { itemInput, itemsOf, numberIn, numberOf } from './map.ts';
import { type Counts, isExceeded, type MapRun, noCounts } from './map-run.ts';
import { fillTemplate } from './payload-template.ts';
import { runPool } from './pool.ts';
import { type ResultWriter, resultWriter } from './result-writer.ts';

/** Children at once when the definition does not limit them; the service's own limit is 10,000. */
const MAX_CHILDREN = 1000;

/** What one child execution gets. */
interface Batch {
  readonly input: Json;
  readonly items: number;
}

/** A Map state in DISTRIBUTED mode: a map run, each of whose children is an execution of its own. */
export async function runDistributed(visit: Visit, processor: ItemProcessor): Promise<Json> {
  const { deps } = visit.run;
  const { trail } = visit;
  const { run, machine } = newMapRun(visit, processor);
  const reader = itemReader(visit);
  const items = reader ? undefined : itemsOf(visit);
  const writer = resultWriter(visit, run);
  trail.record('MapStateStarted', { length: items?.length ?? 0 });
  deps.mapRunStarted(run);
  trail.record('MapRunStarted', { mapRunArn: run.arn });
  try {
    const source = () => batches(visit, reader?.() ?? items ?? []);
    for await (const batch of source()) {
      count(run, batch, (counts, n) => {
        counts.total += n;
        counts.pending += n;
      });
    }
    const outputs = await runChildren(visit, run, machine, source(), writer);
    const output = writer ? await writer.finish() : outputs;
    if (isExceeded(run)) {
      const cause = 'The specified tolerated failure threshold was exceeded';
      throw new StatesFailure('States.ExceedToleratedFailureThreshold', cause);
    }
    run.status = 'SUCCEEDED';
    trail.record('MapRunSucceeded');
    trail.record('MapStateSucceeded');
    return output;
  } catch (error) {
    run.status = visit.signal.aborted ? 'ABORTED' : 'FAILED';
    if (run.status === 'FAILED' && error instanceof StatesFailure) trail.record('MapRunFailed', faultOf(error));
    throw error;
  } finally {
    run.stopDate = deps.clock.now();
  }
}

function newMapRun(visit: Visit, processor: ItemProcessor): { run: MapRun; machine: Machine } {
  const { execution, machine, deps } = visit.run;
  const [root = machine.name] = machine.name.split('/');
  const label = visit.state.Label ?? visit.name.replaceAll(new RegExp(LABEL_REFUSED, 'g'), '').slice(0, 40);
  const child: Machine = {
    arn: `${machine.arn.split('/')[0]}/${label}`,
    name: `${root}/${label}`,
    roleArn: machine.roleArn,
    definition: processor,
  };
  const run: MapRun = {
    arn: `${child.arn.replace(':stateMachine:', ':mapRun:')}:${randomUUID()}`,
    executionArn: execution.arn,
    machineArn: child.arn,
    startDate: deps.clock.now(),
    itemCounts: noCounts(),
    executionCounts: noCounts(),
    maxConcurrency: numberOf(visit, 'MaxConcurrency') ?? 0,
    toleratedFailureCount: numberOf(visit, 'ToleratedFailureCount'),
    toleratedFailurePercentage: numberOf(visit, 'ToleratedFailurePercentage'),
    status: 'RUNNING',
  };
  return { run, machine: child };
}

function count(run: MapRun, batch: Batch, change: (counts: Counts, n: number) => void): void {
  change(run.itemCounts, batch.items);
  change(run.executionCounts, 1);
}

/** Runs the children; returns their outputs, unless a writer takes them. */
async function runChildren(
  visit: Visit,
  run: MapRun,
  machine: Machine,
  source: AsyncIterable<Batch>,
  writer: ResultWriter | undefined,
): Promise<Json> {
  const outputs: Json[] = [];
  const stop = linkAbort(visit.signal);
  const keep = async (child: Execution, index: number) => {
    const succeeded = child.status === 'SUCCEEDED';
    if (writer) await writer.add(succeeded ? 'SUCCEEDED' : 'FAILED', record(child));
    else outputs[index] = succeeded ? JSON.parse(child.output ?? 'null') : record(child);
  };
  const work = async (batch: Batch, index: number) => {
    if (stop.signal.aborted) {
      await writer?.add('PENDING', { Input: JSON.stringify(batch.input), InputDetails: { Included: true } });
      return;
    }
    count(run, batch, (counts, n) => {
      counts.pending -= n;
      counts.running += n;
    });
    const child = await runChild(visit, run, machine, batch, stop.signal);
    count(run, batch, (counts, n) => {
      counts.running -= n;
      counts[TALLY[child.status]] += n;
    });
    try {
      await keep(child, index);
    } catch (error) {
      stop.abort(error);
      throw error;
    }
    count(run, batch, (counts, n) => {
      counts.resultsWritten += n;
    });
    if (isExceeded(run)) stop.abort(new ExecutionStopped('ABORTED'));
  };
  await runPool(source, () => Math.min(run.maxConcurrency || MAX_CHILDREN, MAX_CHILDREN), visit.signal, work).finally(
    stop.unlink,
  );
  return outputs;
}

const TALLY = {
  RUNNING: 'running',
  SUCCEEDED: 'succeeded',
  FAILED: 'failed',
  TIMED_OUT: 'timedOut',
  ABORTED: 'aborted',
} as const satisfies Record<Execution['status'], keyof Counts>;

async function runChild(
  visit: Visit,
  run: MapRun,
  machine: Machine,
  batch: Batch,
  signal: AbortSignal,
): Promise<Execution> {
  const { deps } = visit.run;
  const name = randomUUID();
  const child = newExecution({
    arn: `${machine.arn.replace(':stateMachine:', ':execution:')}:${name}`,
    name,
    machineArn: machine.arn,
    input: JSON.stringify(batch.input),
    startDate: deps.clock.now(),
    mapRunArn: run.arn,
    itemCount: batch.items,
  });
  const history = new History(deps.clock.now);
  deps.childStarted(child, history);
  await setImmediate(); // lets requests in between
  await runExecution(machine, child, deps, signal, history);
  deps.childEnded(child);
  return child;
}

/** A child's result, as the service writes it. */
function record(child: Execution): JsonObject {
  const { error, cause, output } = child;
  return {
    ...(cause === undefined ? {} : { Cause: cause }),
    ...(error === undefined ? {} : { Error: error }),
    ExecutionArn: child.arn,
    Input: child.input,
    InputDetails: { Included: true },
    Name: child.name,
    ...(output === undefined ? {} : { Output: output, OutputDetails: { Included: true } }),
    RedriveCount: 0,
    StartDate: new Date(child.startDate).toISOString(),
    StateMachineArn: child.machineArn,
    Status: child.status,
    StopDate: new Date(child.stopDate ?? child.startDate).toISOString(),
  };
}

/** The items as the children get them: each by itself, or several in a batch. */
async function* batches(visit: Visit, items: Iterable<Json> | AsyncIterable<Json>): AsyncIterable<Batch> {
  const { input, context, state } = visit;
  const batcher = state.ItemBatcher;
  const limit = (field: 'MaxItemsPerBatch' | 'MaxInputBytesPerBatch') =>
    numberIn(batcher?.[field], batcher?.[`${field}Path`], field, input, context) || Number.POSITIVE_INFINITY;
  const [maxItems, maxBytes] = [limit('MaxItemsPerBatch'), limit('MaxInputBytesPerBatch')];
  const shared: JsonObject = batcher?.BatchInput
    ? { BatchInput: fillTemplate(batcher.BatchInput, input, context) }
    : {};
  const batchOf = (Items: readonly Json[]): Batch => ({ input: { ...shared, Items }, items: Items.length });
  const base = JSON.stringify(batchOf([]).input).length;
  let open: Json[] = [];
  let bytes = base;
  let index = 0;
  for await (const raw of items) {
    const item = itemInput(visit, raw, index++);
    if (!batcher) {
      yield { input: item, items: 1 };
      continue;
    }
    const size = Buffer.byteLength(JSON.stringify(item)) + 1;
    if (open.length > 0 && (open.length >= maxItems || bytes + size > maxBytes)) {
      yield batchOf(open);
      open = [];
      bytes = base;
    }
    open.push(item);
    bytes += size;
  }
  if (open.length > 0) yield batchOf(open);
}
