import validate from 'asl-validator';
import { expect, it } from 'vitest';
import { NAMED_ERRORS } from '../../lib/retries.ts';
import { allStates, definitionOf, synthesizedStack } from './synthesized-stack.ts';

const template = synthesizedStack('dev');
const definition = definitionOf(template);
const states = new Map(allStates(definition).map(({ path, state }) => [path, state]));

it('is a valid definition', () => {
  expect(validate(structuredClone(definition))).toMatchObject({ isValid: true });
});

it('has the states of the design', () => {
  expect([...states.keys()]).toEqual(
    expect.arrayContaining([
      'ResolveDataset',
      'PlanImport',
      'ImportRows',
      'ImportRows/ImportRange',
      'ImportRows/WaitForRange',
      'ImportRows/IsolateRows',
      'ImportRows/IsolateRows/ImportChunk',
      'ImportRows/IsolateRows/IsolateRow/ImportRow',
      'ImportRows/RecordRange',
      'SummarizeImport',
      'ImportFailed',
    ]),
  );
});

it('reads the manifest, hands on the job, tolerates every failure, and writes results', () => {
  expect(states.get('ImportRows')).toMatchObject({
    ItemProcessor: { ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' } },
    ItemReader: { ReaderConfig: { InputType: 'JSONL' }, Parameters: { 'Key.$': '$.manifest_key' } },
    ItemSelector: { 'job_id.$': '$.job_id', 'dataset_id.$': '$.dataset_id', 'range.$': '$$.Map.Item.Value' },
    MaxConcurrency: 4,
    ToleratedFailurePercentage: 100,
    ResultWriter: { Resource: 'arn:aws:states:::s3:putObject', Parameters: { Prefix: 'map-runs' } },
    ResultPath: null,
    Catch: [{ ErrorEquals: ['States.ALL'], Next: 'SummarizeImport' }],
  });
});

it.each([...states].filter(([, { Type }]) => Type === 'Task'))(
  '%s has a time-out longer than its Lambda and its retries',
  (_, state) => {
    const id = String(state.Resource).split(':').at(-1) ?? '';
    const fn = template.findResources('AWS::Lambda::Function')[id];
    expect(state.TimeoutSeconds).toBeGreaterThan(fn?.Properties.Timeout);
    expect(state).toMatchObject({
      Retry: [
        { ErrorEquals: ['ThrottledError'], JitterStrategy: 'FULL' },
        { ErrorEquals: ['TransientError'], MaxAttempts: 3, BackoffRate: 2 },
        { ErrorEquals: expect.arrayContaining(['Lambda.TooManyRequestsException']) },
      ],
    });
  },
);

it('takes a range apart for a crash only', () => {
  expect(states.get('ImportRows/ImportRange')?.Catch).toEqual([
    { ErrorEquals: [...NAMED_ERRORS], ResultPath: '$.error', Next: 'RecordRange' },
    { ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: 'CutRange' },
  ]);
  for (const name of ['ImportRows/IsolateRows', 'ImportRows/IsolateRows/IsolateRow']) {
    expect(states.get(name)).toMatchObject({ MaxConcurrency: 1 }); // the job's downloads stay within their limit
  }
});

it('fails with the output as its cause', () => {
  expect(states.get('ImportFailed')).toMatchObject({
    Type: 'Fail',
    ErrorPath: '$.error.name',
    CausePath: 'States.JsonToString($)',
  });
});

it('puts no secret into the template', () => {
  const variables = Object.values(template.findResources('AWS::Lambda::Function')).flatMap(({ Properties }) =>
    Object.keys(Properties.Environment.Variables),
  );
  expect(variables).toContain('SECRET_ARN');
  expect(variables.filter((name) => /KEY|TOKEN|PASSWORD/.test(name))).toEqual([]);
});
