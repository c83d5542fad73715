import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { onTestFinished } from 'vitest';
import { serveS3 } from '../../../local/s3/serve-s3.ts';
import type { FaultRule } from '../../../local/stand-in/fault-rules.ts';
import type { StandIn } from '../../../local/stand-in/http-stand-in.ts';
import type { RequestReport } from '../../../local/stand-in/request-log.ts';

export const credentials = { accessKeyId: 'local-key', secretAccessKey: 'local-secret' };
export const BUCKET = 'images';

/** A folder that is gone after the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'modomo-s3-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export async function startS3(dataDir?: string): Promise<StandIn & { dataDir: string }> {
  const folder = dataDir ?? (await temporaryFolder());
  const standIn = await serveS3({ dataDir: folder, buckets: [BUCKET, 'runs'], credentials });
  onTestFinished(() => standIn.close());
  return { ...standIn, dataDir: folder };
}

export function connect(standIn: StandIn, config: S3ClientConfig = {}): S3Client {
  const client = new S3Client({
    endpoint: standIn.url,
    region: 'auto',
    forcePathStyle: true,
    credentials,
    maxAttempts: 1,
    ...config,
  });
  onTestFinished(() => client.destroy());
  return client;
}

export async function addFaults(standIn: StandIn, ...rules: FaultRule[]): Promise<void> {
  const response = await fetch(`${standIn.url}/_faults`, { method: 'POST', body: JSON.stringify(rules) });
  if (!response.ok) throw new Error(await response.text());
}

export async function reportOf(standIn: StandIn): Promise<RequestReport> {
  const response = await fetch(`${standIn.url}/_requests`);
  return (await response.json()) as RequestReport;
}

export async function requestsOf(standIn: StandIn): Promise<RequestReport['requests']> {
  return (await reportOf(standIn)).requests;
}
