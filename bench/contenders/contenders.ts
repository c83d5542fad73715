import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Agent, request } from 'undici';
import type { RequestReport } from '../../local/stand-in/request-log.ts';
import { type BenchServers, BUCKET } from '../bench-servers.ts';
import type { BenchStack, PlannedJob } from '../bench-stack.ts';
import type { BenchDataset } from '../dataset/prepare-dataset.ts';
import { cpuSeconds, peakMb } from '../measure/process-usage.ts';
import type { Contender, Run } from './contender.ts';
import type { PutOnlyPlan, PutOnlyResult } from './put-only.ts';

export interface ContendersOptions {
  readonly servers: BenchServers;
  readonly stack: BenchStack;
  readonly dataset: BenchDataset;
  /** Folder of the images that the dataset holds. */
  readonly images: string;
  /** How often a run goes through the dataset. */
  readonly passes: number;
  /** Uploads at once, of one worker. */
  readonly uploads: number;
  readonly workers: number;
}

/** The floor: uploads alone, in a process of its own. */
export function putOnly({ servers, images, passes, uploads, workers }: ContendersOptions): Contender {
  const plan: PutOnlyPlan = {
    ...servers.bucketAccess,
    bucket: BUCKET,
    images,
    passes,
    connections: uploads * workers,
  };
  return {
    name: 'PUT only',
    async run() {
      const child = fork(join(import.meta.dirname, 'put-only.ts'), [JSON.stringify(plan)], {
        env: { ...process.env, ...servers.variables },
      });
      const answer = await Promise.race([once(child, 'message'), once(child, 'exit').then(() => undefined)]);
      if (!answer) throw new Error('the uploads failed');
      return answer[0] as PutOnlyResult;
    },
  };
}

/** ImportRange's worker by itself: the ranges of jobs that are planned before the clock starts. */
export function workerAlone(options: ContendersOptions): Contender {
  const { stack, dataset, passes, workers } = options;
  return {
    name: 'ImportRange',
    async run() {
      const jobs: PlannedJob[] = [];
      for (let pass = 0; pass < passes; pass++) jobs.push(await stack.plan(dataset.url));
      const todo = jobs.flatMap((job) => job.ranges.map((range) => ({ job, range })));
      return measure(options, jobs, async () => {
        const lane = async (): Promise<void> => {
          for (let next = todo.shift(); next; next = todo.shift()) await stack.importRange(next.job, next.range);
        };
        await Promise.all(Array.from({ length: workers }, lane));
      });
    },
  };
}

/** The whole import, from StartExecution to its end. CPU is that of ImportRange's workers, as before. */
export function wholeImport(options: ContendersOptions): Contender {
  const { stack, dataset, passes } = options;
  return {
    name: 'whole import',
    async run() {
      const jobs = [await stack.plan(dataset.url)]; // for its numbers only
      return measure(options, Array.from({ length: passes }, () => jobs).flat(), async () => {
        for (let pass = 0; pass < passes; pass++) await stack.importDataset(dataset.url);
      });
    },
  };
}

async function measure(
  { servers, stack, dataset, passes }: ContendersOptions,
  jobs: readonly PlannedJob[],
  work: () => Promise<void>,
): Promise<Run> {
  await askHub(servers, 'DELETE');
  const before = new Map(stack.workers().map(({ pid }) => [pid, cpuSeconds(pid)]));
  const startedAt = performance.now();
  await work();
  const seconds = (performance.now() - startedAt) / 1000;
  const workers = stack.workers();
  const images = dataset.rows * passes;
  const scenes = await stack.takeScenes();
  if (scenes !== images) throw new Error(`${scenes} of ${images} scenes are in the database`);
  const { requests } = JSON.parse(await askHub(servers, 'GET')) as RequestReport;
  const bytes = jobs.reduce((sum, { plan }) => sum + plan.image_bytes, 0);
  return {
    images,
    bytes,
    seconds,
    cpuSeconds: workers.reduce((sum, { pid }) => sum + cpuSeconds(pid) - (before.get(pid) ?? 0), 0),
    peakMb: Math.max(...workers.map(({ pid }) => peakMb(pid))),
    fetched: {
      requests: requests.length,
      bytes: requests.reduce((sum, { bytes_out }) => sum + bytes_out, 0),
      usedBytes: bytes,
    },
  };
}

/** This process was started before the certificate was made, so that it is told of it here. */
async function askHub({ hub, variables }: BenchServers, method: 'GET' | 'DELETE'): Promise<string> {
  const certificate = variables.NODE_EXTRA_CA_CERTS;
  const dispatcher = new Agent({ connect: certificate === undefined ? {} : { ca: readFileSync(certificate) } });
  const { body } = await request(`${hub.url}/_requests`, { method, dispatcher });
  const text = await body.text();
  await dispatcher.close();
  return text;
}
