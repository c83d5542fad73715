import { z } from 'zod';
import { requireEnv } from '../shared/env.ts';
import { messageOf } from '../shared/errors.ts';
import { readCaughtError } from '../shared/jobs/caught-error.ts';
import { releaseLock } from '../shared/jobs/dataset-lock.ts';
import type { ImportPlan } from '../shared/jobs/import-plan.ts';
import type { ImportSource } from '../shared/jobs/import-source.ts';
import { keylessStepHandler } from '../shared/step-handler.ts';
import { createRunBucket } from '../shared/storage/run-bucket.ts';
import { planKey, sourceKey } from '../shared/storage/run-keys.ts';
import { summarizeImport } from './summarize-import.ts';

const SummarizeEvent = z.object({
  job_id: z.string(),
  execution_arn: z.string(),
  started_at: z.iso.datetime(),
  input: z.unknown(),
  /** What the last state left: `{Error, Cause}` when a state failed. */
  state: z.unknown(),
});
const Caught = z.object({ Error: z.string(), Cause: z.string().default('') });
const Named = z.object({ dataset_id: z.uuid() });

export const handler = keylessStepHandler(
  ({ env, log }) => {
    const runs = createRunBucket({ bucket: requireEnv(env, 'RUN_BUCKET'), log });
    const load = async <T>(key: string): Promise<T | undefined> => {
      const text = await runs.getText(key);
      return text === undefined ? undefined : (JSON.parse(text) as T);
    };
    return {
      runs,
      loadSource: (jobId: string) => load<ImportSource>(sourceKey(jobId)),
      loadPlan: (jobId: string) => load<ImportPlan>(planKey(jobId)),
      now: Date.now,
      log,
    };
  },
  async (event, deps) => {
    const { job_id: jobId, execution_arn: holder, started_at: startedAt, input, state } = SummarizeEvent.parse(event);
    const caught = Caught.safeParse(state);
    const datasetId = Named.safeParse(input).data?.dataset_id;
    const broken = caught.success ? readCaughtError(caught.data) : undefined;
    const summary = await summarizeImport({ jobId, datasetId, broken, startedAt: Date.parse(startedAt) }, deps);
    if (datasetId) {
      await releaseLock(deps.runs, { datasetId, holder }).catch((error: unknown) => {
        deps.log.warn('the lock stays, for the next job to take over', { error: messageOf(error) });
      });
    }
    return summary;
  },
);
