// Run as a process: starts a database on the folder of the first argument, says so, and writes batches until it is
// killed, printing each that the database has confirmed.
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { createClient } from '@supabase/supabase-js';
import { startDatabase } from '../../../local/database/start-database.ts';

const BATCH = 20;

const database = await startDatabase({
  dataDir: process.argv[2],
  migrationsDir: fileURLToPath(new URL('../../../supabase/migrations', import.meta.url)),
});
const client = createClient(database.url, database.serviceKey);
const datasetId = randomUUID();
await client.from('datasets').insert({ id: datasetId, name: 'rooms' }).throwOnError();
for (let batch = 0; ; batch += 1) {
  const rows = Array.from({ length: BATCH }, (_, index) => ({
    ...{ id: randomUUID(), dataset_id: datasetId, source: 's', hf_index: batch * BATCH + index, r2_key_original: 'k' },
    ...{ width: 1, height: 1, attrs: { _modomo: { image: { sha256: 'a' } } } },
  }));
  await client.rpc('import_scenes', { rows }).throwOnError();
  process.stdout.write(`${(batch + 1) * BATCH}\n`);
}
