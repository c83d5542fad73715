import { INTEGRATION } from './definition.ts';
import type { Execution } from './execution.ts';
import { ExecutionStopped, StatesFailure, tooLarge } from './failures.ts';
import { faultOf, payload } from './history.ts';
import type { Visit } from './interpreter.ts';
import { isObject, isTooLarge, type Json, type JsonObject } from './json.ts';
import { LambdaFailure } from './lambda-invoker.ts';
import { linkAbort } from './link-abort.ts';
import { numberOf } from './map.ts';

/** A Task state: a function by its ARN, `lambda:invoke`, or `states:startExecution` in its three forms. */
export async function runTask(visit: Visit, parameters: Json): Promise<Json> {
  const { state, trail } = visit;
  const resource = state.Resource ?? '';
  const integration = INTEGRATION.exec(resource)?.[1];
  const text = JSON.stringify(parameters);
  if (isTooLarge(text)) throw tooLarge(visit.name, 'by-name');
  const timeoutSeconds = numberOf(visit, 'TimeoutSeconds');
  const timeout = timeoutSeconds === undefined ? {} : { timeoutInSeconds: timeoutSeconds };
  const [resourceType, action] = integration?.split(/:(.*)/) ?? [];
  const kind = integration ? 'Task' : 'LambdaFunction';
  const about = integration ? { resourceType, resource: action } : {};
  const { region } = visit.run.deps;
  const request = integration
    ? { ...about, region, parameters: text }
    : { resource, ...payload('input', parameters, text) };
  trail.record(`${kind}Scheduled`, { ...request, ...timeout });
  trail.record(`${kind}Started`, about);
  try {
    const output = await withTimeout(timeoutSeconds, visit.signal, (signal) => {
      if (!integration) return invoke(visit, resource, parameters, signal);
      const args = isObject(parameters) ? parameters : {};
      if (resourceType === 'lambda') return invokeByName(visit, args, signal);
      return startExecution(visit, args, action ?? '', signal);
    });
    const result = JSON.stringify(output) ?? 'null';
    if (isTooLarge(result)) throw tooLarge(resource, 'by-name');
    trail.record(`${kind}Succeeded`, { ...about, ...payload('output', null, result) });
    return output;
  } catch (error) {
    visit.signal.throwIfAborted();
    if (!(error instanceof StatesFailure)) throw error;
    trail.record(`${kind}${error.error === 'States.Timeout' ? 'TimedOut' : 'Failed'}`, { ...about, ...faultOf(error) });
    throw error;
  }
}

/** The longest that a timer can run; longer ones do not matter to this process. */
export const MAX_TIMER_MS = 2 ** 31 - 1;

/** Real time, whatever the clock says: the work is real. */
async function withTimeout<T>(
  seconds: number | undefined,
  outer: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { signal, abort, unlink } = linkAbort(outer);
  const expire = () => abort(new StatesFailure('States.Timeout', undefined));
  const timer = seconds === undefined ? undefined : setTimeout(expire, Math.min(seconds * 1000, MAX_TIMER_MS));
  const stopped = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  try {
    return await Promise.race([work(signal), stopped]); // a host that is slow to let go does not hold the state up
  } finally {
    clearTimeout(timer);
    unlink();
  }
}

async function invoke({ run }: Visit, functionArn: string, input: Json, signal: AbortSignal): Promise<Json> {
  try {
    return ((await run.deps.lambda.invoke(functionArn, input, signal)) ?? null) as Json;
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (error instanceof LambdaFailure) throw new StatesFailure(error.error, error.cause);
    throw new StatesFailure('Lambda.Unknown', error instanceof Error ? error.message : String(error));
  }
}

async function invokeByName(visit: Visit, args: JsonObject, signal: AbortSignal): Promise<Json> {
  const { region, account } = visit.run.deps;
  const name = String(args.FunctionName ?? '');
  const arn = name.startsWith('arn:') ? name : `arn:aws:lambda:${region}:${account}:function:${name}`;
  const Payload = await invoke(visit, arn, args.Payload ?? {}, signal);
  const log: JsonObject = args.LogType === 'Tail' ? { LogResult: '' } : {}; // the host keeps its functions' logs to itself
  return { ExecutedVersion: '$LATEST', ...log, Payload, StatusCode: 200 };
}

async function startExecution(visit: Visit, args: JsonObject, action: string, signal: AbortSignal): Promise<Json> {
  const input = args.Input ?? {};
  const started = visit.run.deps.startExecution({
    machineArn: String(args.StateMachineArn ?? ''),
    name: typeof args.Name === 'string' ? args.Name : undefined,
    input: typeof input === 'string' ? input : JSON.stringify(input),
  });
  const { execution } = started;
  const submitted = { ExecutionArn: execution.arn, StartDate: execution.startDate };
  if (action === 'startExecution') return submitted;
  const about = { resourceType: 'states', resource: action };
  visit.trail.record('TaskSubmitted', { ...about, ...payload('output', submitted) });
  const stop = () => started.stop(new ExecutionStopped('ABORTED'));
  signal.addEventListener('abort', stop, { once: true });
  const ended = await started.ended.finally(() => signal.removeEventListener('abort', stop));
  if (ended.status === 'SUCCEEDED') return described(ended, action.endsWith(':2'));
  throw new StatesFailure('States.TaskFailed', JSON.stringify(described(ended, false)));
}

/** As DescribeExecution answers inside a task; `.sync:2` gives input and output as JSON, not as texts of JSON. */
function described(execution: Execution, asJson: boolean): JsonObject {
  const { output, error, cause, input } = execution;
  const value = (text: string): Json => (asJson ? JSON.parse(text) : text);
  return {
    ...(cause === undefined ? {} : { Cause: cause }),
    ...(error === undefined ? {} : { Error: error }),
    ExecutionArn: execution.arn,
    Input: value(input),
    InputDetails: { Included: true },
    Name: execution.name,
    ...(output === undefined ? {} : { Output: value(output), OutputDetails: { Included: true } }),
    StartDate: execution.startDate,
    StateMachineArn: execution.machineArn,
    Status: execution.status,
    StopDate: execution.stopDate ?? execution.startDate,
  };
}
