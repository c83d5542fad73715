import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { S3Client } from '@aws-sdk/client-s3';
import {
  DescribeExecutionCommand,
  type DescribeExecutionCommandOutput,
  GetExecutionHistoryCommand,
  type HistoryEvent,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { afterEach, expect } from 'vitest';
import { serveS3 } from '../../../local/s3/serve-s3.ts';
import { LambdaFailure } from '../../../local/states/lambda-invoker.ts';
import { createStepFunctions } from '../../../local/step-functions/create-step-functions.ts';
import type { StatusChange } from '../../../local/step-functions/engine-room.ts';

export const CREDENTIALS = { accessKeyId: 'test', secretAccessKey: 'test-secret' };
const REGION = 'us-east-1';

/** A Lambda of a test. */
export type TestFunction = (input: unknown, signal: AbortSignal) => unknown;

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'step-functions-'));
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The ARN of a test's function, as a Task's Resource. */
export const lambda = (name: string) => `arn:aws:lambda:${REGION}:000000000000:function:${name}`;

/** Throws as a function of its own class of error does. */
export function fail(error: string, message = ''): never {
  throw new LambdaFailure(error, JSON.stringify({ errorType: error, errorMessage: message, trace: [] }));
}

/** A bucket server of a test's own. */
export async function bucketServer(bucket: string) {
  const server = await serveS3({ dataDir: temporaryFolder(), buckets: [bucket], credentials: CREDENTIALS });
  const client = new S3Client({ endpoint: server.url, region: REGION, credentials: CREDENTIALS, forcePathStyle: true });
  cleanups.push(() => client.destroy(), server.close);
  return { url: server.url, client };
}

/** The endpoint with functions in this process, and a clock that notes each wait down instead of waiting. */
export async function stepFunctions(
  functions: Record<string, TestFunction> = {},
  { dataDir = temporaryFolder(), s3Url = 'http://127.0.0.1:9' } = {},
) {
  const waits: number[] = [];
  const changes: StatusChange[] = [];
  const server = await createStepFunctions({
    lambdas: {
      async invoke(arn, payload, signal) {
        const named = functions[arn.split(':')[6] ?? ''];
        if (!named) throw new LambdaFailure('Lambda.ResourceNotFoundException', `Function not found: ${arn}`);
        return named(payload, signal);
      },
    },
    s3: { endpoint: s3Url, ...CREDENTIALS },
    dataDir,
    clock: {
      now: () => Date.now(),
      async sleep(ms, signal) {
        signal.throwIfAborted();
        waits.push(ms);
      },
    },
    onStatusChange: (change) => changes.push(change),
  });
  cleanups.push(server.close);
  const client = new SFNClient({ endpoint: server.url, region: REGION, credentials: CREDENTIALS, maxAttempts: 1 });
  cleanups.push(() => client.destroy());

  const start = async (stateMachineArn: string, input: unknown = {}, name?: string) =>
    (await client.send(new StartExecutionCommand({ stateMachineArn, input: JSON.stringify(input), name })))
      .executionArn as string;
  const ended = async (executionArn: string): Promise<DescribeExecutionCommandOutput> => {
    const describe = () => client.send(new DescribeExecutionCommand({ executionArn }));
    await expect.poll(async () => (await describe()).status, { timeout: 20_000, interval: 10 }).not.toBe('RUNNING');
    return describe();
  };
  return {
    server,
    client,
    waits,
    changes,
    start,
    ended,
    register: (name: string, definition: object) => server.registerStateMachine({ name, definition }),
    async history(executionArn: string): Promise<HistoryEvent[]> {
      const { events = [] } = await client.send(new GetExecutionHistoryCommand({ executionArn, maxResults: 1000 }));
      return events;
    },
    /** Runs a definition; what came of it, with output and cause as JSON where they are. */
    async run(definition: object, input: unknown = {}, name = 'machine') {
      const arn = await start(server.registerStateMachine({ name, definition }), input);
      const { status, output, error, cause } = await ended(arn);
      return { arn, status, output: json(output), error, cause: json(cause) };
    },
  };
}

export function json(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return text;
  }
}
