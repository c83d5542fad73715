import { z } from 'zod';
import { requireEnv, requireIntEnv } from '../shared/env.ts';
import { createHubClient } from '../shared/hub/hub-client.ts';
import { loadSource } from '../shared/jobs/import-source.ts';
import { stepHandler } from '../shared/step-handler.ts';
import { createRunBucket } from '../shared/storage/run-bucket.ts';
import { planFile } from './plan-file.ts';
import { planImport } from './plan-import.ts';

const PlanEvent = z.object({ job_id: z.string(), footers: z.int().optional(), stalls: z.int().optional() });

export const handler = stepHandler(
  ({ settings, env, log }) => {
    const downloads = requireIntEnv(env, 'HUB_DOWNLOADS');
    const runs = createRunBucket({ bucket: requireEnv(env, 'RUN_BUCKET'), log });
    const hub = createHubClient({
      endpoint: requireEnv(env, 'HF_ENDPOINT'),
      token: settings.hubToken,
      maxConcurrent: downloads,
      log,
    });
    return {
      deadlineMarginMs: requireIntEnv(env, 'DEADLINE_MARGIN_SECONDS', 0) * 1000,
      runs,
      loadSource: (jobId: string) => loadSource(runs, jobId),
      planFile: planFile({ runs, openFile: hub.openFile }),
      now: Date.now,
      log,
      downloads,
    };
  },
  (event, deps, deadline) => planImport(PlanEvent.parse(event), deadline - deps.deadlineMarginMs, deps),
);
