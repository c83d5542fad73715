import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  DescribeStateMachineCommand,
  ExecutionAlreadyExists,
  ExecutionDoesNotExist,
  GetExecutionHistoryCommand,
  InvalidArn,
  InvalidDefinition,
  InvalidExecutionInput,
  InvalidName,
  InvalidToken,
  ListExecutionsCommand,
  ListMapRunsCommand,
  ListStateMachinesCommand,
  RedriveExecutionCommand,
  StartExecutionCommand,
  StateMachineAlreadyExists,
  StateMachineDoesNotExist,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { expect, it } from 'vitest';
import { json, lambda, stepFunctions, temporaryFolder } from './harness.ts';

const PASS = { StartAt: 'P', States: { P: { Type: 'Pass', End: true } } };
const task = (name: string) => ({ Type: 'Task', Resource: lambda(name), End: true });
const F = { StartAt: 'F', States: { F: task('f') } };
const ARN = 'arn:aws:states:us-east-1:000000000000';

/** A function that ends only when it is told to stop; `running` counts those under way. */
function endless() {
  const state = { running: 0, stopped: 0 };
  const f = (_: unknown, signal: AbortSignal) =>
    new Promise((_, reject) => {
      state.running += 1;
      signal.addEventListener('abort', () => {
        state.running -= 1;
        state.stopped += 1;
        reject(signal.reason);
      });
    });
  return { state, f };
}

it('starts an execution once by name and input while it runs, and never again by that name', async () => {
  const { state, f } = endless();
  const sfn = await stepFunctions({ f });
  const stateMachineArn = sfn.register('m', F);
  const first = await sfn.start(stateMachineArn, { a: 1 }, 'job-1');
  expect(first).toBe(`${ARN}:execution:m:job-1`);
  expect(await sfn.start(stateMachineArn, { a: 1 }, 'job-1')).toBe(first);
  await expect(sfn.start(stateMachineArn, { a: 2 }, 'job-1')).rejects.toThrow(ExecutionAlreadyExists);
  await expect.poll(() => state.running).toBe(1);
  await sfn.client.send(new StopExecutionCommand({ executionArn: first, error: 'Cancelled', cause: 'by hand' }));
  await expect(sfn.start(stateMachineArn, { a: 1 }, 'job-1')).rejects.toThrow(ExecutionAlreadyExists);
  expect(await sfn.ended(first)).toMatchObject({
    status: 'ABORTED',
    error: 'Cancelled',
    cause: 'by hand',
    input: '{"a":1}',
  });
  expect((await sfn.history(first)).at(-1)).toMatchObject({
    type: 'ExecutionAborted',
    executionAbortedEventDetails: { error: 'Cancelled', cause: 'by hand' },
  });
  expect(sfn.changes.map(({ name, status }) => [name, status])).toEqual([
    ['job-1', 'RUNNING'],
    ['job-1', 'ABORTED'],
  ]);
});

it('stops nested executions and the children of a map run with the one that started them', async () => {
  const { state, f } = endless();
  const sfn = await stepFunctions({ f });
  const processor = { ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' }, ...F };
  const inner = sfn.register('inner', {
    StartAt: 'M',
    States: { M: { Type: 'Map', ItemProcessor: processor, End: true } },
  });
  const nested = {
    Type: 'Task',
    Resource: 'arn:aws:states:::states:startExecution.sync:2',
    Parameters: { StateMachineArn: inner, Name: 'child', 'Input.$': '$' },
    End: true,
  };
  const outer = await sfn.start(sfn.register('outer', { StartAt: 'N', States: { N: nested } }), [1, 2, 3]);
  await expect.poll(() => state.running).toBe(3);
  await sfn.client.send(new StopExecutionCommand({ executionArn: outer }));
  await expect.poll(() => state).toEqual({ running: 0, stopped: 3 });
  const executionArn = `${ARN}:execution:inner:child`;
  expect((await sfn.ended(executionArn)).status).toBe('ABORTED');
  const { mapRuns = [] } = await sfn.client.send(new ListMapRunsCommand({ executionArn }));
  const { executions = [] } = await sfn.client.send(new ListExecutionsCommand({ mapRunArn: mapRuns[0]?.mapRunArn }));
  expect(executions.map(({ status }) => status)).toEqual(['ABORTED', 'ABORTED', 'ABORTED']);
});

it('remembers executions after a restart, and aborts those that ran', async () => {
  const dataDir = temporaryFolder();
  const { state, f } = endless();
  const before = await stepFunctions({ f }, { dataDir });
  const done = await before.start(before.register('pass', PASS), { a: 1 }, 'done');
  await before.ended(done);
  const lost = await before.start(before.register('m', F), { b: 2 }, 'lost');
  await expect.poll(() => state.running).toBe(1);
  await before.server.close();
  expect(state.stopped).toBe(1);
  expect(before.changes.at(-1)).toMatchObject({ name: 'lost', status: 'RUNNING' });
  appendFileSync(join(dataDir, 'executions.jsonl'), '{"start":{"arn":"cut'); // the process died while it wrote

  const after = await stepFunctions({ f }, { dataDir });
  const stopped = { error: 'StackStopped', cause: 'The embedded stack stopped while this execution ran.' };
  expect(after.changes).toMatchObject([{ name: 'lost', status: 'ABORTED', input: '{"b":2}', ...stopped }]);
  expect(await after.ended(lost)).toMatchObject({ status: 'ABORTED', input: '{"b":2}', ...stopped });
  const types = (await after.history(lost)).map(({ type }) => type);
  expect(types).toEqual([
    'ExecutionStarted',
    'TaskStateEntered',
    'LambdaFunctionScheduled',
    'LambdaFunctionStarted',
    'ExecutionAborted',
  ]);
  expect(await after.ended(done)).toMatchObject({ status: 'SUCCEEDED', output: '{"a":1}' });
  expect(await after.history(done)).toHaveLength(4);
  await expect(after.start(after.register('pass', PASS), { a: 1 }, 'done')).rejects.toThrow(ExecutionAlreadyExists);
  await after.ended(await after.start(after.server.stateMachineArn('pass'), {}, 'next'));
  await after.server.close();
  const lines = readFileSync(join(dataDir, 'executions.jsonl'), 'utf8').trimEnd().split('\n');
  expect(lines.map((line) => Object.keys(JSON.parse(line))[0])).toEqual([
    'start',
    'end',
    'start',
    'end',
    'start',
    'end',
  ]);
});

it('names the file and the line of a data folder that is corrupt', async () => {
  const dataDir = temporaryFolder();
  const sfn = await stepFunctions({}, { dataDir });
  await sfn.run(PASS);
  await sfn.server.close();
  const file = join(dataDir, 'executions.jsonl');
  appendFileSync(file, '\u0000\u0000\n');
  await expect(stepFunctions({}, { dataDir })).rejects.toThrow(`${file} is corrupt: line 3 is not JSON`);
});

it('pages through executions, newest first, and through a history, both ways', async () => {
  const sfn = await stepFunctions();
  const stateMachineArn = sfn.register('m', PASS);
  for (const name of ['a', 'b', 'c']) await sfn.ended(await sfn.start(stateMachineArn, {}, name));
  const list = (nextToken?: string) =>
    sfn.client.send(new ListExecutionsCommand({ stateMachineArn, maxResults: 2, nextToken }));
  const first = await list();
  await sfn.start(stateMachineArn, {}, 'd'); // does not shift the next page
  const second = await list(first.nextToken);
  const names = [first, second].map(({ executions = [] }) => executions.map(({ name }) => name));
  expect(names).toEqual([['c', 'b'], ['a']]);
  expect(second.nextToken).toBeUndefined();
  await expect(list('bm8=')).rejects.toThrow(InvalidToken);

  const executionArn = `${ARN}:execution:m:a`;
  const page = await sfn.client.send(
    new GetExecutionHistoryCommand({ executionArn, maxResults: 3, reverseOrder: true, includeExecutionData: false }),
  );
  expect(page.events?.map(({ id }) => id)).toEqual([4, 3, 2]);
  expect(page.events?.[1]?.stateExitedEventDetails).toEqual({ name: 'P', outputDetails: { truncated: false } });
  const rest = await sfn.client.send(
    new GetExecutionHistoryCommand({ executionArn, maxResults: 3, reverseOrder: true, nextToken: page.nextToken }),
  );
  expect(rest.events?.map(({ type }) => type)).toEqual(['ExecutionStarted']);
});

it('answers what is wrong with the errors of the service', async () => {
  const sfn = await stepFunctions();
  const { client } = sfn;
  const machine = sfn.register('m', PASS);
  const describe = (executionArn: string) => client.send(new DescribeExecutionCommand({ executionArn }));
  await expect(describe(`${ARN}:execution:m:none`)).rejects.toThrow(ExecutionDoesNotExist);
  await expect(describe(machine)).rejects.toThrow(InvalidArn);
  await expect(sfn.start(`${ARN}:stateMachine:none`)).rejects.toThrow(StateMachineDoesNotExist);
  for (const name of ['a b', 'a/b', '*', 'x'.repeat(81), '\u0001']) {
    await expect(sfn.start(machine, {}, name)).rejects.toThrow(InvalidName);
  }
  const start = (input: string) => client.send(new StartExecutionCommand({ stateMachineArn: machine, input }));
  await expect(start('{')).rejects.toThrow(InvalidExecutionInput);
  await expect(start(JSON.stringify('é'.repeat(131_072)))).rejects.toMatchObject({ name: 'ValidationException' });
  await expect(
    client.send(new RedriveExecutionCommand({ executionArn: `${ARN}:execution:m:x` })),
  ).rejects.toMatchObject({
    name: 'ExecutionNotRedrivable',
  });
  const create = (name: string, definition: object) =>
    client.send(
      new CreateStateMachineCommand({ name, definition: JSON.stringify(definition), roleArn: 'arn:aws:iam::1:role/r' }),
    );
  const { stateMachineArn } = await create('made', PASS);
  expect((await create('made', PASS)).stateMachineArn).toBe(stateMachineArn);
  await expect(create('made', F)).rejects.toThrow(StateMachineAlreadyExists);
  const { stateMachines = [] } = await client.send(new ListStateMachinesCommand({}));
  expect(stateMachines.map(({ name }) => name)).toEqual(['m', 'made']);
  const described = await client.send(new DescribeStateMachineCommand({ stateMachineArn }));
  expect(json(described.definition)).toEqual(PASS);
});

it.each([
  ['QueryLanguage "JSONata" at /', { QueryLanguage: 'JSONata', ...PASS }],
  [
    'QueryLanguage "JSONata" at /States/P',
    { StartAt: 'P', States: { P: { Type: 'Pass', QueryLanguage: 'JSONata', End: true } } },
  ],
  ['Assign at /States/P/Assign', { StartAt: 'P', States: { P: { Type: 'Pass', Assign: { a: 1 }, End: true } } }],
  [
    'Resource arn:aws:states:::sqs:sendMessage at /States/T/Resource',
    { StartAt: 'T', States: { T: { Type: 'Task', Resource: 'arn:aws:states:::sqs:sendMessage', End: true } } },
  ],
  [
    'arn:aws:states:::lambda:invoke.waitForTaskToken at /States/Q/Branches[0]/States/T/Resource',
    {
      StartAt: 'Q',
      States: {
        Q: {
          Type: 'Parallel',
          Branches: [
            {
              StartAt: 'T',
              States: { T: { Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken', End: true } },
            },
          ],
          End: true,
        },
      },
    },
  ],
  [
    '/States/P/Parameters/x.$ is invalid',
    { StartAt: 'P', States: { P: { Type: 'Pass', Parameters: { 'x.$': 'States.Nope($.a)' }, End: true } } },
  ],
  [
    'variable $rows at /States/P/InputPath',
    { StartAt: 'P', States: { P: { Type: 'Pass', InputPath: '$rows', End: true } } },
  ],
  ['MISSING_TRANSITION_TARGET', { StartAt: 'P', States: { P: { Type: 'Pass', Next: 'Q' }, R: { Type: 'Succeed' } } }],
])('refuses a definition by name: %s', async (message, definition) => {
  const sfn = await stepFunctions();
  const create = sfn.client.send(
    new CreateStateMachineCommand({
      name: 'x',
      definition: JSON.stringify(definition),
      roleArn: 'arn:aws:iam::1:role/r',
    }),
  );
  await expect(create).rejects.toThrow(InvalidDefinition);
  await expect(create).rejects.toThrow(message);
});
