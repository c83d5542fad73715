import { appendFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { environmentOf } from '../lib/environments.ts';
import { synthesize } from '../local/stack/synthesize.ts';
import { type BenchServers, startBenchServers } from './bench-servers.ts';
import { type BenchStack, startBenchStack } from './bench-stack.ts';
import { putOnly, wholeImport, workerAlone } from './contenders/contenders.ts';
import { type BenchDataset, type Layout, prepareDataset, prepareImages } from './dataset/prepare-dataset.ts';
import { cpuSeconds, machineSeconds } from './measure/process-usage.ts';
import { type MeasuredRun, ratio, reportText, speed } from './measure/report.ts';

const HELP = `npm run bench -- [options]

Measures the import side by side: uploads alone (the floor), ImportRange's worker by itself, the whole import through
the state machine; on today's layout and the older one, over plain HTTP and over TLS. Linux only.

  --rounds N          rounds that count; one before them warms up          [5]
  --images N          images of the dataset, 200 KB each                   [1000]
  --passes N          how often a run goes through the dataset             [3]
  --layouts A,B       current, legacy                                      [current,legacy]
  --transports A,B    http, tls                                            [http,tls]
  --workers N         row ranges at once                                   [1]
  --versitygw PATH    the bucket is this server; else our own stand-in     [$VERSITYGW]
  --json FILE         appends each run as a line
`;

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    images: { type: 'string', default: '1000' },
    passes: { type: 'string', default: '3' },
    layouts: { type: 'string', default: 'current,legacy' },
    transports: { type: 'string', default: 'http,tls' },
    workers: { type: 'string', default: '1' },
    versitygw: { type: 'string', default: process.env.VERSITYGW },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(HELP);
  process.exit(0);
}

const images = await prepareImages(Number(values.images));
const datasets = new Map<string, BenchDataset>();
for (const layout of values.layouts.split(',')) {
  datasets.set(layout, prepareDataset(images, layout as Layout, Number(values.images)));
}
const workDir = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'modomo-bench-'));
const synthesized = synthesize(join(workDir, 'cdk.out'));
const { uploads } = environmentOf('embedded');
console.log(
  `bucket: ${values.versitygw ? 'versitygw' : 'our stand-in'}; ${values.workers} worker(s), ${uploads} uploads each\n`,
);
try {
  for (const transport of values.transports.split(',')) {
    for (const [layout, dataset] of datasets) await measureSet(transport, layout, dataset);
  }
} finally {
  rmSync(workDir, { recursive: true, force: true });
}

async function measureSet(transport: string, layout: string, dataset: BenchDataset): Promise<void> {
  const tls = transport === 'tls';
  const servers = await startBenchServers({ workDir, datasets: dataset.folder, tls, versitygw: values.versitygw });
  const { variables } = servers;
  const workers = Number(values.workers);
  const stack = await startBenchStack({
    ...{ workDir, synthesized, workers, variables },
    ...{ hubUrl: servers.hub.url, bucket: servers.bucketAccess },
  });
  try {
    const runs = await measureRounds(servers, stack, dataset);
    console.log(reportText(`${layout} layout over ${transport}; medians of ${values.rounds} rounds`, runs));
    const overhead = 1 / ratio(runs, 'whole import', 'ImportRange', speed) - 1;
    console.log(`state machine, with resolving, planning and summary: ${(100 * overhead).toFixed(1)} % of the time\n`);
    if (values.json)
      for (const run of runs) appendFileSync(values.json, `${JSON.stringify({ transport, layout, ...run })}\n`);
  } finally {
    await stack.close();
    await servers.close();
  }
}

async function measureRounds(servers: BenchServers, stack: BenchStack, dataset: BenchDataset): Promise<MeasuredRun[]> {
  const options = { servers, stack, dataset, images, uploads };
  const contendersOf = (passes: number) =>
    [putOnly, workerAlone, wholeImport].map((make) => make({ ...options, passes, workers: Number(values.workers) }));
  const runs: MeasuredRun[] = [];
  for (let round = 0; round <= Number(values.rounds); round++) {
    const contenders = contendersOf(round === 0 ? 1 : Number(values.passes));
    for (const contender of round % 2 === 0 ? contenders : contenders.toReversed()) {
      const machine = machineSeconds();
      const bucket = cpuSeconds(servers.bucket.pid);
      const others = cpuSeconds(servers.hub.pid) + cpuSeconds(process.pid);
      const run = await contender.run();
      const bucketSeconds = cpuSeconds(servers.bucket.pid) - bucket;
      const known = run.cpuSeconds + bucketSeconds + cpuSeconds(servers.hub.pid) + cpuSeconds(process.pid) - others;
      const otherSeconds = machineSeconds() - machine - known;
      servers.emptyBucket();
      if (round > 0) runs.push({ contender: contender.name, round, ...run, bucketSeconds, otherSeconds });
    }
  }
  // the floor first, whatever the order of the rounds
  return contendersOf(1).flatMap(({ name }) => runs.filter(({ contender }) => contender === name));
}
