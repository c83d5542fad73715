import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createLeanPut } from '../../lambdas/shared/storage/lean-put.ts';
import { peakMb } from '../measure/process-usage.ts';

export interface PutOnlyPlan {
  readonly images: string;
  readonly passes: number;
  readonly connections: number;
  readonly endpoint: string;
  readonly region: string;
  readonly bucket: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export interface PutOnlyResult {
  readonly images: number;
  readonly bytes: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakMb: number;
}

/** Uploads before the clock starts, so that the code is compiled and the connections stand, as in a warm worker. */
const WARM_UP = 300;

// The floor: images that are in memory already go to the bucket, each an object, by the leanest client; nothing else.
const plan = JSON.parse(process.argv[2] ?? '') as PutOnlyPlan;
const put = createLeanPut(plan);
const bodies = readdirSync(plan.images).map((name) => readFileSync(join(plan.images, name)));

async function upload(count: number): Promise<number> {
  let next = 0;
  let bytes = 0;
  const lane = async (): Promise<void> => {
    while (next < count) {
      const body = bodies[next++ % bodies.length] ?? new Uint8Array();
      bytes += body.byteLength;
      await put({
        key: `scenes/${randomUUID()}/original.jpg`,
        body,
        headers: { 'content-type': 'image/jpeg' },
        sha256: 'UNSIGNED-PAYLOAD',
      });
    }
  };
  await Promise.all(Array.from({ length: plan.connections }, lane));
  return bytes;
}

await upload(WARM_UP);
const cpu = process.cpuUsage();
const startedAt = performance.now();
const images = bodies.length * plan.passes;
const bytes = await upload(images);
const seconds = (performance.now() - startedAt) / 1000;
const { user, system } = process.cpuUsage(cpu);
const result: PutOnlyResult = {
  images,
  bytes,
  seconds,
  cpuSeconds: (user + system) / 1e6,
  peakMb: peakMb(process.pid),
};
process.send?.(result, () => process.exit(0));
