import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endpointsPath } from '../../local/stack/endpoints.ts';
import { startStack } from '../../local/stack/start-stack.ts';

// Runs the clients of other makers, all in Python, against one embedded stack.
const ROOT = join(import.meta.dirname, '../..');
const PYTHON = process.env.PEERS_PYTHON ?? join(ROOT, '.venv/bin/python');
const SAMPLE = 'modomo/sample-rooms';

if (!existsSync(PYTHON)) {
  console.error(`${PYTHON} is missing: make a virtual environment with test/peers/requirements.txt, as .ci/run does`);
  process.exit(1);
}
const dataDir = mkdtempSync(join(tmpdir(), 'modomo-peers-'));
const stack = await startStack({ dataDir, datasetsDirs: [join(ROOT, 'test/fixtures/hub')], upstreamHub: null });
const { hub, bucket } = stack.endpoints;
const runs: readonly [script: string, ...args: string[]][] = [
  ['hub_datasets.py', hub.url, SAMPLE, join(ROOT, 'local/sample-rooms/repo')],
  [
    'hub_client.py',
    ...[hub.url, SAMPLE, join(ROOT, 'local/sample-rooms/repo'), '--missing', 'nobody/nothing'],
    ...['--gated', 'access/gated', '--private', 'access/private', '--token', 'hf_reader'],
  ],
  [
    'boto3_s3.py',
    ...['--endpoint', bucket.endpoint, '--bucket', bucket.name],
    ...['--access-key', bucket.accessKeyId, '--secret-key', bucket.secretAccessKey],
  ],
  ['boto3_import.py', endpointsPath(dataDir), `https://huggingface.co/datasets/${SAMPLE}`],
];
let failed = 0;
for (const [script, ...args] of runs) {
  console.log(`\n${script}`);
  const [status] = await once(
    spawn(PYTHON, [join(import.meta.dirname, script), ...args], { stdio: 'inherit' }),
    'exit',
  );
  if (status !== 0) failed += 1;
}
await stack.close();
rmSync(dataDir, { recursive: true });
console.log(`\n${runs.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
