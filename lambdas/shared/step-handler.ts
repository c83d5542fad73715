import { Logger } from '@aws-lambda-powertools/logger';
import type { Context } from 'aws-lambda';
import { z } from 'zod';
import { requireEnv } from './env.ts';
import { messageOf } from './errors.ts';
import type { Log } from './log.ts';
import { createSettingsReader, type Settings } from './settings.ts';

export interface StepContext {
  readonly settings: Settings;
  readonly env: NodeJS.ProcessEnv;
  readonly log: Log;
}

type Handler<Result> = (event: unknown, context: Context) => Promise<Result>;
/** The step itself; `deadline` is the invocation's end in epoch milliseconds. */
type Run<Deps, Result> = (event: unknown, deps: Deps, deadline: number) => Promise<Result>;

const JobEvent = z.object({ job_id: z.string() });

/**
 * A Lambda handler around a step: reads the environment's secret, keeps the clients warm between invocations (made anew
 * when the secret has changed), and puts the job's id on every line of the log.
 * @param create makes the real clients; a bad variable fails by name on the first invocation
 */
export function stepHandler<Deps, Result>(
  create: (context: StepContext) => Deps,
  run: Run<Deps, Result>,
): Handler<Result> {
  let readSettings: (() => Promise<Settings>) | undefined;
  let warm: { settings: Settings; deps: Deps } | undefined;
  return loggedHandler(async (log) => {
    readSettings ??= createSettingsReader({ secretArn: requireEnv(process.env, 'SECRET_ARN') });
    const settings = await readSettings();
    if (warm?.settings !== settings) warm = { settings, deps: create({ settings, env: process.env, log }) };
    return warm.deps;
  }, run);
}

/** As `stepHandler`, for a step that needs no secret: it works, and tells what is wrong, also when the secret is wrong. */
export function keylessStepHandler<Deps, Result>(
  create: (context: Omit<StepContext, 'settings'>) => Deps,
  run: Run<Deps, Result>,
): Handler<Result> {
  let deps: Deps | undefined;
  return loggedHandler(async (log) => {
    deps ??= create({ env: process.env, log });
    return deps;
  }, run);
}

function loggedHandler<Deps, Result>(load: (log: Log) => Promise<Deps>, run: Run<Deps, Result>): Handler<Result> {
  const logger = new Logger();
  const log: Log = {
    debug: (message, fields = {}) => logger.debug(message, fields),
    info: (message, fields = {}) => logger.info(message, fields),
    warn: (message, fields = {}) => logger.warn(message, fields),
    error: (message, fields = {}) => logger.error(message, fields),
  };
  return async (event, context) => {
    const job = JobEvent.safeParse(event);
    logger.resetKeys();
    logger.appendKeys({ job_id: job.data?.job_id ?? null, request_id: context.awsRequestId });
    try {
      return await run(event, await load(log), Date.now() + context.getRemainingTimeInMillis());
    } catch (error) {
      const name = error instanceof Error ? error.name : 'Error';
      logger.error('step failed', { error: { name, message: messageOf(error) } });
      throw error;
    }
  };
}
