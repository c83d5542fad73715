import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runCli } from './run-cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'modomo-cli-'));
afterAll(() => rmSync(folder, { recursive: true }));
const URL = 'https://huggingface.co/datasets/modomo/sample-rooms';

describe('a wrong call', () => {
  it.each([
    { args: ['imprt'], says: /^error: unknown command 'imprt'\n\(Did you mean import\?\)\nhint: {2}`modomo --help`/ },
    { args: ['import'], says: /^error: missing required argument 'url'\nhint: {2}`modomo import --help`/ },
    { args: ['import', URL, '--max-images', '0'], says: /^error: .*'--max-images <n>'.*1 or more/ },
    { args: ['import', URL, '--dataset-id', '7'], says: /^error: .*'--dataset-id <uuid>'.*must be a uuid/ },
    {
      args: ['import', 'https://huggingface.co/spaces/a/b'],
      says: /^error: ".*" is a space, not a dataset\nhint: {2}expected/,
    },
    { args: ['up', '--port', '70000'], says: /^error: .*'--port <n>'/ },
    { args: ['up', '--datasets', join(folder, 'none')], says: /^error: there is no folder .*\nhint: {2}--datasets/ },
  ])('$args exits 2 with a sentence and a hint', async ({ args, says }) => {
    const { exitCode, stdout, stderr } = await runCli(...args);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toMatch(says);
    expect(stderr).not.toMatch(/^ {4}at /m);
  });
});

describe('without a stack', () => {
  it.each([
    ['import', URL],
    ['status', '6f1d0c4e-7a64-4f2a-8a0f-0a8d4cf1f0aa'],
  ])('%s says how to start one', async (...args) => {
    const result = await runCli(...args, '--data-dir', folder);
    expect(result).toEqual({
      exitCode: 1,
      stdout: '',
      stderr: `error: no stack runs on ${folder}\nhint:  start one with \`modomo up --data-dir ${folder}\`\n`,
    });
  });

  it('down has nothing to do', async () => {
    expect(await runCli('down', '--data-dir', folder)).toMatchObject({
      exitCode: 0,
      stdout: `No stack runs on ${folder}.\n`,
    });
  });

  it.each([
    { name: 'is a file', path: () => join(folder, 'file'), code: 'EEXIST' },
    { name: 'lies where none can be made', path: () => join(folder, 'file/data'), code: 'EEXIST' },
  ])('up --detach hands on that the data folder $name', async ({ path, code }) => {
    writeFileSync(join(folder, 'file'), '');
    const { exitCode, stderr } = await runCli('up', '--detach', '--data-dir', path());
    expect({ exitCode, stderr }).toEqual({
      exitCode: 1,
      stderr: `error: the data folder ${path()} cannot be used (${code})\nhint:  choose another with --data-dir\n`,
    });
  });
});

it('every command has a help text with examples', async () => {
  const { stdout } = await runCli('--help');
  const commands = [...stdout.matchAll(/^ {2}(\w+).* {2}\w/gm)].map(([, name = '']) => name);
  for (const command of ['demo', 'up', 'down', 'import', 'status']) {
    expect(commands).toContain(command);
    const help = await runCli(command, '--help');
    expect(help).toMatchObject({ exitCode: 0, stderr: '' });
    expect(help.stdout).toMatch(new RegExp(`Examples:\\n {2}\\$ modomo ${command}`));
  }
});
