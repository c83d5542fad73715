import { GetObjectCommand, ListObjectsV2Command, NoSuchKey, S3Client } from '@aws-sdk/client-s3';
import { DescribeExecutionCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { createClient, type SupabaseClient } from '@supabase/supabase-js';
import { type Endpoints, readEndpoints } from '../local/stack/endpoints.ts';
import { CliError } from './cli-error.ts';
import { executionArn, type Job, readJob } from './job.ts';
import { commandLine } from './program-name.ts';
import type { RunObjects } from './run-progress.ts';

/** What the commands ask of a stack. */
export interface StackClients {
  readonly runs: RunObjects & {
    /** The first bytes of an object as text; `undefined` when there is no such object. */
    getHead(key: string, maxBytes: number): Promise<string | undefined>;
  };
  readonly supabase: SupabaseClient;
  startImport(jobId: string, input: unknown): Promise<void>;
  /** `undefined` when there is no such job. */
  describeJob(jobId: string): Promise<Job | undefined>;
  close(): void;
}

/** @throws {CliError} when no stack runs on the folder */
export function requireEndpoints(dataDir: string): Endpoints {
  const endpoints = readEndpoints(dataDir);
  if (endpoints) return endpoints;
  throw new CliError(`no stack runs on ${dataDir}`, { hint: `start one with \`${commandLine('up', dataDir)}\`` });
}

/** @param signal cuts requests that are under way */
export function connect(endpoints: Endpoints, signal?: AbortSignal): StackClients {
  const { bucket, runBucket, stepFunctions, supabase } = endpoints;
  const credentials = { accessKeyId: bucket.accessKeyId, secretAccessKey: bucket.secretAccessKey };
  const { region, endpoint, importDatasetArn } = stepFunctions;
  const sfn = new SFNClient({ region, endpoint, credentials });
  const s3 = new S3Client({ region: bucket.region, endpoint: runBucket.endpoint, credentials, forcePathStyle: true });
  const options = { abortSignal: signal };

  async function getText(key: string, range?: string): Promise<string | undefined> {
    try {
      const object = await s3.send(new GetObjectCommand({ Bucket: runBucket.name, Key: key, Range: range }), options);
      return await object.Body?.transformToString();
    } catch (error) {
      if (error instanceof NoSuchKey) return undefined;
      throw error;
    }
  }

  async function* list(prefix: string): AsyncGenerator<{ key: string; etag: string }> {
    let token: string | undefined;
    do {
      const command = new ListObjectsV2Command({ Bucket: runBucket.name, Prefix: prefix, ContinuationToken: token });
      const page = await s3.send(command, options);
      for (const { Key = '', ETag = '' } of page.Contents ?? []) yield { key: Key, etag: ETag };
      token = page.NextContinuationToken;
    } while (token !== undefined);
  }

  return {
    runs: { list, getText: (key) => getText(key), getHead: (key, maxBytes) => getText(key, `bytes=0-${maxBytes - 1}`) },
    supabase: createClient(supabase.url, supabase.key, { auth: { persistSession: false, autoRefreshToken: false } }),
    startImport: async (jobId, input) => {
      const command = { stateMachineArn: importDatasetArn, name: jobId, input: JSON.stringify(input) };
      await sfn.send(new StartExecutionCommand(command), options);
    },
    describeJob: async (jobId) => {
      try {
        const arn = executionArn(importDatasetArn, jobId);
        return readJob(await sfn.send(new DescribeExecutionCommand({ executionArn: arn }), options));
      } catch (error) {
        if (error instanceof Error && ['ExecutionDoesNotExist', 'InvalidArn'].includes(error.name)) return undefined;
        throw error;
      }
    },
    close: () => {
      sfn.destroy();
      s3.destroy();
    },
  };
}
