import { expect, it } from 'vitest';
import { fail, lambda, stepFunctions, type TestFunction } from './harness.ts';

/** Fails with each error in turn, then answers. */
const failing = (...errors: string[]): TestFunction => {
  const left = [...errors];
  return () => {
    const error = left.shift();
    return error === undefined ? { ok: true } : fail(error, 'told to');
  };
};
const told = (error: string) => ({ errorType: error, errorMessage: 'told to', trace: [] });
const task = (name: string, more: object = {}) => ({ Type: 'Task', Resource: lambda(name), End: true, ...more });
const one = (state: object, name = 'S') => ({ StartAt: name, States: { [name]: state } });
const retry = (...names: string[]) => ({ ErrorEquals: names });

interface Case {
  readonly title: string;
  readonly states: Record<string, object>;
  readonly functions?: Record<string, TestFunction>;
  readonly input?: unknown;
  readonly status?: string;
  readonly output?: unknown;
  readonly error?: string;
  readonly cause?: unknown;
  readonly waits?: number[];
}

const CASES: Case[] = [
  {
    title: 'backs off by the rate up to the longest delay, then answers',
    states: {
      S: task('f', {
        Retry: [{ ...retry('Slow'), IntervalSeconds: 2, BackoffRate: 3, MaxDelaySeconds: 10, MaxAttempts: 4 }],
      }),
    },
    functions: { f: failing('Slow', 'Slow', 'Slow') },
    output: { ok: true },
    waits: [2000, 6000, 10_000],
  },
  {
    title: 'counts each retrier by itself, and has the defaults of three tries, 1 s and rate 2',
    states: { S: task('f', { Retry: [retry('A'), { ...retry('States.ALL'), MaxAttempts: 1 }] }) },
    functions: { f: failing('A', 'B', 'A', 'A', 'A') },
    status: 'FAILED',
    error: 'A',
    cause: told('A'),
    waits: [1000, 1000, 2000, 4000],
  },
  {
    title: 'goes to Catch at once when a retrier allows no attempt',
    states: {
      S: task('f', {
        Retry: [{ ...retry('A'), MaxAttempts: 0 }, retry('States.ALL')],
        Catch: [{ ErrorEquals: ['States.TaskFailed'], ResultPath: '$.failure', Next: 'C' }],
      }),
      C: { Type: 'Pass', Parameters: { 'e.$': '$.failure.Error', 'kept.$': '$.a' }, End: true },
    },
    functions: { f: failing('A') },
    input: { a: 1 },
    output: { e: 'A', kept: 1 },
    waits: [],
  },
  {
    title: 'has its own name for a time-out, which States.TaskFailed does not match',
    states: {
      S: task('f', {
        TimeoutSeconds: 1,
        Catch: [
          { ErrorEquals: ['States.TaskFailed'], Next: 'Wrong' },
          { ErrorEquals: ['States.Timeout'], Next: 'Right' },
        ],
      }),
      Wrong: { Type: 'Fail' },
      Right: { Type: 'Succeed' },
    },
    functions: { f: () => new Promise(() => {}) },
    output: { Error: 'States.Timeout', Cause: '' },
  },
  {
    title: 'treats a Parallel of one branch as a try-block, and ends the branches beside the one that failed',
    states: {
      Try: {
        Type: 'Parallel',
        Branches: [one(task('f'), 'Submit'), one(task('endless'), 'Endless')],
        Retry: [{ ...retry('Gpu'), MaxAttempts: 1 }],
        Catch: [{ ErrorEquals: ['Gpu'], ResultPath: '$.failure', Next: 'Isolate' }],
        End: true,
      },
      Isolate: { Type: 'Pass', Parameters: { 'error.$': '$.failure.Error' }, End: true },
    },
    functions: {
      f: failing('Gpu', 'Gpu'),
      endless: (_, signal) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    },
    output: { error: 'Gpu' },
  },
  {
    title: 'loops on a cursor with Choice and Wait, and gives the items of an inline map in order',
    states: {
      Range: task('range', { ResultPath: '$.r', Next: 'More?', End: undefined }),
      'More?': {
        Type: 'Choice',
        Choices: [
          {
            And: [
              { Variable: '$.r.cursor', IsPresent: true },
              { Variable: '$.r.wait_seconds', NumericGreaterThan: 0 },
            ],
            Next: 'Pause',
          },
          { Not: { Variable: '$.r.cursor', IsPresent: false }, Next: 'Range' },
        ],
        Default: 'Items',
      },
      Pause: { Type: 'Wait', SecondsPath: '$.r.wait_seconds', Next: 'Range' },
      Items: {
        Type: 'Map',
        ItemsPath: '$.r.rows',
        MaxConcurrency: 2,
        ItemSelector: { 'row.$': '$$.Map.Item.Value', 'i.$': '$$.Map.Item.Index', 'job.$': '$.job' },
        ItemProcessor: one({ Type: 'Pass', End: true }),
        End: true,
      },
    },
    functions: {
      range: (input) => {
        const { r } = input as { r?: { cursor?: number } };
        if (!r) return { cursor: 1, wait_seconds: 90 };
        return r.cursor === 1 ? { cursor: 2, wait_seconds: 0 } : { rows: ['a', 'b', 'c'] };
      },
    },
    input: { job: 'j' },
    output: ['a', 'b', 'c'].map((row, i) => ({ row, i, job: 'j' })),
    waits: [90_000],
  },
  {
    title: 'fails with a cause that is JSON',
    states: { S: { Type: 'Fail', ErrorPath: '$.error', CausePath: 'States.JsonToString($.output)' } },
    input: { error: 'ImportFailed', output: { failed_scenes: 3 } },
    status: 'FAILED',
    error: 'ImportFailed',
    cause: { failed_scenes: 3 },
  },
  {
    title: 'does not let States.ALL catch a result of more than 256 KiB',
    states: {
      S: task('f', { Retry: [retry('States.ALL')], Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Caught' }] }),
      Caught: { Type: 'Succeed' },
    },
    functions: { f: () => 'é'.repeat(131_072) },
    status: 'FAILED',
    error: 'States.DataLimitExceeded',
    cause: `The state/task '${lambda('f')}' returned a result with a size exceeding the maximum number of bytes service limit.`,
  },
  {
    title: 'cannot catch a path that selects nothing, not even around a branch',
    states: {
      S: {
        Type: 'Parallel',
        Branches: [one({ Type: 'Pass', InputPath: '$.a.b', End: true }, 'Lost')],
        Catch: [{ ErrorEquals: ['States.ALL', 'States.Runtime'], Next: 'Caught' }],
        End: true,
      },
      Caught: { Type: 'Succeed' },
    },
    status: 'FAILED',
    error: 'States.Runtime',
    cause:
      "An error occurred while executing the state 'Lost' (entered at the event id #4). Invalid path '$.a.b' : Missing property in path $['a']",
  },
  {
    title: 'keeps keys that are dangerous to JavaScript, and puts a result beside them',
    states: { S: { Type: 'Pass', Result: { ok: true }, ResultPath: '$.__proto__.x', End: true } },
    input: JSON.parse('{"constructor": 1, "__proto__": {"y": 2}}'),
    output: JSON.parse('{"constructor": 1, "__proto__": {"y": 2, "x": {"ok": true}}}'),
  },
  {
    title: 'calls a function by lambda:invoke, and a machine that fails by .sync',
    states: {
      S: {
        Type: 'Task',
        Resource: 'arn:aws:states:::lambda:invoke',
        Parameters: { FunctionName: 'echo', Payload: { 'v.$': '$.v' } },
        ResultSelector: { 'v.$': '$.Payload.v' },
        Next: 'Nested',
      },
      Nested: {
        Type: 'Task',
        Resource: 'arn:aws:states:::states:startExecution.sync',
        Parameters: { StateMachineArn: 'arn:aws:states:us-east-1:000000000000:stateMachine:none', 'Input.$': '$' },
        End: true,
      },
    },
    functions: { echo: (input) => input },
    input: { v: 7 },
    status: 'FAILED',
    error: 'StepFunctions.StateMachineDoesNotExistException',
    cause: expect.stringContaining(
      "State Machine Does Not Exist: 'arn:aws:states:us-east-1:000000000000:stateMachine:none'",
    ),
  },
];

it.each(CASES)('$title', async ({ states, functions, input, status = 'SUCCEEDED', output, error, cause, waits }) => {
  const sfn = await stepFunctions(functions);
  const result = await sfn.run({ StartAt: Object.keys(states)[0], States: states }, input);
  expect(result).toMatchObject({ status, ...(error === undefined ? {} : { error, cause }) });
  if (status === 'SUCCEEDED') expect(result.output).toEqual(output);
  if (waits) expect(sfn.waits).toEqual(waits);
});

it('spreads the pauses of a retry with jitter below the full one', async () => {
  const sfn = await stepFunctions({ f: failing('T', 'T', 'T') });
  await sfn.run(one(task('f', { Retry: [{ ...retry('T'), IntervalSeconds: 30, JitterStrategy: 'FULL' }] })));
  expect(sfn.waits).toHaveLength(3);
  for (const [i, ms] of sfn.waits.entries()) expect(ms).toBeLessThanOrEqual(30_000 * 2 ** i);
  expect(sfn.waits.every((ms) => ms % 1000 === 0)).toBe(false);
});

it('records events that point at the one before on their own line', async () => {
  const sfn = await stepFunctions({ f: failing('A') });
  const states = {
    Both: {
      Type: 'Parallel',
      Branches: [one(task('f', { Retry: [retry('A')] }), 'F'), one({ Type: 'Pass', End: true }, 'P')],
      End: true,
    },
  };
  const { arn } = await sfn.run({ StartAt: 'Both', States: states });
  const events = await sfn.history(arn);
  expect(events.map(({ id }) => id)).toEqual(events.map((_, i) => i + 1));
  const before = (type: string) => {
    const event = events.findLast((one) => one.type === type);
    return events.find(({ id }) => id === event?.previousEventId)?.type;
  };
  expect(events[1]?.previousEventId).toBe(0);
  expect(before('PassStateEntered')).toBe('ParallelStateStarted');
  expect(before('LambdaFunctionSucceeded')).toBe('LambdaFunctionStarted');
  expect(before('TaskStateExited')).toBe('LambdaFunctionSucceeded');
  expect(before('ParallelStateSucceeded')).toBe('TaskStateExited');
  expect(events.find(({ type }) => type === 'LambdaFunctionFailed')?.lambdaFunctionFailedEventDetails).toEqual({
    error: 'A',
    cause: JSON.stringify(told('A')),
  });
});

it('times an execution out, and lets go of its task', async () => {
  let stopped = false;
  const f: TestFunction = (_, signal) =>
    new Promise(() => {
      signal.addEventListener('abort', () => {
        stopped = true;
      });
    });
  const sfn = await stepFunctions({ f });
  const { arn, ...result } = await sfn.run({ TimeoutSeconds: 1, ...one(task('f')) });
  expect(result).toMatchObject({ status: 'TIMED_OUT', error: 'States.Timeout' });
  expect(stopped).toBe(true);
  expect((await sfn.history(arn)).at(-1)?.type).toBe('ExecutionTimedOut');
});

it('ends an execution that reaches the limit of its history', async () => {
  const sfn = await stepFunctions();
  const result = await sfn.run({
    StartAt: 'A',
    States: {
      A: { Type: 'Pass', Next: 'B' },
      B: { Type: 'Choice', Choices: [{ Variable: '$', IsPresent: true, Next: 'A' }], Default: 'C' },
      C: { Type: 'Succeed' },
    },
  });
  expect(result).toMatchObject({
    status: 'FAILED',
    cause: 'The execution reached the maximum number of history events (25000).',
  });
});
