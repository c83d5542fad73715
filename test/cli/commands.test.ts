import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { SAMPLE_URL, startTestStack, type TestStack } from '../end-to-end/test-stack.ts';
import { runCli, startCli } from './run-cli.ts';

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack();
});
afterAll(() => stack.close());

const cli = (...args: string[]) => runCli(...args, '--data-dir', stack.dataDir);

it('imports, finds the dataset again by its URL, and tells of both jobs', async () => {
  const first = await cli('import', SAMPLE_URL, '--no-process');
  expect(first.exitCode).toBe(0);
  expect(first.stdout).toContain('60 rows: 57 imported, 0 skipped, 3 failed');
  expect(first.stdout).toMatch(/row 31 +null_image +the image is null/);
  expect(first.stderr).toMatch(/^60 of 60 rows \(100 %\) · 3 failed/m);

  const again = await cli('import', 'hf.co/datasets/modomo/sample-rooms/tree/main/', '--no-process', '--json');
  expect(again.exitCode).toBe(0);
  expect(again.stdout).toMatch(/^\{.*\}\n$/);
  const output = JSON.parse(again.stdout);
  expect(output).toMatchObject({ status: 'succeeded', total_rows: 60, skipped_scenes: 57, failed_scenes: 3 });
  const rows = await stack.database.from('datasets').select('id, name, source_url').eq('source_url', SAMPLE_URL);
  expect(rows.data).toEqual([{ id: output.dataset_id, name: 'sample-rooms', source_url: SAMPLE_URL }]);

  const status = await cli('status', output.job_id, '--json');
  expect(JSON.parse(status.stdout)).toMatchObject({
    id: output.job_id,
    status: 'succeeded',
    finished_at: expect.stringMatching(/^20.*Z$/),
    skipped_scenes: 57,
  });
  expect((await cli('status', output.job_id)).stdout).toContain('57 skipped (there already)');
});

it('takes a subset under a name of its own', async () => {
  const { stdout, exitCode } = await cli('import', SAMPLE_URL, '--name', 'Two rooms', '--max-images', '2', '--json');
  const { dataset_id: datasetId, total_rows: rows } = JSON.parse(stdout);
  expect({ exitCode, rows }).toEqual({ exitCode: 0, rows: 2 });
  const { data } = await stack.database.from('datasets').select('name').eq('id', datasetId);
  expect(data).toEqual([{ name: 'Two rooms' }]);
});

it('exits 1 with the reason when the import fails', async () => {
  const text = await cli('import', SAMPLE_URL, '--split', 'nowhere');
  expect(text.exitCode).toBe(1);
  expect(text.stdout).toMatch(/^✘ The import of .* failed\n {2}BadInputError: there is no split "nowhere"/);

  const json = await cli('import', SAMPLE_URL, '--config', 'nowhere', '--json');
  expect(json.exitCode).toBe(1);
  expect(JSON.parse(json.stdout)).toMatchObject({ status: 'failed', error: { name: 'BadInputError' } });

  const unknown = await cli('status', 'no-such-job');
  expect(unknown).toMatchObject({ exitCode: 1, stdout: '' });
  expect(unknown.stderr).toMatch(/^error: there is no job "no-such-job" on this stack\nhint: /);
});

it('leaves the job running on Ctrl-C, and shows how far a stopped job came', async () => {
  const { bucket } = stack.endpoints;
  await stack.addFaults(bucket.endpoint, [{ match: { method: 'PUT', path: `^/${bucket.name}/` }, delayMs: 600_000 }]);
  const running = startCli('import', SAMPLE_URL, '--refresh', '--data-dir', stack.dataDir);
  let jobId = '';
  let line: Record<string, unknown> = {};
  do {
    await sleep(100);
    jobId = /^Job (\S+): importing/m.exec(running.stderr())?.[1] ?? '';
    if (jobId) line = JSON.parse((await cli('status', jobId, '--json')).stdout);
  } while (line.total_rows === undefined);
  running.process.kill('SIGINT');
  const { exitCode, stdout, stderr } = await running.end;
  expect({ exitCode, stdout }).toEqual({ exitCode: 130, stdout: '' });
  expect(stderr).toContain(
    `Job ${jobId} goes on. Look at it with \`modomo status ${jobId} --data-dir ${stack.dataDir}\`.`,
  );
  expect(line).toMatchObject({ status: 'running', total_rows: 60, finished_at: null });
  expect((await cli('status', jobId)).stdout).toMatch(/^Job \S+ is running\n/);

  await stack.stop(
    stack.endpoints.stepFunctions.importDatasetArn.replace(':stateMachine:', ':execution:').concat(`:${jobId}`),
  );
  const stopped = await cli('status', jobId);
  expect(stopped.stdout).toMatch(/^✘ The import of .* was stopped\n {2}Stopped: by the test\n {2}60 rows: /);
  expect(JSON.parse((await cli('status', jobId, '--json')).stdout)).toMatchObject({
    status: 'aborted',
    total_rows: 60,
  });
  await stack.clearFaults(bucket.endpoint);
});
