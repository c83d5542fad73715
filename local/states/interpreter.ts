import { choose } from './choice.ts';
import type { Catcher, Retrier, State, StateGraph } from './definition.ts';
import type { Run } from './execution.ts';
import { IntrinsicFailure, RuntimeFailure, StatesFailure, tooLarge } from './failures.ts';
import { payload, type Trail } from './history.ts';
import { isTooLarge, type Json, type JsonObject } from './json.ts';
import { place, selectPath } from './json-path.ts';
import { runMap } from './map.ts';
import { runParallel } from './parallel.ts';
import { fillTemplate, resolve } from './payload-template.ts';
import { runTask } from './task.ts';
import { waitFor } from './wait.ts';

/** Where a state runs: its execution, its line of events, and the signal that ends it. */
export interface Scope {
  readonly run: Run;
  readonly trail: Trail;
  readonly signal: AbortSignal;
}

/** One state under way. */
export interface Visit extends Scope {
  readonly name: string;
  readonly state: State;
  /** The state's input after `InputPath`. */
  readonly input: Json;
  readonly context: Json;
}

interface Step {
  readonly output: Json;
  readonly next: string | undefined;
}

/** Runs a machine, a branch or an item's states. @throws {StatesFailure}, or the signal's reason. */
export async function runGraph(graph: StateGraph, input: Json, scope: Scope): Promise<Json> {
  let step: Step = { output: input, next: graph.StartAt };
  while (step.next !== undefined) {
    scope.signal.throwIfAborted();
    const state = graph.States[step.next];
    if (!state) throw new StatesFailure('States.Runtime', `There is no state '${step.next}'.`, 'never');
    step = await runState(step.next, state, step.output, scope);
  }
  return step.output;
}

async function runState(name: string, state: State, raw: Json, scope: Scope): Promise<Step> {
  const { trail } = scope;
  const entered = trail.record(`${state.Type}StateEntered`, { ...payload('input', raw), name });
  const step = await attempt(name, state, raw, scope, entered);
  const text = JSON.stringify(step.output);
  if (isTooLarge(text)) throw tooLarge(name, 'never');
  trail.record(`${state.Type}StateExited`, { name, ...payload('output', step.output, text) });
  return step;
}

/** Tries the state as often as its Retry says, then its Catch. */
async function attempt(name: string, state: State, raw: Json, scope: Scope, entered: number): Promise<Step> {
  const tries = new Map<Retrier, number>();
  const { clock, random } = scope.run.deps;
  const EnteredTime = new Date(clock.now()).toISOString();
  for (let retries = 0; ; retries += 1) {
    const retryCount: JsonObject = RETRYABLE.has(state.Type) ? { RetryCount: retries } : {};
    const context: Json = { ...scope.run.context, State: { Name: name, EnteredTime, ...retryCount } };
    try {
      return await perform(name, state, raw, context, scope);
    } catch (thrown) {
      scope.signal.throwIfAborted();
      const failure = named(thrown, name, entered);
      if (!(failure instanceof StatesFailure) || failure.catchable === 'never') throw failure;
      const retrier = state.Retry?.find((one) => matches(one.ErrorEquals, failure));
      const tried = retrier ? (tries.get(retrier) ?? 0) : 0;
      if (retrier && tried < (retrier.MaxAttempts ?? 3)) {
        tries.set(retrier, tried + 1);
        await clock.sleep(pauseMs(retrier, tried, random), scope.signal);
        continue;
      }
      if (state.Type === 'Parallel' || state.Type === 'Map') scope.trail.record(`${state.Type}StateFailed`);
      const catcher = state.Catch?.find((one) => matches(one.ErrorEquals, failure));
      if (!catcher) throw failure;
      return { output: caught(catcher, raw, failure), next: catcher.Next };
    }
  }
}

const RETRYABLE = new Set<State['Type']>(['Task', 'Parallel', 'Map']);

/** A failure that has no name yet gets it, with the state's in its cause. */
function named(error: unknown, name: string, entered: number): unknown {
  if (!(error instanceof RuntimeFailure) && !(error instanceof IntrinsicFailure)) return error;
  const where = `An error occurred while executing the state '${name}' (entered at the event id #${entered}).`;
  return error instanceof IntrinsicFailure
    ? new StatesFailure('States.IntrinsicFailure', `${where} ${error.message}`)
    : new StatesFailure('States.Runtime', `${where} ${error.message}`, 'never');
}

/** `States.ALL` and `States.TaskFailed` are wildcards, but not for what ends an execution, or for time-outs. */
function matches(names: readonly string[], { error, catchable }: StatesFailure): boolean {
  return names.some(
    (name) =>
      name === error ||
      (name === 'States.Timeout' && error === 'States.HeartbeatTimeout') ||
      (catchable === 'always' &&
        (name === 'States.ALL' || (name === 'States.TaskFailed' && error !== 'States.Timeout'))),
  );
}

function pauseMs(retrier: Retrier, tried: number, random: () => number): number {
  const { IntervalSeconds = 1, BackoffRate = 2, MaxDelaySeconds = Number.POSITIVE_INFINITY } = retrier;
  const seconds = Math.min(IntervalSeconds * BackoffRate ** tried, MaxDelaySeconds);
  return 1000 * (retrier.JitterStrategy === 'FULL' ? seconds * random() : seconds);
}

function caught(catcher: Catcher, raw: Json, { error, cause }: StatesFailure): Json {
  return placed(catcher.ResultPath, raw, { Error: error ?? '', Cause: cause ?? '' });
}

function placed(path: string | null | undefined, raw: Json, result: Json): Json {
  const output = place(path, raw, result);
  if (output !== undefined) return output;
  const cause = `Unable to apply ReferencePath ${path} to input ${JSON.stringify(raw)}`;
  throw new StatesFailure('States.ResultPathMatchFailure', cause);
}

async function perform(name: string, state: State, raw: Json, context: Json, scope: Scope): Promise<Step> {
  const input = selectPath(state.InputPath, raw, context);
  const visit: Visit = { ...scope, name, state, input, context };
  const step = (output: Json): Step => ({ output: selectPath(state.OutputPath, output, context), next: state.Next });
  const result = (value: Json): Step => {
    const selected = state.ResultSelector ? fillTemplate(state.ResultSelector, value, context) : value;
    return step(placed(state.ResultPath, raw, selected));
  };
  switch (state.Type) {
    case 'Pass':
      return result(state.Result !== undefined ? state.Result : parametersOf(visit));
    case 'Succeed':
      return step(input);
    case 'Wait':
      await waitFor(visit);
      return step(input);
    case 'Choice':
      return { ...step(input), next: nextOf(visit) };
    case 'Fail':
      throw new StatesFailure(text(visit, 'Error'), text(visit, 'Cause'));
    case 'Task':
      return result(await runTask(visit, parametersOf(visit)));
    case 'Parallel':
      return result(await runParallel(visit, parametersOf(visit)));
    case 'Map':
      return result(await runMap(visit));
  }
}

function parametersOf({ state, input, context }: Visit): Json {
  return state.Parameters ? fillTemplate(state.Parameters, input, context) : input;
}

function nextOf({ state, input, context }: Visit): string {
  const next = choose(state.Choices ?? [], input, context) ?? state.Default;
  if (next !== undefined) return next;
  throw new StatesFailure('States.NoChoiceMatched', 'No choice rule matches, and the state has no default.');
}

function text({ state, input, context }: Visit, field: 'Error' | 'Cause'): string | undefined {
  const path = state[`${field}Path`];
  if (path === undefined) return state[field];
  const value = resolve(path, `${field}Path`, input, context);
  if (typeof value === 'string') return value;
  throw new RuntimeFailure(`The ${field}Path parameter does not reference a string value: ${path}`);
}
