import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import type { PlanProgress } from '../lambdas/plan-import/plan-import.ts';
import type { ImportPlan } from '../lambdas/shared/jobs/import-plan.ts';
import type { RowRange } from '../lambdas/shared/jobs/row-range.ts';
import { createRunBucket } from '../lambdas/shared/storage/run-bucket.ts';
import { manifestKey, planKey } from '../lambdas/shared/storage/run-keys.ts';
import { type Database, startDatabase } from '../local/database/start-database.ts';
import { LambdaHost } from '../local/lambda/lambda-host.ts';
import { serveS3 } from '../local/s3/serve-s3.ts';
import { serveSecrets } from '../local/secrets/serve-secrets.ts';
import { ACCOUNT, REGION, SECRET_NAME, type Synthesized } from '../local/stack/synthesize.ts';
import { createStepFunctions } from '../local/step-functions/create-step-functions.ts';
import type { BucketKeys } from './servers/start-server.ts';

const ROOT = join(import.meta.dirname, '..');

export interface BenchStackOptions {
  readonly workDir: string;
  readonly synthesized: Synthesized;
  readonly hubUrl: string;
  readonly bucket: BucketKeys & { readonly endpoint: string; readonly name: string; readonly region?: string };
  /** Row ranges that are imported at once. */
  readonly workers: number;
  /** Further variables of the Lambdas. */
  readonly variables?: Readonly<Record<string, string>>;
}

/** A job whose ranges are known and not imported yet. */
export interface PlannedJob {
  readonly jobId: string;
  readonly datasetId: string;
  readonly ranges: readonly RowRange[];
  readonly plan: ImportPlan;
}

export type BenchStack = Awaited<ReturnType<typeof startBenchStack>>;

/**
 * The embedded stack without the servers that are measured against: Hub and bucket run elsewhere. Run bucket, secrets,
 * Step Functions and database are in this process, the Lambdas in processes of their own.
 */
export async function startBenchStack(options: BenchStackOptions) {
  const { workDir, synthesized: app, bucket } = options;
  const database = await startDatabase({ migrationsDir: join(ROOT, 'supabase/migrations') });
  const keys = { accessKeyId: 'bench', secretAccessKey: 'bench-secret' };
  const runs = await serveS3({ dataDir: join(workDir, 'runs'), buckets: [app.bucketName], credentials: keys });
  const secrets = await serveSecrets({
    secrets: new Map([[SECRET_NAME, JSON.stringify(secretOf(bucket, database))]]),
    region: REGION,
  });
  const variables = {
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: keys.accessKeyId,
    AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
    AWS_ENDPOINT_URL_S3: runs.url,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: secrets.url,
    HF_ENDPOINT: options.hubUrl,
    ...options.variables,
  };
  const lambdas = new LambdaHost({ functions: app.functions, variables, logDir: join(workDir, 'logs') });
  const ends = new Map<string, (status: string) => void>();
  const stepFunctions = await createStepFunctions({
    dataDir: join(workDir, 'executions'),
    region: REGION,
    account: ACCOUNT,
    lambdas,
    s3: { endpoint: runs.url, ...keys },
    onStatusChange: ({ executionArn, status }) => ends.get(executionArn)?.(status),
  });
  const [machine] = app.stateMachines;
  if (!machine) throw new Error('the app has no state machine');
  const stateMachineArn = stepFunctions.registerStateMachine({
    ...machine,
    definition: withConcurrency(machine.definition, options.workers),
  });
  const sfn = new SFNClient({ endpoint: stepFunctions.url, region: REGION, credentials: keys });
  const s3 = new S3Client({ endpoint: runs.url, region: REGION, forcePathStyle: true, credentials: keys });
  const log = { debug() {}, info() {}, warn: console.warn, error: console.error };
  const runBucket = createRunBucket({ bucket: app.bucketName, client: s3, log });

  const invoke = (step: string, payload: unknown): Promise<unknown> => {
    const fn = app.functions.find(({ name }) => name === step);
    if (!fn) throw new Error(`there is no step ${step}`);
    return lambdas.invoke(fn.arn, payload);
  };

  async function input(url: string): Promise<{ dataset_id: string; hf_dataset_url: string; process: boolean }> {
    const id = randomUUID();
    await database.sql('insert into datasets (id, name) values ($1, $2)', [id, `bench ${id}`]);
    return { dataset_id: id, hf_dataset_url: url, process: false };
  }

  return {
    /** Of the Lambdas, besides their own. */
    variables,

    /** Resolves and plans an import, by the steps themselves. */
    async plan(url: string): Promise<PlannedJob> {
      const job = { job_id: randomUUID(), input: await input(url) };
      const executionArn = `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${job.job_id}`;
      const resolved = await invoke('resolve-dataset', { ...job, execution_arn: executionArn });
      const progress = (await invoke('plan-import', resolved)) as PlanProgress;
      if (!progress.planned) throw new Error('the plan is not complete');
      const lines = (await runBucket.getText(manifestKey(job.job_id))) ?? '';
      return {
        jobId: job.job_id,
        datasetId: job.input.dataset_id,
        ranges: lines.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as RowRange])),
        plan: JSON.parse((await runBucket.getText(planKey(job.job_id))) ?? '') as ImportPlan,
      };
    },

    /** Imports a range to its end, by ImportRange alone. */
    async importRange({ jobId, datasetId }: PlannedJob, range: RowRange): Promise<void> {
      let progress: { done: boolean } | undefined;
      while (!progress?.done) {
        const payload = { job_id: jobId, dataset_id: datasetId, range, progress };
        progress = (await invoke('import-range', payload)) as { done: boolean };
      }
    },

    /** Imports a dataset through the state machine. @throws Error unless it succeeds */
    async importDataset(url: string): Promise<void> {
      const name = randomUUID();
      const executionArn = `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`;
      const ended = new Promise<string>((resolve) => {
        ends.set(executionArn, (status) => status !== 'RUNNING' && resolve(status));
      });
      await sfn.send(new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(await input(url)) }));
      const status = await ended;
      ends.delete(executionArn);
      if (status !== 'SUCCEEDED') throw new Error(`the import ended as ${status}; see ${join(workDir, 'logs')}`);
    },

    /** Processes of ImportRange that are warm. */
    workers: () => lambdas.processes().filter(({ name }) => name === 'import-range'),

    /** Counts the scenes, and removes them. */
    async takeScenes(): Promise<number> {
      const [counted] = await database.sql('select count(*)::int as scenes from scenes');
      await database.sql('truncate scenes cascade');
      return Number(counted?.scenes);
    },

    async close(): Promise<void> {
      sfn.destroy();
      s3.destroy();
      await stepFunctions.close();
      await lambdas.close();
      await Promise.all([secrets.close(), runs.close(), database.close()]);
    },
  };
}

function secretOf(bucket: BenchStackOptions['bucket'], database: Database): Record<string, string> {
  return {
    SUPABASE_URL: database.url,
    SUPABASE_SERVICE_KEY: database.serviceKey,
    R2_ENDPOINT: bucket.endpoint,
    R2_REGION: bucket.region ?? '',
    R2_BUCKET: bucket.name,
    R2_ACCESS_KEY_ID: bucket.accessKeyId,
    R2_SECRET_ACCESS_KEY: bucket.secretAccessKey,
  };
}

function withConcurrency(definition: string, workers: number): string {
  const parsed = JSON.parse(definition) as { States: Record<string, { MaxConcurrency?: number }> };
  for (const state of Object.values(parsed.States)) {
    if (state.MaxConcurrency !== undefined) state.MaxConcurrency = workers;
  }
  return JSON.stringify(parsed);
}
