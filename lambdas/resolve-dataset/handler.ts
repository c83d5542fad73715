import { DescribeExecutionCommand, ExecutionDoesNotExist, SFNClient } from '@aws-sdk/client-sfn';
import { z } from 'zod';
import { requireEnv, requireIntEnv } from '../shared/env.ts';
import { createHubClient } from '../shared/hub/hub-client.ts';
import { readParquetRows } from '../shared/parquet/read-parquet-rows.ts';
import { createSceneStore } from '../shared/scenes/scene-store.ts';
import { stepHandler } from '../shared/step-handler.ts';
import { createImageBucket } from '../shared/storage/image-bucket.ts';
import { createRunBucket } from '../shared/storage/run-bucket.ts';
import { resolveDataset } from './resolve-dataset.ts';

const ResolveEvent = z.object({ job_id: z.string(), execution_arn: z.string(), input: z.unknown() });

export const handler = stepHandler(
  ({ settings, env, log }) => {
    const states = new SFNClient({});
    const images = createImageBucket({
      endpoint: settings.r2Endpoint,
      bucket: settings.r2Bucket,
      accessKeyId: settings.r2AccessKeyId,
      secretAccessKey: settings.r2SecretAccessKey,
      maxSockets: 1,
      log,
    });
    return {
      hub: createHubClient({
        endpoint: requireEnv(env, 'HF_ENDPOINT'),
        token: settings.hubToken,
        maxConcurrent: requireIntEnv(env, 'HUB_DOWNLOADS'),
        log,
      }),
      runs: createRunBucket({ bucket: requireEnv(env, 'RUN_BUCKET'), log }),
      scenes: createSceneStore({ url: settings.supabaseUrl, serviceKey: settings.supabaseServiceKey, log }),
      // removing an object that is not there needs the rights to write, and changes nothing
      checkImageBucket: (jobId: string) => images.delete(`checks/${jobId}`),
      isRunning: async (executionArn: string) => {
        try {
          const { status } = await states.send(new DescribeExecutionCommand({ executionArn }));
          return status === 'RUNNING' || status === 'PENDING_REDRIVE';
        } catch (error) {
          if (error instanceof ExecutionDoesNotExist) return false;
          throw error;
        }
      },
      readParquetRows,
      log,
    };
  },
  (event, deps) => {
    const { job_id: jobId, execution_arn: executionArn, input } = ResolveEvent.parse(event);
    return resolveDataset({ jobId, executionArn, input }, deps);
  },
);
