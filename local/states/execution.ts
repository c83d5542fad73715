import { randomUUID } from 'node:crypto';
import type { Clock } from './clock.ts';
import type { Definition } from './definition.ts';
import { ExecutionStopped, StatesFailure } from './failures.ts';
import { faultOf, type History, payload, Trail } from './history.ts';
import { runGraph } from './interpreter.ts';
import type { Json } from './json.ts';
import type { LambdaInvoker } from './lambda-invoker.ts';
import { linkAbort } from './link-abort.ts';
import type { MapRun } from './map-run.ts';
import type { ObjectDoor } from './object-door.ts';

import { MAX_TIMER_MS } from './task.ts';

export type ExecutionStatus = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';

export interface Machine {
  readonly arn: string;
  readonly name: string;
  readonly roleArn: string;
  readonly definition: Definition;
}

/** An execution as it stands; dates are milliseconds since the epoch, input and output JSON text. */
export interface Execution {
  readonly arn: string;
  readonly name: string;
  readonly machineArn: string;
  readonly input: string;
  readonly startDate: number;
  /** Set for a child of a distributed map. */
  readonly mapRunArn?: string;
  readonly itemCount?: number;
  status: ExecutionStatus;
  stopDate?: number;
  output?: string;
  error?: string | undefined;
  cause?: string | undefined;
}

/** A nested execution that a Task has started. */
export interface StartedExecution {
  readonly execution: Execution;
  readonly ended: Promise<Execution>;
  stop(reason: ExecutionStopped): void;
}

/** What the engine needs of the world around it. */
export interface EngineDeps {
  readonly lambda: LambdaInvoker;
  readonly objects: ObjectDoor;
  readonly clock: Clock;
  readonly region: string;
  readonly account: string;
  /** For the jitter of retries. */
  readonly random: () => number;
  /** @throws {StatesFailure} `StepFunctions.…` when it cannot be started. */
  startExecution(request: { machineArn: string; name: string | undefined; input: string }): StartedExecution;
  mapRunStarted(run: MapRun): void;
  childStarted(child: Execution, history: History): void;
  childEnded(child: Execution): void;
}

/** One execution under way: what all its states share. */
export interface Run {
  readonly deps: EngineDeps;
  readonly machine: Machine;
  readonly execution: Execution;
  /** The context object's part that stays the same. */
  readonly context: { readonly Execution: Json; readonly StateMachine: Json };
}

/**
 * Runs an execution to its end, which it writes into `execution`. Aborting `signal` with an `ExecutionStopped` ends it
 * with that status. Nothing is thrown but the engine's own bugs.
 */
export async function runExecution(
  machine: Machine,
  execution: Execution,
  deps: EngineDeps,
  signal: AbortSignal,
  history: History,
): Promise<Execution> {
  const input: Json = JSON.parse(execution.input);
  const trail = new Trail(history);
  trail.record('ExecutionStarted', { ...payload('input', input, execution.input), roleArn: machine.roleArn });
  trail.last = 0; // the service does not count the first event as anything's predecessor
  const limit = linkAbort(signal);
  const { TimeoutSeconds } = machine.definition;
  const expire = () => limit.abort(new ExecutionStopped('TIMED_OUT', 'States.Timeout'));
  const timer =
    TimeoutSeconds === undefined ? undefined : setTimeout(expire, Math.min(TimeoutSeconds * 1000, MAX_TIMER_MS));
  const run: Run = { deps, machine, execution, context: contextOf(machine, execution, input) };
  try {
    const output = await runGraph(machine.definition, input, { run, trail, signal: limit.signal });
    execution.output = JSON.stringify(output);
    execution.status = 'SUCCEEDED';
    trail.record('ExecutionSucceeded', payload('output', output, execution.output));
  } catch (thrown) {
    const failure = failureOf(limit.signal.aborted ? limit.signal.reason : thrown);
    execution.status = failure instanceof ExecutionStopped ? failure.status : 'FAILED';
    execution.error = failure.error;
    execution.cause = failure.cause;
    trail.record(END_EVENTS[execution.status] ?? 'ExecutionFailed', faultOf(failure));
  } finally {
    clearTimeout(timer);
    limit.unlink();
    execution.stopDate = deps.clock.now();
  }
  return execution;
}

/** What is not a failure of the definition's making is a fault of the engine; it ends the execution all the same. */
function failureOf(thrown: unknown): ExecutionStopped | StatesFailure {
  if (thrown instanceof ExecutionStopped || thrown instanceof StatesFailure) return thrown;
  return new StatesFailure(
    'States.Runtime',
    thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown),
    'never',
  );
}

const END_EVENTS: Partial<Record<ExecutionStatus, string>> = {
  ABORTED: 'ExecutionAborted',
  TIMED_OUT: 'ExecutionTimedOut',
};

function contextOf(machine: Machine, execution: Execution, input: Json): Run['context'] {
  return {
    Execution: {
      Id: execution.arn,
      Input: input,
      StartTime: new Date(execution.startDate).toISOString(),
      Name: execution.name,
      RoleArn: machine.roleArn,
      RedriveCount: 0,
    },
    StateMachine: { Id: machine.arn, Name: machine.name },
  };
}

export function newExecution(fields: Omit<Execution, 'name' | 'status'> & { name?: string }): Execution {
  return { name: randomUUID(), status: 'RUNNING', ...fields };
}
