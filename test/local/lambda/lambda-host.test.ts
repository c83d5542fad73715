import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { LambdaHost } from '../../../local/lambda/lambda-host.ts';

const folder = mkdtempSync(join(tmpdir(), 'lambda-host-'));
const arn = 'arn:aws:lambda:us-east-1:000000000000:function:probe';
let host: LambdaHost;

const PROBE = `
let calls = 0;
const hog = [];
class BadInputError extends Error { name = 'BadInputError'; }
export async function handler(event, context) {
  calls += 1;
  if (event.exit !== undefined) process.exit(event.exit);
  if (event.hang) await new Promise((resolve) => setTimeout(resolve, 60000));
  if (event.hog) for (;;) { hog.push(Buffer.alloc(8 << 20, 1)); await new Promise(setImmediate); }
  if (event.raise) throw new BadInputError('no such dataset');
  if (event.nothing) return undefined;
  console.log('called', event.id);
  return { id: event.id, calls, left: context.getRemainingTimeInMillis() > 0, greeting: process.env.GREETING, pid: process.pid };
}`;

beforeAll(() => {
  const bundle = join(folder, 'index.mjs');
  writeFileSync(bundle, PROBE);
  host = new LambdaHost({
    functions: [{ arn, name: 'probe', bundle, memoryMb: 256, timeoutSeconds: 2, variables: { GREETING: 'mine' } }],
    variables: { GREETING: 'yours' },
    logDir: join(folder, 'logs'),
  });
});
afterAll(async () => {
  await host.close();
  rmSync(folder, { recursive: true });
});

it('keeps a process warm, gives it one invocation at a time, and logs what it prints', async () => {
  const first = await host.invoke(arn, { id: 1 });
  const second = await host.invoke(arn, { id: 2 });
  expect(first).toMatchObject({ id: 1, calls: 1, left: true, greeting: 'yours' });
  expect(second).toMatchObject({ id: 2, calls: 2, pid: (first as { pid: number }).pid });
  const both = (await Promise.all([host.invoke(arn, { id: 3 }), host.invoke(arn, { id: 4 })])) as { pid: number }[];
  expect(new Set(both.map(({ pid }) => pid)).size).toBe(2);
  expect(await host.invoke(arn, { nothing: true })).toBeNull();
  expect(readFileSync(join(folder, 'logs/probe.log'), 'utf8')).toContain('called 2');
});

it.each([
  {
    event: { raise: true },
    error: 'BadInputError',
    cause: /"errorMessage":"no such dataset","trace":\["BadInputError/,
  },
  { event: { exit: 3 }, error: 'Runtime.ExitError', cause: /Runtime exited with error: exit status 3/ },
  { event: { exit: 0 }, error: 'Runtime.ExitError', cause: /exited without providing a reason/ },
  { event: { hog: true }, error: 'Runtime.ExitError', cause: /RequestId: .* Error: .*signal: killed/ },
  { event: { hang: true }, error: 'Sandbox.Timedout', cause: /Task timed out after 2.00 seconds/ },
])('reports $error as Step Functions does for $event', async ({ event, error, cause }) => {
  await expect(host.invoke(arn, event)).rejects.toMatchObject({ error, cause: expect.stringMatching(cause) });
  expect(await host.invoke(arn, { id: 9 })).toMatchObject({ id: 9 }); // the next one finds a process that works
});
