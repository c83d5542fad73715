import { createClient } from '@supabase/supabase-js';
import { z } from 'zod';
import { BadInputError, ConfigError, TransientError } from '../errors.ts';
import type { Log } from '../log.ts';
import { databaseFetch } from './database-fetch.ts';
import type { SceneOutcome, SceneRecord, SceneState, SceneStore } from './scene-record.ts';

/** Longer than Supabase's statement time-out for API roles (8 s), so that the database is the one that gives up. */
const TIMEOUT_MS = 30_000;
const RETRY_DELAY_MS = 500;
/** Ids that one call asks for: 20 KB of JSON. */
const IDS_PER_CALL = 500;

export interface SceneStoreOptions {
  /** Of the project: `https://REF.supabase.co` */
  readonly url: string;
  /** `sb_secret_…`, or the older service_role JWT */
  readonly serviceKey: string;
  readonly log: Log;
  /** For one try. @default 30,000 */
  readonly timeoutMs?: number;
  /** First pause before another try; it doubles. @default 500 */
  readonly retryDelayMs?: number;
  /** @default the global one */
  readonly fetch?: typeof fetch;
}

const FoundScenes = z.array(
  z.object({
    id: z.string(),
    job_id: z.string().nullable(),
    revision: z.string().nullable(),
    image_column: z.string().nullable(),
    sha256: z.string().nullable(),
    r2_key_original: z.string(),
    reviewed: z.boolean(),
  }),
);

const Outcomes = z.array(
  z.union([
    z.object({ id: z.string(), outcome: z.enum(['inserted', 'updated', 'reviewed']) }),
    z.object({ id: z.string().nullable(), outcome: z.literal('rejected'), message: z.string() }),
  ]),
);

/**
 * The database as the import sees it, over supabase-js. Each method throws {ThrottledError} and {TransientError} after
 * three tries, and {ConfigError} for a refused key or missing migrations.
 * @throws {ConfigError} when the URL or the key cannot be one.
 */
export function createSceneStore(options: SceneStoreOptions): SceneStore {
  const { url, serviceKey, log, timeoutMs = TIMEOUT_MS, retryDelayMs = RETRY_DELAY_MS } = options;
  if (!/^https?:$/.test(URL.parse(url)?.protocol ?? '')) {
    throw new ConfigError(`the Supabase URL must look like https://REF.supabase.co, not "${url}"`);
  }
  // A key that is no header value would be quoted in the error of every request.
  if (!/^[\x21-\x7e]+$/.test(serviceKey)) throw new ConfigError('the Supabase service key is empty or holds blanks');
  const client = createClient(url, serviceKey, {
    auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
    db: { retry: false },
    global: { fetch: databaseFetch({ log, timeoutMs, retryDelayMs, fetch: options.fetch }) },
  });

  async function call<T>(name: string, args: Record<string, unknown>, answer: z.ZodType<T>): Promise<T> {
    const { data } = await client.rpc(name, args).throwOnError();
    const parsed = answer.safeParse(data);
    if (parsed.success) return parsed.data;
    throw new TransientError(`the database's answer to ${name} is not what it should be`, { cause: parsed.error });
  }

  async function importScenes(scenes: readonly SceneRecord[]): Promise<SceneOutcome[]> {
    if (scenes.length === 0) return [];
    try {
      const outcomes = await call('import_scenes', { rows: scenes }, Outcomes.length(scenes.length));
      return outcomes.map((outcome, position) => ({ ...outcome, id: scenes[position]?.id ?? '' }));
    } catch (error) {
      if (!(error instanceof BadInputError)) throw error;
      // The call was refused before a scene was looked at: for its size, or for text that cannot become jsonb.
      const [first] = scenes;
      if (first && scenes.length === 1) return [{ id: first.id, outcome: 'rejected', message: error.message }];
      const half = Math.ceil(scenes.length / 2);
      return [...(await importScenes(scenes.slice(0, half))), ...(await importScenes(scenes.slice(half)))];
    }
  }

  return {
    async datasetExists(datasetId) {
      const { data } = await client.from('datasets').select('id').eq('id', datasetId).limit(1).throwOnError();
      return data.length > 0;
    },

    async findScenes(ids) {
      const found = new Map<string, SceneState>();
      for (let start = 0; start < ids.length; start += IDS_PER_CALL) {
        const slice = ids.slice(start, start + IDS_PER_CALL);
        for (const scene of await call('find_scenes', { ids: slice }, FoundScenes)) {
          found.set(scene.id, {
            id: scene.id,
            jobId: scene.job_id,
            revision: scene.revision,
            imageColumn: scene.image_column,
            sha256: scene.sha256,
            originalKey: scene.r2_key_original,
            reviewed: scene.reviewed,
          });
        }
      }
      return found;
    },

    beginReplacing: (id) => call('begin_replacing', { scene: id }, z.boolean()),

    importScenes,
  };
}
