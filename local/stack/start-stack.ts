import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startDatabase } from '../database/start-database.ts';
import { serveHub } from '../hub/serve-hub.ts';
import { LambdaHost } from '../lambda/lambda-host.ts';
import { serveS3 } from '../s3/serve-s3.ts';
import { serveSecrets } from '../secrets/serve-secrets.ts';
import { createStepFunctions } from '../step-functions/create-step-functions.ts';
import { openDataFolder } from './data-folder.ts';
import { type Endpoints, endpointsPath } from './endpoints.ts';
import { ACCOUNT, REGION, SECRET_NAME, type Synthesized } from './synthesize.ts';
import { synthesizeAside } from './synthesize-aside.ts';

const ROOT = join(import.meta.dirname, '../..');
/** The sample dataset, which is always served. */
const SAMPLE = { 'modomo/sample-rooms': join(ROOT, 'local/sample-rooms/repo') };
const IMAGE_BUCKET = 'modomo-images';

export interface StackOptions {
  /** Created when it does not exist. */
  readonly dataDir: string;
  /** Folders of dataset repositories, `<namespace>/<name>/…`, that the Hub stand-in serves besides the sample. */
  readonly datasetsDirs?: readonly string[];
  /** Database, bucket, Step Functions and Hub listen on this port and the three after it. @default any free ports */
  readonly port?: number;
  /** Hub for all other repositories; `null` for none. @default the real one */
  readonly upstreamHub?: string | null;
  /** Hub token of the jobs. @default none */
  readonly hubToken?: string;
  /** Further variables of the Lambdas, for tests. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Seconds of a Wait or a retry's pause take so many real seconds. @default 1 */
  readonly timeScale?: number;
  /** What `synthesize` made, to be used again. */
  readonly synthesized?: Synthesized;
}

export interface RunningStack {
  readonly endpoints: Endpoints;
  close(): Promise<void>;
}

/**
 * Starts the embedded stack and writes `endpoints.json`.
 * @throws Error in one sentence for a taken port, or a data folder that is in use or damaged
 */
export async function startStack(options: StackOptions): Promise<RunningStack> {
  const folder = openDataFolder(options.dataDir);
  const closers: (() => void | Promise<void>)[] = [() => folder.release()];
  const close = async (): Promise<void> => {
    for (const end of closers.splice(0).reverse()) await end();
  };
  try {
    return { endpoints: await start(folder.path, options, closers), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function start(
  dataDir: string,
  options: StackOptions,
  closers: (() => void | Promise<void>)[],
): Promise<Endpoints> {
  const port = (offset: number): number => (options.port === undefined ? 0 : options.port + offset);
  const keep = <T extends { close(): Promise<void> }>(part: T): T => {
    closers.push(() => part.close());
    return part;
  };

  const starting = startDatabase({
    dataDir: join(dataDir, 'database'),
    port: port(0),
    migrationsDir: join(ROOT, 'supabase/migrations'),
  });
  starting.catch(() => {}); // is thrown where it is awaited
  closers.push(() => starting.then((database) => database.close()).catch(() => {}));
  const app = options.synthesized ?? (await synthesizeAfresh(join(dataDir, 'cdk.out')));
  const database = await starting;

  const keys = bucketKeys(dataDir);
  const bucket = keep(
    await serveS3({
      dataDir: join(dataDir, 'buckets'),
      port: port(1),
      buckets: [IMAGE_BUCKET, app.bucketName],
      credentials: keys,
      region: REGION,
    }),
  );
  const hub = keep(
    await serveHub({
      datasetsDirs: options.datasetsDirs ?? [],
      repositories: SAMPLE,
      port: port(3),
      upstream: options.upstreamHub,
    }),
  );
  const secrets = keep(
    await serveSecrets({
      secrets: new Map([
        [
          SECRET_NAME,
          JSON.stringify({
            SUPABASE_URL: database.url,
            SUPABASE_SERVICE_KEY: database.serviceKey,
            R2_ENDPOINT: bucket.url,
            R2_BUCKET: IMAGE_BUCKET,
            R2_ACCESS_KEY_ID: keys.accessKeyId,
            R2_SECRET_ACCESS_KEY: keys.secretAccessKey,
            HF_TOKEN: options.hubToken ?? '',
          }),
        ],
      ]),
      region: REGION,
    }),
  );

  const variables: Record<string, string> = {
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: keys.accessKeyId,
    AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
    AWS_ENDPOINT_URL_S3: bucket.url,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: secrets.url,
    HF_ENDPOINT: hub.url,
    ...options.variables,
  };
  const lambdas = keep(new LambdaHost({ functions: app.functions, variables, logDir: join(dataDir, 'logs') }));
  const stepFunctions = keep(
    await createStepFunctions({
      dataDir: join(dataDir, 'executions'),
      port: port(2),
      region: REGION,
      account: ACCOUNT,
      lambdas,
      s3: { endpoint: bucket.url, ...keys },
      timeScale: options.timeScale ?? 1,
    }),
  );
  variables.AWS_ENDPOINT_URL_SFN = stepFunctions.url; // read when a worker starts, which is later
  const arns = app.stateMachines.map((machine) => stepFunctions.registerStateMachine(machine));

  const endpoints: Endpoints = {
    pid: process.pid,
    supabase: { url: database.url, key: database.serviceKey },
    bucket: { endpoint: bucket.url, name: IMAGE_BUCKET, ...keys, region: REGION },
    stepFunctions: { endpoint: stepFunctions.url, region: REGION, importDatasetArn: arns[0] ?? '' },
    runBucket: { endpoint: bucket.url, name: app.bucketName },
    hub: { url: hub.url },
  };
  writeFileSync(endpointsPath(dataDir), `${JSON.stringify(endpoints, null, 2)}\n`, { mode: 0o600 });
  closers.push(() => rmSync(endpointsPath(dataDir), { force: true }));
  return endpoints;
}

/** Keys of the bucket, made once for a data folder. */
function bucketKeys(dataDir: string): { accessKeyId: string; secretAccessKey: string } {
  const path = join(dataDir, 'bucket-keys.json');
  if (!existsSync(path)) {
    const keys = {
      accessKeyId: `modomo${randomBytes(7).toString('hex')}`,
      secretAccessKey: randomBytes(20).toString('hex'),
    };
    writeFileSync(path, JSON.stringify(keys), { mode: 0o600 });
  }
  return JSON.parse(readFileSync(path, 'utf8'));
}

/** Into an empty folder, so that the bundles of earlier versions do not pile up. */
function synthesizeAfresh(outdir: string): Promise<Synthesized> {
  rmSync(outdir, { recursive: true, force: true });
  return synthesizeAside(outdir);
}
