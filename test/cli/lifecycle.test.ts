import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { endpointsPath, readEndpoints } from '../../local/stack/endpoints.ts';
import { SAMPLE_URL } from '../end-to-end/test-stack.ts';
import { runCli } from './run-cli.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'modomo-up-'));
const cli = (...args: string[]) => runCli(...args, '--data-dir', dataDir);

afterAll(async () => {
  await cli('down');
  rmSync(dataDir, { recursive: true });
});

it('runs in the background until it is told to end, one stack a folder', async () => {
  const up = await cli('up', '--detach');
  expect(up).toMatchObject({ exitCode: 0, stderr: '' });
  const endpoints = readEndpoints(dataDir);
  expect(endpoints?.pid).not.toBe(process.pid);
  expect(up.stdout).toContain(`The stack runs on ${dataDir} (process ${endpoints?.pid}).`);
  expect(up.stdout).toContain(endpoints?.stepFunctions.endpoint);

  for (const again of [['up'], ['up', '--detach']]) {
    const refused = await cli(...again);
    expect(refused).toMatchObject({ exitCode: 1, stdout: '' });
    expect(refused.stderr).toMatch(
      /^error: a stack runs on .* already \(process \d+\)\nhint: {2}stop it with `modomo down/,
    );
  }
  const { exitCode, stdout } = await cli('import', SAMPLE_URL, '--max-images', '3', '--json');
  expect({ exitCode, rows: JSON.parse(stdout).processed_scenes }).toEqual({ exitCode: 0, rows: 3 });

  const down = await cli('down');
  expect(down).toMatchObject({
    exitCode: 0,
    stdout: `The stack of ${dataDir} has ended (process ${endpoints?.pid}).\n`,
  });
  expect(() => process.kill(endpoints?.pid ?? 0, 0)).toThrow('ESRCH');
  expect(existsSync(endpointsPath(dataDir))).toBe(false);
}, 180_000);
