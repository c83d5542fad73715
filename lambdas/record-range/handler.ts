import { requireEnv } from '../shared/env.ts';
import { loadSource } from '../shared/jobs/import-source.ts';
import { rangeRecords } from '../shared/jobs/range-records.ts';
import { parseRangeEvent } from '../shared/jobs/row-range.ts';
import { createSceneStore } from '../shared/scenes/scene-store.ts';
import { stepHandler } from '../shared/step-handler.ts';
import { createRunBucket } from '../shared/storage/run-bucket.ts';
import { recordRange } from './record-range.ts';

export const handler = stepHandler(
  ({ settings, env, log }) => {
    const runs = createRunBucket({ bucket: requireEnv(env, 'RUN_BUCKET'), log });
    return {
      ...rangeRecords(runs),
      loadSource: (jobId: string) => loadSource(runs, jobId),
      scenes: createSceneStore({ url: settings.supabaseUrl, serviceKey: settings.supabaseServiceKey, log }),
      log,
    };
  },
  (event, deps) => recordRange(parseRangeEvent(event), deps),
);
