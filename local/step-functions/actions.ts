import type { HistoryEvent } from '../states/history.ts';
import type { MapRun } from '../states/map-run.ts';
import { refuse } from './api-error.ts';
import type { Child } from './child-executions.ts';
import type { EngineRoom, StateMachine } from './engine-room.ts';
import { checkArn, checkName } from './names.ts';
import { type PageRequest, page } from './paging.ts';

/** A request's body: what the service's model has in it, unchecked. */
interface Request extends PageRequest {
  readonly [field: string]: unknown;
  readonly name?: string;
  readonly input?: string;
  readonly error?: string;
  readonly cause?: string;
  readonly definition?: string;
  readonly roleArn?: string;
  readonly type?: string;
  readonly statusFilter?: string;
  readonly reverseOrder?: boolean;
  readonly includeExecutionData?: boolean;
  readonly stateMachineArn?: string;
  readonly executionArn?: string;
  readonly mapRunArn?: string;
  readonly maxConcurrency?: number;
  readonly toleratedFailureCount?: number;
  readonly toleratedFailurePercentage?: number;
}

type Action = (room: EngineRoom, request: Request) => object | Promise<object>;

const seconds = (ms: number | undefined) => (ms === undefined ? undefined : ms / 1000);

/** The actions of the API, by their names. */
export const ACTIONS: Readonly<Record<string, Action>> = {
  CreateStateMachine(room, { name, definition = '', roleArn, type }) {
    if (type === 'EXPRESS') refuse('StateMachineTypeNotSupported', 'The embedded stack has no express workflows.');
    checkName(name);
    const existing = [...room.machines.values()].find((machine) => machine.name === name);
    if (existing && (existing.definitionText !== definition || existing.roleArn !== (roleArn ?? existing.roleArn))) {
      refuse('StateMachineAlreadyExists', `State Machine Already Exists: '${existing.arn}'`);
    }
    const machine = existing ?? room.register({ name: name ?? '', definition, ...(roleArn ? { roleArn } : {}) });
    return { stateMachineArn: machine.arn, creationDate: seconds(machine.creationDate) };
  },
  DeleteStateMachine(room, { stateMachineArn }) {
    room.machines.delete(checkArn(stateMachineArn, 'stateMachine'));
    return {};
  },
  ListStateMachines(room, request) {
    const { items, ...rest } = page([...room.machines.values()], (machine) => machine.arn, request);
    return { stateMachines: items.map(machineView), ...rest };
  },
  DescribeStateMachine(room, { stateMachineArn }) {
    const machine = machineAt(room, stateMachineArn);
    return { ...machineView(machine), status: 'ACTIVE', ...definitionView(machine) };
  },
  DescribeStateMachineForExecution(room, { executionArn }) {
    const execution = room.find(checkArn(executionArn, 'execution'));
    const machine = room.machineOf(execution);
    const label = execution.machineArn.split('/')[1];
    const child = label === undefined ? {} : { mapRunArn: execution.mapRunArn, label };
    const { arn, name, creationDate } = machine;
    return { stateMachineArn: arn, name, updateDate: seconds(creationDate), ...definitionView(machine), ...child };
  },
  StartExecution(room, { stateMachineArn, name, input }) {
    const { arn, startDate } = room.start(checkArn(stateMachineArn, 'stateMachine'), name, input);
    return { executionArn: arn, startDate: seconds(startDate) };
  },
  async StopExecution(room, { executionArn, error, cause }) {
    const { stopDate } = await room.stop(checkArn(executionArn, 'execution'), error, cause);
    return { stopDate: seconds(stopDate) };
  },
  RedriveExecution(_, { executionArn }) {
    return refuse('ExecutionNotRedrivable', `The embedded stack does not redrive executions: '${executionArn}'`);
  },
  DescribeExecution(room, { executionArn }) {
    const execution = room.find(checkArn(executionArn, 'execution'));
    const { input, output, error, cause } = execution;
    return {
      ...executionView(execution),
      ...{ error, cause, input, output },
      inputDetails: { included: input !== undefined },
      ...(output === undefined ? {} : { outputDetails: { included: true } }),
      redriveCount: 0,
      redriveStatus: 'NOT_REDRIVABLE',
    };
  },
  ListExecutions(room, { stateMachineArn, mapRunArn, statusFilter, ...request }) {
    if ((stateMachineArn === undefined) === (mapRunArn === undefined)) {
      refuse('ValidationException', 'Give one of stateMachineArn and mapRunArn');
    }
    const all = mapRunArn === undefined ? machineExecutions(room, stateMachineArn) : mapRunExecutions(room, mapRunArn);
    const wanted = all.filter(({ status }) => statusFilter === undefined || status === statusFilter).reverse();
    const { items, ...rest } = page(wanted, (execution) => execution.arn, request);
    return { executions: items.map(executionView), ...rest };
  },
  GetExecutionHistory(room, { executionArn, reverseOrder, includeExecutionData = true, ...request }) {
    const arn = checkArn(executionArn, 'execution');
    room.find(arn);
    const all = room.history(arn);
    const ordered = reverseOrder ? all.toReversed() : all;
    const { items, ...rest } = page(ordered, (event) => String(event.id), request);
    return { events: includeExecutionData ? items : items.map(withoutData), ...rest };
  },
  ListMapRuns(room, { executionArn, ...request }) {
    const arn = checkArn(executionArn, 'execution');
    room.find(arn);
    const { items, ...rest } = page(room.mapRunsOf(arn).reverse(), (run) => run.arn, request);
    return { mapRuns: items.map(mapRunView), ...rest };
  },
  DescribeMapRun(room, { mapRunArn }) {
    const run = mapRunAt(room, mapRunArn);
    const { status, maxConcurrency, toleratedFailureCount = 0, toleratedFailurePercentage = 0 } = run;
    const { stateMachineArn, ...view } = mapRunView(run);
    return {
      ...view,
      ...{ status, maxConcurrency, toleratedFailureCount, toleratedFailurePercentage },
      itemCounts: run.itemCounts,
      executionCounts: run.executionCounts,
      redriveCount: 0,
    };
  },
  UpdateMapRun(room, { mapRunArn, maxConcurrency, toleratedFailureCount, toleratedFailurePercentage }) {
    const run = mapRunAt(room, mapRunArn);
    run.maxConcurrency = maxConcurrency ?? run.maxConcurrency;
    run.toleratedFailureCount = toleratedFailureCount ?? run.toleratedFailureCount;
    run.toleratedFailurePercentage = toleratedFailurePercentage ?? run.toleratedFailurePercentage;
    return {};
  },
};

function machineAt(room: EngineRoom, arn: unknown): StateMachine {
  const machine = room.machines.get(checkArn(arn, 'stateMachine'));
  return machine ?? refuse('StateMachineDoesNotExist', `State Machine Does Not Exist: '${arn}'`);
}

function mapRunAt(room: EngineRoom, arn: unknown): MapRun {
  const run = room.mapRuns.get(checkArn(arn, 'mapRun'));
  return run ?? refuse('ResourceNotFound', `Map Run Does Not Exist: '${arn}'`);
}

function machineExecutions(room: EngineRoom, arn: unknown): Child['execution'][] {
  const machine = machineAt(room, arn);
  return [...room.executions.values()].filter(({ machineArn }) => machineArn === machine.arn);
}

function mapRunExecutions(room: EngineRoom, arn: unknown): Child['execution'][] {
  return room.children.of(mapRunAt(room, arn).arn);
}

function machineView({ arn, name, creationDate }: StateMachine): object {
  return { stateMachineArn: arn, name, type: 'STANDARD', creationDate: seconds(creationDate) };
}

function definitionView({ definitionText, roleArn }: StateMachine): object {
  return {
    definition: definitionText,
    roleArn,
    loggingConfiguration: { level: 'OFF', includeExecutionData: false },
    tracingConfiguration: { enabled: false },
  };
}

function executionView(execution: Child['execution']): object {
  const { arn, machineArn, name, status, startDate, stopDate, mapRunArn, itemCount } = execution;
  return {
    executionArn: arn,
    stateMachineArn: machineArn,
    name,
    status,
    startDate: seconds(startDate),
    stopDate: seconds(stopDate),
    ...{ mapRunArn, itemCount },
  };
}

function mapRunView({ arn, executionArn, machineArn, startDate, stopDate }: MapRun) {
  return {
    executionArn,
    mapRunArn: arn,
    stateMachineArn: machineArn,
    startDate: seconds(startDate),
    stopDate: seconds(stopDate),
  };
}

function withoutData(event: HistoryEvent): object {
  return Object.fromEntries(
    Object.entries(event).map(([key, value]) => {
      if (!key.endsWith('EventDetails') || typeof value !== 'object' || value === null) return [key, value];
      const { input, output, parameters, cause, ...rest } = value as Record<string, unknown>;
      return [key, rest];
    }),
  );
}

/** @throws {ApiError} when the API has no such action. */
export function actionOf(name: string): Action {
  const action = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
  return action ?? refuse('UnknownOperationException', `The embedded stack's Step Functions has no action ${name}`);
}
