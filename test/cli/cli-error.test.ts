import { describe, expect, it } from 'vitest';
import { CliError, errorText } from '../../cli/cli-error.ts';
import { endedError } from '../../cli/start-detached.ts';

const refused = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:1'), { code: 'ECONNREFUSED' });
const taken = Object.assign(new Error('listen EADDRINUSE'), { code: 'EADDRINUSE' });

describe('errorText', () => {
  it.each([
    [new CliError('no stack runs', { hint: 'start one' }), 'error: no stack runs\nhint:  start one\n'],
    [new CliError('"x" is a model; expected a dataset'), 'error: "x" is a model\nhint:  expected a dataset\n'],
    [new Error('the folder is in use; choose another'), 'error: the folder is in use\nhint:  choose another\n'],
    [
      new Error('port 80 is taken', { cause: taken }),
      'error: port 80 is taken\nhint:  choose others with --port, or leave it out for any free ones\n',
    ],
    [
      new TypeError('a; b is not a function\n    at x.ts:1'),
      'error: a; b is not a function\nhint:  run the command again with --verbose for the whole story\n',
    ],
  ])('is one sentence and a hint: %s', (error, text) => expect(errorText(error, false)).toBe(text));

  it.each([
    ['as it is', refused],
    ['below an SDK error', new Error('socket', { cause: refused })],
    ['among the addresses that were tried', new AggregateError([refused])],
  ])('tells a stack that is gone by the refused connection, %s', (_, error) => {
    expect(errorText(error, false)).toMatch(/^error: the stack does not answer\nhint: {2}.*down.*up/);
  });

  it('has the stack trace and the causes when asked', () => {
    const text = errorText(new CliError('outer', { cause: new Error('inner') }), true);
    expect(text).toMatch(/ {4}at /);
    expect(text).toContain('inner');
  });
});

describe('endedError', () => {
  it.each([
    ['error: port 80 is taken\nhint:  choose others\n', 'port 80 is taken', 'choose others'],
    ['Starting…\n', 'the stack ended before it was up (SIGKILL): Starting…', 'see stack.log'],
    ['', 'the stack ended before it was up (SIGKILL)', 'see stack.log'],
  ])('reads %j', (output, message, hint) => {
    expect(endedError(output, 'SIGKILL', 'stack.log')).toMatchObject({ message, hint });
  });
});
