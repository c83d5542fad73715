import { parseRangeEvent } from '../shared/jobs/row-range.ts';
import { stepHandler } from '../shared/step-handler.ts';
import { readConfig } from './config.ts';
import { createDeps } from './deps.ts';
import { importRange } from './import-range.ts';

export const handler = stepHandler(
  ({ settings, env, log }) => {
    const config = readConfig(env);
    return { config, ...createDeps(config, settings, log) };
  },
  (event, deps, deadline) => importRange(parseRangeEvent(event), deadline - deps.config.deadlineMarginMs, deps),
);
