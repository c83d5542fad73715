import { createHash, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetObjectCommand, paginateListObjectsV2, S3Client } from '@aws-sdk/client-s3';
import { DescribeExecutionCommand, SFNClient, StartExecutionCommand, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { createClient } from '@supabase/supabase-js';
import { expect, inject } from 'vitest';
import type { ImportSummary } from '../../lambdas/shared/jobs/import-summary.ts';
import type { RowFailure } from '../../lambdas/shared/jobs/row-failure.ts';
import type { SceneProvenance } from '../../lambdas/shared/scenes/scene-record.ts';
import { type StackOptions, startStack } from '../../local/stack/start-stack.ts';
import type { FaultRule } from '../../local/stand-in/fault-rules.ts';
import type { RequestReport } from '../../local/stand-in/request-log.ts';

export const SAMPLE_URL = 'https://huggingface.co/datasets/modomo/sample-rooms';
export const FIXTURES = join(import.meta.dirname, '../fixtures/hub');

/** A row of the table `scenes`, as far as tests look at it. */
export interface Scene {
  readonly id: string;
  readonly hf_index: number;
  readonly source: string;
  readonly r2_key_original: string;
  readonly width: number;
  readonly height: number;
  readonly status: string;
  readonly attrs: Record<string, unknown> & { _modomo: SceneProvenance };
}

/** An embedded stack of its own, driven by the clients that its users have. */
export async function startTestStack(options: Partial<StackOptions> = {}) {
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'modomo-stack-'));
  const stack = await startStack({
    datasetsDirs: [FIXTURES],
    upstreamHub: null,
    synthesized: inject('synthesized'),
    timeScale: 0.01, // waits and pauses of the state machine pass a hundred times faster
    ...options,
    dataDir,
  });
  const { endpoints } = stack;
  const credentials = endpoints.bucket;
  const states = new SFNClient({ ...endpoints.stepFunctions, credentials });
  const s3 = new S3Client({ endpoint: endpoints.bucket.endpoint, region: 'auto', forcePathStyle: true, credentials });
  const database = createClient(endpoints.supabase.url, endpoints.supabase.key);

  async function getText(bucket: string, key: string): Promise<string> {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    return (await Body?.transformToString()) ?? '';
  }

  const started = new Set<string>();
  const api = {
    dataDir,
    endpoints,
    states,
    database,

    async createDataset(): Promise<string> {
      const id = randomUUID();
      const { error } = await database.from('datasets').insert({ id, name: `test ${id}` });
      expect(error).toBeNull();
      return id;
    },

    /** Starts an import; `process` is off. */
    async start(input: Record<string, unknown>, name: string = randomUUID()): Promise<string> {
      const { executionArn = '' } = await states.send(
        new StartExecutionCommand({
          stateMachineArn: endpoints.stepFunctions.importDatasetArn,
          name,
          input: JSON.stringify({ process: false, ...input }),
        }),
      );
      started.add(executionArn);
      return executionArn;
    },

    /** Waits for the end of an execution; the output, which a failed one has as its cause. */
    async end(executionArn: string): Promise<ImportSummary> {
      for (;;) {
        const execution = await states.send(new DescribeExecutionCommand({ executionArn }));
        if (execution.status !== 'RUNNING') {
          started.delete(executionArn);
          const output = JSON.parse(execution.output ?? execution.cause ?? 'null') as ImportSummary;
          expect(execution.status).toBe(output.status.toUpperCase());
          return balanced(output);
        }
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },

    async import(input: Record<string, unknown>): Promise<ImportSummary> {
      return api.end(await api.start(input));
    },

    async stop(executionArn: string): Promise<void> {
      await states.send(new StopExecutionCommand({ executionArn, error: 'Stopped', cause: 'by the test' }));
    },

    async scenes(datasetId: string): Promise<Scene[]> {
      const rows: Scene[] = [];
      for (;;) {
        const { data, error } = await database
          .from('scenes')
          .select('*')
          .eq('dataset_id', datasetId)
          .order('hf_index')
          .range(rows.length, rows.length + 999);
        expect(error).toBeNull();
        rows.push(...((data ?? []) as Scene[]));
        if ((data ?? []).length < 1000) return rows;
      }
    },

    /** Keys of all objects in the bucket of the images. */
    async imageKeys(): Promise<string[]> {
      const keys: string[] = [];
      for await (const page of paginateListObjectsV2({ client: s3 }, { Bucket: endpoints.bucket.name })) {
        keys.push(...(page.Contents ?? []).map(({ Key }) => Key ?? ''));
      }
      return keys;
    },

    async imageSha256(key: string): Promise<string> {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: endpoints.bucket.name, Key: key }));
      return createHash('sha256')
        .update((await Body?.transformToByteArray()) ?? '')
        .digest('hex');
    },

    async failures({ failures_key: key }: ImportSummary): Promise<RowFailure[]> {
      const text = await getText(endpoints.runBucket.name, key);
      return text
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as RowFailure);
    },

    async addFaults(url: string, rules: FaultRule[]): Promise<void> {
      const response = await fetch(`${url}/_faults`, { method: 'POST', body: JSON.stringify(rules) });
      expect(response.status).toBe(204);
    },
    /** Faults that no request has met yet. */
    async faultsLeft(url: string): Promise<FaultRule[]> {
      return (await (await fetch(`${url}/_faults`)).json()) as FaultRule[];
    },
    async clearFaults(url: string): Promise<void> {
      await fetch(`${url}/_faults`, { method: 'DELETE' });
    },
    async requests(url: string): Promise<RequestReport> {
      return (await (await fetch(`${url}/_requests`)).json()) as RequestReport;
    },
    async forgetRequests(url: string): Promise<void> {
      await fetch(`${url}/_requests`, { method: 'DELETE' });
    },

    /** Ends the stack; its folder stays when `keepData`. */
    async close({ keepData = false } = {}): Promise<void> {
      states.destroy();
      s3.destroy();
      await stack.close();
      if (!keepData) rmSync(dataDir, { recursive: true });
    },
  };
  return api;
}

export type TestStack = Awaited<ReturnType<typeof startTestStack>>;

/** Every row ends processed, skipped or failed, and the reasons add up. */
function balanced(output: ImportSummary): ImportSummary {
  const { processed_scenes, skipped_scenes, failed_scenes, total_rows } = output;
  expect(processed_scenes + skipped_scenes + failed_scenes).toBe(total_rows);
  const sum = (counts: Readonly<Record<string, number>>) => Object.values(counts).reduce((a, b) => a + b, 0);
  expect(sum(output.skipped)).toBe(skipped_scenes);
  expect(sum(output.failures)).toBe(failed_scenes);
  return output;
}
