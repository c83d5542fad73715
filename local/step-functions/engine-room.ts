import { randomUUID } from 'node:crypto';
import type { Clock } from '../states/clock.ts';
import { type Definition, loadDefinition } from '../states/definition.ts';
import { type EngineDeps, type Execution, type Machine, newExecution, runExecution } from '../states/execution.ts';
import { ExecutionStopped, InvalidDefinition, StatesFailure } from '../states/failures.ts';
import { faultOf, History, type HistoryEvent } from '../states/history.ts';
import { isTooLarge } from '../states/json.ts';
import type { LambdaInvoker } from '../states/lambda-invoker.ts';
import type { MapRun } from '../states/map-run.ts';
import type { ObjectDoor } from '../states/object-door.ts';
import { ApiError, refuse } from './api-error.ts';
import { type Child, ChildExecutions } from './child-executions.ts';
import { ExecutionLog } from './execution-log.ts';
import { checkName } from './names.ts';

export interface StateMachine extends Machine {
  readonly definitionText: string;
  /** Milliseconds since the epoch. */
  readonly creationDate: number;
}

export interface MachineRegistration {
  readonly name: string;
  /** The definition in the States language: JSON text, or what it says. */
  readonly definition: string | object;
  /** @default a role of the account that exists in name only */
  readonly roleArn?: string;
}

/** An execution has started, or ended; dates are milliseconds since the epoch. */
export interface StatusChange {
  readonly executionArn: string;
  readonly stateMachineArn: string;
  readonly name: string;
  readonly status: Execution['status'];
  readonly startDate: number;
  readonly stopDate?: number;
  readonly input: string;
  readonly output?: string;
  readonly error?: string;
  readonly cause?: string;
}

export interface EngineRoomOptions {
  readonly lambda: LambdaInvoker;
  readonly objects: ObjectDoor;
  readonly clock: Clock;
  readonly region: string;
  readonly account: string;
  readonly dataDir: string;
  readonly onStatusChange: (change: StatusChange) => void;
}

interface Active {
  readonly execution: Execution;
  readonly machine: StateMachine;
  readonly history: History;
  readonly stop: AbortController;
  readonly ended: Promise<Execution>;
}

/** What an execution that ran when the stack ended says of it. */
const STACK_STOPPED = { error: 'StackStopped', cause: 'The embedded stack stopped while this execution ran.' };

/** The state machines, their executions and map runs: what the API is asked about. */
export class EngineRoom {
  readonly machines = new Map<string, StateMachine>();
  readonly executions = new Map<string, Execution>();
  readonly mapRuns = new Map<string, MapRun>();
  readonly children = new ChildExecutions();
  readonly #active = new Map<string, Active>();
  readonly #log: ExecutionLog;
  readonly #options: EngineRoomOptions;
  readonly #deps: EngineDeps;
  #closing = false;

  /** @throws Error when the data folder is corrupt. */
  constructor(options: EngineRoomOptions) {
    this.#options = options;
    this.#log = new ExecutionLog(options.dataDir);
    const { lambda, objects, clock, region, account } = options;
    this.#deps = {
      lambda,
      objects,
      clock,
      region,
      account,
      random: Math.random,
      startExecution: (request) => this.#startNested(request.machineArn, request.name, request.input),
      mapRunStarted: (run) => this.mapRuns.set(run.arn, run),
      childStarted: (child, history) => this.children.start(child, history),
      childEnded: (child) => this.children.end(child),
    };
    for (const { execution, mapRuns } of this.#log.load().values()) {
      this.executions.set(execution.arn, execution);
      for (const run of mapRuns) this.mapRuns.set(run.arn, run);
    }
  }

  /** Ends what an earlier process left running. */
  abortLeftovers(): void {
    for (const execution of this.executions.values()) {
      if (execution.status !== 'RUNNING') continue;
      const last = this.#log.history(execution.arn).at(-1)?.id ?? 0;
      const now = this.#options.clock.now();
      const write = this.#log.historyWriter(execution.arn);
      write({
        timestamp: now / 1000,
        type: 'ExecutionAborted',
        id: last + 1,
        previousEventId: last,
        executionAbortedEventDetails: faultOf(STACK_STOPPED),
      });
      Object.assign(execution, STACK_STOPPED, { status: 'ABORTED', stopDate: now });
      this.#ended(execution);
    }
  }

  /** @throws {ApiError} `InvalidDefinition`, `InvalidName` */
  register({ name, definition, roleArn }: MachineRegistration): StateMachine {
    const { account, region, clock } = this.#options;
    checkName(name);
    const definitionText = typeof definition === 'string' ? definition : JSON.stringify(definition);
    const machine: StateMachine = {
      arn: `arn:aws:states:${region}:${account}:stateMachine:${name}`,
      name,
      roleArn: roleArn ?? `arn:aws:iam::${account}:role/${name}`,
      definition: load(definitionText),
      definitionText,
      creationDate: clock.now(),
    };
    this.machines.set(machine.arn, machine);
    return machine;
  }

  /** @throws {ApiError} as StartExecution does. */
  start(machineArn: string, name: string | undefined, input = '{}'): Execution {
    const machine = this.machines.get(machineArn);
    if (!machine) refuse('StateMachineDoesNotExist', `State Machine Does Not Exist: '${machineArn}'`);
    if (name !== undefined) checkName(name);
    checkInput(input);
    const { clock } = this.#options;
    const executionName = name ?? randomUUID();
    const arn = `${machine.arn.replace(':stateMachine:', ':execution:')}:${executionName}`;
    const existing = this.executions.get(arn);
    if (existing?.status === 'RUNNING' && existing.input === input) return existing;
    if (existing) refuse('ExecutionAlreadyExists', `Execution Already Exists: '${arn}'`);
    const execution = newExecution({ arn, name: executionName, machineArn, input, startDate: clock.now() });
    this.executions.set(arn, execution);
    this.#log.started(execution);
    this.#options.onStatusChange(changeOf(execution));
    this.#run(machine, execution);
    return execution;
  }

  #run(machine: StateMachine, execution: Execution): void {
    const stop = new AbortController();
    const write = this.#log.historyWriter(execution.arn);
    const history = new History(this.#options.clock.now, (event) => {
      if (!this.#closing) write(event);
    });
    const ended = runExecution(machine, execution, this.#deps, stop.signal, history).finally(() => {
      this.#active.delete(execution.arn);
      if (!this.#closing) this.#ended(execution);
    });
    this.#active.set(execution.arn, { execution, machine, history, stop, ended });
  }

  #ended(execution: Execution): void {
    this.#log.ended(execution, this.mapRunsOf(execution.arn));
    this.#options.onStatusChange(changeOf(execution));
  }

  #startNested(machineArn: string, name: string | undefined, input: string) {
    try {
      const execution = this.start(machineArn, name, input);
      const active = this.#active.get(execution.arn);
      return {
        execution,
        ended: active?.ended ?? Promise.resolve(execution),
        stop: (reason: ExecutionStopped) => active?.stop.abort(reason),
      };
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const service = `Service: AWSStepFunctions; Status Code: 400; Error Code: ${error.type}`;
      const cause = `${error.message} (${service}; Request ID: ${randomUUID()}; Proxy: null)`;
      throw new StatesFailure(`StepFunctions.${error.type}Exception`, cause);
    }
  }

  /** Ends an execution with all that it has started. One that has ended stays as it is. */
  async stop(arn: string, error?: string, cause?: string): Promise<Execution> {
    const execution = this.executions.get(arn);
    if (!execution) refuse('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`);
    const active = this.#active.get(arn);
    active?.stop.abort(new ExecutionStopped('ABORTED', error, cause));
    await active?.ended;
    return execution;
  }

  mapRunsOf(executionArn: string): MapRun[] {
    return [...this.mapRuns.values()].filter((run) => run.executionArn === executionArn);
  }

  /** @throws {ApiError} `ExecutionDoesNotExist` */
  find(arn: string): Child['execution'] {
    const found = this.executions.get(arn) ?? this.children.get(arn)?.execution;
    return found ?? refuse('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`);
  }

  /** The machine as it was when the execution started, while it runs; as it is now later. */
  machineOf(execution: Child['execution']): StateMachine {
    const [root = ''] = execution.machineArn.split('/');
    const machine = this.#active.get(execution.arn)?.machine ?? this.machines.get(root);
    return machine ?? refuse('StateMachineDoesNotExist', `State Machine Does Not Exist: '${root}'`);
  }

  /** Nothing for a child execution that ended long ago. */
  history(arn: string): readonly HistoryEvent[] {
    if (this.executions.has(arn)) return this.#active.get(arn)?.history.events ?? this.#log.history(arn);
    return this.children.get(arn)?.history?.events ?? [];
  }

  /** Stops all work. What runs is left as running in the data folder, so that the next start sees to it. */
  async close(): Promise<void> {
    this.#closing = true;
    const active = [...this.#active.values()];
    for (const { stop } of active)
      stop.abort(new ExecutionStopped('ABORTED', STACK_STOPPED.error, STACK_STOPPED.cause));
    await Promise.all(active.map(({ ended }) => ended));
  }
}

function load(text: string): Definition {
  try {
    return loadDefinition(text);
  } catch (error) {
    if (error instanceof InvalidDefinition) refuse('InvalidDefinition', error.message);
    throw error;
  }
}

function checkInput(input: string): void {
  if (isTooLarge(input)) {
    const limit = 'Member must have length less than or equal to 262144';
    refuse(
      'ValidationException',
      `1 validation error detected: Value at 'input' failed to satisfy constraint: ${limit}`,
    );
  }
  try {
    JSON.parse(input);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    refuse('InvalidExecutionInput', `Invalid State Machine Execution Input: '${why}'`);
  }
}

function changeOf({ arn, machineArn, mapRunArn, itemCount, ...rest }: Execution): StatusChange {
  return { executionArn: arn, stateMachineArn: machineArn, ...rest };
}
