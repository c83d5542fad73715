import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { createClient } from '@supabase/supabase-js';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { JsonObject, SceneRecord, SceneStore } from '../../../../lambdas/shared/scenes/scene-record.ts';
import { createSceneStore } from '../../../../lambdas/shared/scenes/scene-store.ts';
import { type Database, startDatabase } from '../../../../local/database/start-database.ts';

const MIGRATIONS = fileURLToPath(new URL('../../../../supabase/migrations', import.meta.url));
const IMPORT_PATH = '/rest/v1/rpc/import_scenes';

let database: Database;
let store: SceneStore;
let datasetId: string;
let warnings: { message: string; fields?: Record<string, unknown> }[];

const log = {
  debug: () => {},
  info: () => {},
  warn: (message: string, fields?: Record<string, unknown>) => warnings.push({ message, fields }),
  error: () => {},
};

beforeAll(async () => {
  database = await startDatabase({ migrationsDir: MIGRATIONS });
  store = createSceneStore({ url: database.url, serviceKey: database.serviceKey, log, retryDelayMs: 1 });
});
afterAll(() => database.close());

beforeEach(async () => {
  warnings = [];
  datasetId = randomUUID();
  await database.sql(`insert into datasets (id, name) values ($1, 'rooms')`, [datasetId]);
  await fetch(`${database.url}/_faults`, { method: 'DELETE' });
  await fetch(`${database.url}/_requests`, { method: 'DELETE' });
});

interface SceneOptions {
  id?: string;
  sha256?: string;
  job?: string;
  index?: number;
  attrs?: JsonObject;
  provenance?: JsonObject;
}

function scene(options: SceneOptions = {}): SceneRecord {
  const { id = randomUUID(), sha256 = 'aa', job = 'job-1', index = 0, attrs = {}, provenance = {} } = options;
  const source = { repo: 'a/b', revision: 'r1', config: 'default', split: 'train', path: null };
  const image = { sha256, bytes: 3, content_type: 'image/png' };
  return {
    ...{ id, dataset_id: datasetId, source: 'hf://datasets/a/b', hf_index: index },
    ...{ r2_key_original: `scenes/${id}/original.png`, width: 4, height: 3 },
    attrs: { ...attrs, _modomo: { job_id: job, source, image, ...provenance } },
  };
}

async function stored(id: string): Promise<Record<string, unknown>> {
  const [row] = await database.sql('select to_jsonb(s) as row from scenes s where id = $1', [id]);
  return row?.row as Record<string, unknown>;
}

async function count(table: string, id: string): Promise<unknown> {
  const [row] = await database.sql(`select count(*)::int as n from ${table} where scene_id = $1`, [id]);
  return row?.n;
}

/** What an analysis leaves behind. Returns the id of its object. */
async function analyse(id: string): Promise<string> {
  const object = randomUUID();
  await database.sql(
    `update scenes set status = 'processed', scene_type = 'bedroom', scene_conf = 0.5, phash = 'p', palette = '[]',
       r2_key_thumbnail = 't', r2_key_depth = 'd', description = 'a room',
       attrs = jsonb_set(attrs, '{_modomo,analysis}', '{"gpu": "x"}') where id = $1`,
    [id],
  );
  await database.sql(
    `insert into objects (id, scene_id, category_code, bbox_x, bbox_y, bbox_w, bbox_h, confidence)
     values ($1, $2, 'sofa', 0, 0, 1, 1, 1)`,
    [object, id],
  );
  await database.sql(`insert into object_materials values ($1, 'wood', 1)`, [object]);
  await database.sql(`insert into scene_styles values ($1, 'rustic', 1)`, [id]);
  await database.sql(`insert into scene_artifacts (scene_id, kind, r2_key) values ($1, 'depth', 'd')`, [id]);
  return object;
}

async function faults(...rules: Record<string, unknown>[]): Promise<void> {
  const set = await fetch(`${database.url}/_faults`, { method: 'POST', body: JSON.stringify(rules) });
  expect(set.status).toBe(204);
}

async function importCalls(): Promise<number> {
  const report = (await (await fetch(`${database.url}/_requests`)).json()) as { requests: { path: string }[] };
  return report.requests.filter(({ path }) => path.startsWith(IMPORT_PATH)).length;
}

describe('beginReplacing', () => {
  it('takes a scene off its revision until it is imported again, and loses nothing else', async () => {
    const written = scene({ attrs: { caption: 'a room' }, provenance: { analysis: { gpu: 1 } } });
    await store.importScenes([written]);
    expect(await store.beginReplacing(written.id)).toBe(true);
    expect((await store.findScenes([written.id])).get(written.id)).toMatchObject({
      jobId: 'job-1',
      revision: null,
      sha256: null,
    });
    expect((await stored(written.id)).attrs).toMatchObject({ caption: 'a room', _modomo: { analysis: { gpu: 1 } } });
    await store.importScenes([written]);
    expect((await store.findScenes([written.id])).get(written.id)).toMatchObject({ revision: 'r1', sha256: 'aa' });
  });

  it('leaves a scene alone that a person has reviewed', async () => {
    const written = scene();
    await store.importScenes([written]);
    await database.sql(`insert into reviews (target, target_id, verdict) values ('scene', $1, 'approve')`, [
      written.id,
    ]);
    const before = await stored(written.id);
    expect(await store.beginReplacing(written.id)).toBe(false);
    expect(await stored(written.id)).toEqual(before);
  });
});

describe('findScenes', () => {
  it('finds thousands of scenes among ids that do not exist', async () => {
    const scenes = Array.from({ length: 1_200 }, (_, index) => scene({ index, job: `job-${index}` }));
    for (const start of [0, 600]) await store.importScenes(scenes.slice(start, start + 600));
    const found = await store.findScenes([...scenes.map(({ id }) => id), ...Array.from({ length: 600 }, randomUUID)]);
    expect(found.size).toBe(1_200);
    for (const { id, hf_index, r2_key_original } of scenes) {
      expect(found.get(id)).toEqual({
        ...{
          id,
          jobId: `job-${hf_index}`,
          revision: 'r1',
          imageColumn: null,
          sha256: 'aa',
          originalKey: r2_key_original,
        },
        reviewed: false,
      });
    }
  });

  it('knows scenes without our attrs', async () => {
    const id = randomUUID();
    await database.sql(`insert into scenes (id, dataset_id, source, r2_key_original) values ($1, $2, 's', 'k')`, [
      id,
      datasetId,
    ]);
    expect((await store.findScenes([id])).get(id)).toMatchObject({ jobId: null, revision: null, sha256: null });
  });
});

describe('datasetExists', () => {
  it('tells a dataset from another id, and refuses what is no id', async () => {
    expect(await store.datasetExists(datasetId)).toBe(true);
    expect(await store.datasetExists(randomUUID())).toBe(false);
    await expect(store.datasetExists('rooms')).rejects.toMatchObject({ name: 'BadInputError' });
  });
});

describe('importScenes', () => {
  it('stores a new scene as it is', async () => {
    const attrs = { caption: 'Ä \u2028 😀', nested: { list: [1, null, { deep: true }] }, large: 1e20 };
    const given = scene({ attrs, index: 7 });
    expect(await store.importScenes([given])).toEqual([{ id: given.id, outcome: 'inserted' }]);
    expect(await stored(given.id)).toMatchObject({ ...given, status: 'imported', scene_type: null });
  });

  it('refreshes metadata and keeps the analysis while the bytes are the same', async () => {
    const first = scene({
      attrs: { caption: 'old', gone: 1 },
      provenance: { mapping: { skip_ai: true }, column: 'x' },
    });
    await store.importScenes([first]);
    await analyse(first.id);
    const before = await stored(first.id);

    const second = { ...scene({ id: first.id, job: 'job-2', index: 5, attrs: { caption: 'new' } }), width: 8 };
    expect(await store.importScenes([second])).toEqual([{ id: first.id, outcome: 'updated' }]);
    expect(await stored(first.id)).toEqual({
      ...before,
      ...second,
      attrs: { ...second.attrs, _modomo: { ...(second.attrs._modomo as JsonObject), analysis: { gpu: 'x' } } },
    });
    expect(await count('objects', first.id)).toBe(1);
  });

  it('drops the analysis of other bytes', async () => {
    const first = scene();
    await store.importScenes([first]);
    const object = await analyse(first.id);
    const bystander = scene();
    await store.importScenes([bystander]);
    await analyse(bystander.id);

    const second = scene({ id: first.id, sha256: 'bb' });
    expect(await store.importScenes([second])).toEqual([{ id: first.id, outcome: 'updated' }]);
    expect(await stored(first.id)).toMatchObject({
      ...{ attrs: second.attrs, status: 'imported', scene_type: null, scene_conf: null, phash: null, palette: null },
      ...{ r2_key_thumbnail: null, r2_key_depth: null, description: null },
    });
    for (const table of ['objects', 'scene_styles', 'scene_artifacts']) {
      expect(await count(table, first.id), table).toBe(0);
      expect(await count(table, bystander.id), table).toBe(1);
    }
    expect(await database.sql('select * from object_materials where object_id = $1', [object])).toEqual([]);
  });

  it.each([
    [
      'a review of the scene',
      (id: string) => [`insert into reviews (target, target_id, verdict) values ('scene', $1, 'edit')`, id],
    ],
    [
      'an object that is corrected',
      (_: string, object: string) => [`update objects set review_status = 'corrected' where id = $1`, object],
    ],
    [
      'a review of one of its objects',
      (_: string, object: string) => [
        `insert into reviews (target, target_id, verdict) values ('object', $1, 'approve')`,
        object,
      ],
    ],
  ] as const)('leaves a scene with %s as it is', async (_, review) => {
    const first = scene();
    await store.importScenes([first]);
    const object = await analyse(first.id);
    await database.sql(`update objects set review_status = 'pending' where id = $1`, [object]);
    expect((await store.findScenes([first.id])).get(first.id)?.reviewed).toBe(false);
    const [statement = '', parameter] = review(first.id, object);
    await database.sql(statement, [parameter]);
    const before = await stored(first.id);

    expect((await store.findScenes([first.id])).get(first.id)?.reviewed).toBe(true);
    const answer = await store.importScenes([scene({ id: first.id, sha256: 'bb', job: 'job-2' }), scene()]);
    expect(answer.map(({ outcome }) => outcome)).toEqual(['reviewed', 'inserted']);
    expect(await stored(first.id)).toEqual(before);
    expect(await count('objects', first.id)).toBe(1);
  });

  it('loses only the scenes that Postgres refuses', async () => {
    const elsewhere = scene();
    await store.importScenes([elsewhere]);
    datasetId = randomUUID();
    await database.sql(`insert into datasets (id, name) values ($1, 'other')`, [datasetId]);
    const existing = scene();
    await store.importScenes([existing]);
    const good = [scene(), scene(), scene()];
    const batch = [
      ...[good[0], { ...scene(), width: 3_000_000_000 }, scene({ id: elsewhere.id }), good[1]],
      ...[{ ...scene(), dataset_id: randomUUID() }, existing, { ...scene(), id: 'no uuid' }, good[2]],
    ].filter((given) => given !== undefined);
    expect(await store.importScenes(batch)).toEqual([
      { id: batch[0]?.id, outcome: 'inserted' },
      { id: batch[1]?.id, outcome: 'rejected', message: expect.stringContaining('3000000000') },
      { id: batch[2]?.id, outcome: 'rejected', message: expect.stringContaining(elsewhere.dataset_id) },
      { id: batch[3]?.id, outcome: 'inserted' },
      { id: batch[4]?.id, outcome: 'rejected', message: expect.stringContaining('foreign key') },
      { id: batch[5]?.id, outcome: 'updated' },
      { id: batch[6]?.id, outcome: 'rejected', message: expect.stringContaining('no uuid') },
      { id: batch[7]?.id, outcome: 'inserted' },
    ]);
    for (const { id } of good) expect(await stored(id)).toMatchObject({ id });
    expect(await stored(elsewhere.id)).toMatchObject(elsewhere);
  });

  it('finds the scene whose text makes the whole call unreadable', async () => {
    const scenes = Array.from({ length: 9 }, (_, index) =>
      scene({ index, attrs: { text: index === 4 ? '\u0000' : 'x' } }),
    );
    const outcomes = await store.importScenes(scenes);
    expect(outcomes.map(({ id }) => id)).toEqual(scenes.map(({ id }) => id));
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(
      scenes.map(({ hf_index }) => (hf_index === 4 ? 'rejected' : 'inserted')),
    );
  });

  it('takes the same scenes from two callers, and the same scene twice in a call', async () => {
    const scenes = Array.from({ length: 100 }, (_, index) => scene({ index }));
    const twice = [...scenes, scene({ id: scenes[0]?.id, index: 100, attrs: { last: true } })];
    const answers = await Promise.all([store.importScenes(twice), store.importScenes([...twice].reverse())]);
    const outcomes = answers.flat().map(({ outcome }) => outcome);
    expect(outcomes.filter((outcome) => outcome === 'inserted')).toHaveLength(100);
    expect(outcomes.filter((outcome) => outcome === 'updated')).toHaveLength(102);
    expect(answers[0]?.map(({ id }) => id)).toEqual(twice.map(({ id }) => id));
    const rows = await database.sql('select id from scenes where dataset_id = $1', [datasetId]);
    expect(rows).toHaveLength(100);
  });
});

describe('faults', () => {
  it.each([
    ['an answer of 500', { status: 500 }],
    ['a connection that is cut after the write', { cutAfterBytes: 10 }],
  ])('gets over %s, without duplicates', async (_, fault) => {
    await faults({ match: { path: IMPORT_PATH }, times: 2, ...fault });
    const scenes = Array.from({ length: 50 }, (_, index) => scene({ index }));
    const outcomes = await store.importScenes(scenes);
    expect(outcomes.every(({ outcome }) => outcome !== 'rejected')).toBe(true);
    expect(await importCalls()).toBe(3);
    expect(await database.sql('select id from scenes where dataset_id = $1', [datasetId])).toHaveLength(50);
    expect(warnings.map(({ fields }) => fields?.attempt)).toEqual([1, 2]);
  });

  it('gives up after three tries', async () => {
    await faults({ match: { path: IMPORT_PATH }, cutAfterBytes: 0 });
    await expect(store.importScenes([scene()])).rejects.toMatchObject({ name: 'TransientError' });
    expect(await importCalls()).toBe(3);
    expect(warnings).toHaveLength(3);
  });

  it('does not wait for ever', async () => {
    await faults({ match: { path: IMPORT_PATH }, delayMs: 60_000 });
    const hasty = createSceneStore({ ...database, log, retryDelayMs: 1, timeoutMs: 20 });
    await expect(hasty.importScenes([scene()])).rejects.toThrow('the database took longer than 20 ms');
  });

  it('leaves a long pause to the caller', async () => {
    await faults({ match: { path: IMPORT_PATH }, status: 429, headers: { 'retry-after': '120' } });
    await expect(store.importScenes([scene()])).rejects.toMatchObject({
      name: 'ThrottledError',
      retryAfterSeconds: 120,
    });
    expect(await importCalls()).toBe(1);
  });

  it.each([
    { status: 413, name: 'rejected' },
    { status: 404, name: 'ConfigError' },
    { status: 401, name: 'ConfigError' },
  ])('does not repeat a call that was refused with $status', async ({ status, name }) => {
    await faults({ match: { path: IMPORT_PATH }, status });
    const outcome = await store.importScenes([scene()]).then(
      ([first]) => first?.outcome,
      (error: Error) => error.name,
    );
    expect(outcome).toBe(name);
    expect(await importCalls()).toBe(1);
  });

  it('says what a deadlock, a lost function and a lost right are', async () => {
    const [original] = await database.sql(`select pg_get_functiondef('import_scene(jsonb)'::regprocedure) as text`);
    const replace = (body: string) =>
      database.sql(
        `create or replace function import_scene(item jsonb) returns text language plpgsql as $$ ${body} $$`,
      );
    const existing = scene();
    await store.importScenes([existing]);
    try {
      await replace(`begin raise deadlock_detected; end`);
      await expect(store.importScenes([existing])).rejects.toMatchObject({ name: 'TransientError' });
      expect(await importCalls()).toBe(1 + 3);
      await replace(`begin perform 1 from nothing; return ''; end`);
      await expect(store.importScenes([existing])).rejects.toThrow(/apply supabase\/migrations/);
      await replace(`begin raise insufficient_privilege; end`);
      await expect(store.importScenes([existing])).rejects.toMatchObject({ name: 'ConfigError' });
    } finally {
      await database.sql(String(original?.text));
    }
  });
});

describe('keys', () => {
  it.each([
    ['a wrong key', () => 'sb_secret_wrong'],
    ['the public key', () => database.anonKey],
  ])('refuses to import with %s', async (_, key) => {
    const stranger = createSceneStore({ url: database.url, serviceKey: key(), log, retryDelayMs: 1 });
    const error = await stranger.importScenes([scene()]).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: 'ConfigError', message: expect.stringContaining('refused the service key') });
    expect(String(error)).not.toContain(key());
    expect(await importCalls()).toBe(1);
  });

  it('shows a stranger nothing and lets it write nothing', async () => {
    const given = scene();
    await store.importScenes([given]);
    const anon = createClient(database.url, database.anonKey);
    expect((await anon.from('scenes').select('id').eq('id', given.id)).data).toEqual([]);
    expect((await anon.from('datasets').insert({ name: 'mine' })).error).not.toBeNull();
    expect((await anon.rpc('find_scenes', { ids: [given.id] })).error).not.toBeNull();
  });

  it.each([
    { url: 'REF.supabase.co', serviceKey: 'sb_secret_x', message: /URL must look like/ },
    { url: 'https://REF.supabase.co', serviceKey: 'sb_secret_x\n', message: /key is empty or holds blanks/ },
  ])('refuses $url with a key of $serviceKey.length characters', ({ message, ...options }) => {
    expect(() => createSceneStore({ ...options, log })).toThrow(message);
  });
});
