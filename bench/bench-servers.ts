import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { makeCertificate } from './servers/make-certificate.ts';
import { type ServerPlan, type ServerProcess, startServer, startVersitygw } from './servers/start-server.ts';

export interface BenchServersOptions {
  readonly workDir: string;
  /** Folder of the datasets. */
  readonly datasets: string;
  readonly tls: boolean;
  /** Path of versitygw's binary. @default our own stand-in */
  readonly versitygw?: string;
}

export const BUCKET = 'bench-images';
const KEYS = { accessKeyId: 'bench-images', secretAccessKey: 'bench-images-secret' };

export type BenchServers = Awaited<ReturnType<typeof startBenchServers>>;

/** The servers that the contenders talk to, each in a process of its own: the Hub and the bucket of the images. */
export async function startBenchServers(options: BenchServersOptions) {
  const folder = join(options.workDir, options.tls ? 'bucket-tls' : 'bucket');
  mkdirSync(folder, { recursive: true });
  const tls = options.tls ? makeCertificate(options.workDir) : undefined;
  const plan: Extract<ServerPlan, { kind: 'bucket' }> = {
    kind: 'bucket',
    folder,
    bucket: BUCKET,
    credentials: KEYS,
    tls,
  };
  const hub: ServerProcess = await startServer({ kind: 'hub', folder: options.datasets, tls });
  const bucket = options.versitygw ? await startVersitygw(options.versitygw, plan) : await startServer(plan);
  return {
    hub,
    bucket,
    bucketAccess: { endpoint: bucket.url, region: 'auto', name: BUCKET, ...KEYS },
    /** What clients need in their environment. */
    variables: tls ? { NODE_EXTRA_CA_CERTS: tls.cert } : ({} as Record<string, string>),
    /** Removes what has been uploaded, so that the next contender finds the bucket as this one did. */
    emptyBucket(): void {
      rmSync(join(folder, BUCKET, 'scenes'), { recursive: true, force: true });
    },
    async close(): Promise<void> {
      await Promise.all([hub.close(), bucket.close()]);
    },
  };
}
