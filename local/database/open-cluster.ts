import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createPgliteConnection, type PgliteConnection } from '@supabase/lite/pglite';
import { readTemplate, saveTemplate } from './cluster-template.ts';

/** The roles that a Supabase project has and PostgREST takes. */
const ROLES = `
  do $$
  begin
    if to_regrole('anon') is null then
      create role anon nologin;
      create role authenticated nologin;
      create role service_role nologin bypassrls;
      grant usage on schema public to anon, authenticated, service_role;
    end if;
  end
  $$;
  create schema if not exists modomo_local;
  create table if not exists modomo_local.migrations (
    name text primary key,
    sha256 text not null,
    applied_at timestamptz not null default now()
  );
`;

/**
 * Opens the Postgres data below `dataDir`, makes it when there is none, and applies the migrations that are new or have
 * changed. Without `dataDir` it lives in memory.
 * @throws Error that names the folder when it cannot be opened, and the file when a migration fails
 */
export async function openCluster(dataDir: string | undefined, migrationsDir: string): Promise<PgliteConnection> {
  if (dataDir === undefined) return prepare(await create(undefined), migrationsDir);
  const cluster = join(dataDir, 'cluster');
  if (!existsSync(cluster)) {
    // Under another name first, so that a start that was cut short leaves nothing that looks like a database.
    const unfinished = join(dataDir, 'cluster.new');
    rmSync(unfinished, { recursive: true, force: true });
    await (await create(unfinished)).close();
    renameSync(unfinished, cluster);
  }
  const connection = await open(cluster).catch((error: unknown) => {
    throw new Error(
      `the database in ${cluster} is damaged and cannot be opened; move the folder away to start with an empty one`,
      { cause: error },
    );
  });
  return prepare(connection, migrationsDir);
}

async function create(folder: string | undefined): Promise<PgliteConnection> {
  const template = await readTemplate();
  if (template) {
    try {
      return await open(folder, template);
    } catch {
      if (folder !== undefined) rmSync(folder, { recursive: true, force: true }); // a damaged template: without it
    }
  }
  const connection = await open(folder);
  await saveTemplate(connection);
  return connection;
}

async function open(folder: string | undefined, loadDataDir?: Blob): Promise<PgliteConnection> {
  const connection = await createPgliteConnection({ url: folder, pgliteOptions: { loadDataDir } });
  await connection.driver.waitReady;
  return connection;
}

async function prepare(connection: PgliteConnection, migrationsDir: string): Promise<PgliteConnection> {
  const { driver } = connection;
  await driver.exec(ROLES);
  const { rows } = await driver.query<{ name: string; sha256: string }>('select * from modomo_local.migrations');
  const applied = new Map(rows.map(({ name, sha256 }) => [name, sha256]));
  const names = readdirSync(migrationsDir).filter((name) => name.endsWith('.sql'));
  for (const name of names.sort()) {
    const text = readFileSync(join(migrationsDir, name), 'utf8');
    const sha256 = createHash('sha256').update(text).digest('hex');
    if (applied.get(name) === sha256) continue;
    try {
      await driver.transaction(async (transaction) => {
        await transaction.exec(text);
        await transaction.query(
          `insert into modomo_local.migrations (name, sha256) values ($1, $2)
           on conflict (name) do update set sha256 = excluded.sha256, applied_at = now()`,
          [name, sha256],
        );
      });
    } catch (error) {
      throw new Error(`migration ${name} failed: ${error instanceof Error ? error.message : String(error)}`, {
        cause: error,
      });
    }
  }
  return connection;
}
