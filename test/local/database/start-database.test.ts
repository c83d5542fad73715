import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { createClient } from '@supabase/supabase-js';
import { afterAll, describe, expect, it } from 'vitest';
import { type Database, startDatabase } from '../../../local/database/start-database.ts';

const migrationsDir = fileURLToPath(new URL('../../../supabase/migrations', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'modomo-database-'));
const dataDir = join(folder, 'data');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function withDatabase<T>(work: (database: Database) => Promise<T>, dir = dataDir): Promise<T> {
  const database = await startDatabase({ dataDir: dir, migrationsDir });
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}

/** Runs the writer until it has confirmed some batches, does `meanwhile`, and kills it. Returns the rows confirmed. */
async function killWriter(meanwhile: (pid: number | undefined) => Promise<void>): Promise<number> {
  const script = fileURLToPath(new URL('./write-until-killed.ts', import.meta.url));
  const writer = spawn(process.execPath, [script, dataDir], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(writer, 'exit');
  let confirmed = 0;
  try {
    const enough = Promise.withResolvers<void>();
    createInterface({ input: writer.stdout }).on('line', (line) => {
      confirmed = Number(line);
      if (confirmed >= 100) enough.resolve();
    });
    await Promise.race([enough.promise, ended.then(() => Promise.reject(new Error('the writer ended by itself')))]);
    await meanwhile(writer.pid);
  } finally {
    writer.kill('SIGKILL');
    await ended;
  }
  return confirmed;
}

describe('startDatabase', () => {
  it('keeps data and keys through a restart and a SIGKILL, for one process at a time', async () => {
    const keys = await withDatabase(async ({ url, serviceKey, anonKey }) => {
      const client = createClient(url, serviceKey);
      await client.from('datasets').insert({ name: 'kept' }).throwOnError();
      return { serviceKey, anonKey };
    });

    const confirmed = await killWriter(async (pid) => {
      await expect(startDatabase({ dataDir, migrationsDir })).rejects.toThrow(`${dataDir} is in use by process ${pid}`);
    });

    await withDatabase(async (database) => {
      await expect(startDatabase({ dataDir, migrationsDir })).rejects.toThrow(`in use by process ${process.pid}`);
      expect(database).toMatchObject(keys);
      const client = createClient(database.url, database.serviceKey);
      const { data } = await client.from('datasets').select('name').order('name').throwOnError();
      expect(data).toEqual([{ name: 'kept' }, { name: 'rooms' }]);
      const [scenes] = await database.sql('select count(*)::int as n, max(hf_index) + 1 as next from scenes');
      expect(scenes?.n).toBe(scenes?.next); // nothing in the middle is lost
      expect(scenes?.n).toBeGreaterThanOrEqual(confirmed);
      expect(Number(scenes?.n) % 20).toBe(0); // a batch is there as a whole or not at all
    });
  }, 180_000);

  it('starts over after a first start that was cut short', async () => {
    const dir = join(folder, 'unfinished');
    cpSync(join(dataDir, 'cluster', 'global'), join(dir, 'cluster.new', 'global'), { recursive: true });
    await withDatabase(async ({ sql }) => expect(await sql('select * from scenes')).toEqual([]), dir);
  });

  it.each([
    ['a control file that is cut', (cluster: string) => truncateSync(join(cluster, 'global', 'pg_control'), 10)],
    ['tables that are gone', (cluster: string) => rmSync(join(cluster, 'base'), { recursive: true })],
    ['the files of another version', (cluster: string) => writeFileSync(join(cluster, 'PG_VERSION'), '99\n')],
  ])('names the folder when it finds %s, and leaves it free', async (_, damage) => {
    const dir = mkdtempSync(join(folder, 'damaged-'));
    cpSync(join(dataDir, 'cluster'), join(dir, 'cluster'), { recursive: true });
    damage(join(dir, 'cluster'));
    for (let attempt = 0; attempt < 2; attempt += 1) {
      await expect(startDatabase({ dataDir: dir, migrationsDir })).rejects.toThrow(
        `the database in ${join(dir, 'cluster')} is damaged and cannot be opened`,
      );
    }
  });

  it('names a port that is taken, and a migration that fails', async () => {
    await withDatabase(async ({ port }) => {
      await expect(startDatabase({ dataDir: join(folder, 'unfinished'), port, migrationsDir })).rejects.toThrow(
        `port ${port} for the database stand-in is taken`,
      );
    });
    const bad = mkdtempSync(join(folder, 'migrations-'));
    writeFileSync(join(bad, '1_bad.sql'), 'create table half (id int); create tabel whole (id int)');
    await expect(startDatabase({ dataDir, migrationsDir: bad })).rejects.toThrow(
      /migration 1_bad\.sql failed: .*tabel/,
    );
    await withDatabase(async ({ sql }) => {
      expect(await sql(`select to_regclass('half') as half`)).toEqual([{ half: null }]);
      await expect(sql('select nonsense')).rejects.toThrow(/nonsense/);
    });
  });
});
