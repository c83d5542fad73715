import { readdirSync, readFileSync } from 'node:fs';
import { createPgliteConnection, type PgliteConnection } from '@supabase/lite/pglite';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

const MIGRATIONS = new URL('../../supabase/migrations/', import.meta.url);
const PRODUCTION = new URL('./production-schema.sql', import.meta.url);
const TABLES = [
  ['datasets', 'jobs', 'job_events', 'scenes', 'scene_styles', 'scene_artifacts', 'objects', 'object_materials'],
  ['reviews', 'scene_labels', 'style_labels', 'material_labels', 'categories', 'category_aliases'],
].flat();
const ROLES = 'create role anon; create role authenticated; create role service_role bypassrls;';

let connection: PgliteConnection;

beforeAll(async () => {
  connection = await createPgliteConnection();
  await connection.driver.waitReady;
});
afterAll(() => connection.close());

beforeEach(async () => {
  await connection.driver.exec('drop schema public cascade; create schema public');
});

async function migrate(): Promise<void> {
  for (const name of readdirSync(MIGRATIONS).sort()) {
    await connection.driver.exec(readFileSync(new URL(name, MIGRATIONS), 'utf8'));
  }
}

async function rows(query: string): Promise<Record<string, unknown>[]> {
  return (await connection.driver.query<Record<string, unknown>>(query)).rows;
}

/** Everything that a migration can change: columns, indexes, constraints, types, policies, rights, and all rows. */
async function everything(): Promise<Record<string, unknown>> {
  const state: Record<string, unknown> = {
    columns: await rows(
      `select table_name, column_name, data_type, is_nullable, column_default from information_schema.columns
       where table_schema = 'public' order by 1, 2`,
    ),
    indexes: await rows(`select indexdef from pg_indexes where schemaname = 'public' order by 1`),
    constraints: await rows(
      `select conname, pg_get_constraintdef(oid) from pg_constraint
       where connamespace = 'public'::regnamespace order by 1, 2`,
    ),
    security: await rows(
      `select relname, relrowsecurity, relacl::text from pg_class
       where relnamespace = 'public'::regnamespace and relkind = 'r' order by 1`,
    ),
    policies: await rows(`select tablename, policyname, roles, cmd, qual from pg_policies order by 1, 2`),
    functions: await rows(
      `select proname, proacl::text, prosrc from pg_proc where pronamespace = 'public'::regnamespace order by 1`,
    ),
    enums: await rows(`select enumtypid::regtype::text as type, enumlabel from pg_enum order by 1, enumsortorder`),
  };
  for (const table of TABLES) state[table] = await contents(table);
  return state;
}

async function contents(table: string): Promise<unknown[]> {
  return (await rows(`select to_jsonb(t) as row from public.${table} t order by to_jsonb(t)::text`)).map((r) => r.row);
}

describe('the migrations', () => {
  it('create the schema, with and without the roles of Supabase, and change nothing the second time', async () => {
    await migrate();
    const withoutRoles = await everything();
    await migrate();
    expect(await everything()).toEqual(withoutRoles);

    await connection.driver.exec(`${ROLES} drop schema public cascade; create schema public`);
    await migrate();
    const withRoles = await everything();
    await migrate();
    expect(await everything()).toEqual(withRoles);
    expect(withRoles.columns).toEqual(withoutRoles.columns);
    for (const table of TABLES) expect(withRoles[table]).toEqual(withoutRoles[table]);
  });

  it('upgrade a database that has the tables, and leave its rows, rights and choices alone', async () => {
    await connection.driver.exec(readFileSync(PRODUCTION, 'utf8'));
    const before = await everything();
    await migrate();
    const after = await everything();
    await migrate();
    expect(await everything()).toEqual(after);

    const added = { description: null, attrs: null, hf_index: null };
    for (const table of TABLES) {
      const kept = (before[table] as Record<string, unknown>[]).map((row) =>
        table === 'scenes' ? { ...row, ...added } : row,
      );
      expect(after[table], table).toEqual(expect.arrayContaining(kept));
    }
    expect(after.scenes).toHaveLength(2);
    for (const aspect of ['constraints', 'security', 'policies', 'enums'] as const) {
      expect(after[aspect], aspect).toEqual(before[aspect]);
    }
    const [alias] = await rows(`select count(*)::int as n from category_aliases where alias = 'couch'`);
    expect(alias).toEqual({ n: 1 }); // theirs, though their table has no key
    expect(after.indexes).toContainEqual({
      indexdef: expect.stringMatching(/ON public\.scenes USING btree \(dataset_id, hf_index\)$/),
    });
  });

  it('give functions that work on such a database', async () => {
    await connection.driver.exec(readFileSync(PRODUCTION, 'utf8'));
    await migrate();
    const ids = [1, 2, 3].map((n) => `00000000-0000-4000-8000-00000000000${n}`);
    const scene = (id: string) => ({
      ...{ id, dataset_id: '00000000-0000-4000-8000-00000000000d', source: 's', hf_index: 0, r2_key_original: 'k' },
      ...{ width: 1, height: 1, attrs: { _modomo: { image: { sha256: 'a' } } } },
    });
    const { rows: answers } = await connection.driver.query('select public.import_scenes($1) as outcomes', [
      JSON.stringify(ids.map(scene)),
    ]);
    expect(answers).toEqual([
      {
        outcomes: [
          { id: ids[0], outcome: 'updated' },
          { id: ids[1], outcome: 'reviewed' }, // one of its objects is
          { id: ids[2], outcome: 'inserted' },
        ],
      },
    ]);
  });

  it('seed lookups that hang together', async () => {
    await migrate();
    expect(await rows(`select family from categories where code = 'unclassified'`)).toHaveLength(1);
    const wrong = await rows(`
      select alias from category_aliases
      where alias <> lower(alias) or alias ~ '[_-]|  ' or alias in (select replace(code, '_', ' ') from categories)
    `);
    expect(wrong).toEqual([]);
    const known = await rows(`
      select alias, canonical from category_aliases where alias in ('couch', 'tv', 'windowpane', 'night stand') order by 1
    `);
    expect(known).toEqual([
      { alias: 'couch', canonical: 'sofa' },
      { alias: 'night stand', canonical: 'nightstand' },
      { alias: 'tv', canonical: 'television' },
      { alias: 'windowpane', canonical: 'window' },
    ]);
  });
});
