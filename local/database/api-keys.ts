import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

/** Keys in Supabase's form: one passes as service_role, one as anon. */
export interface ApiKeys {
  readonly serviceKey: string;
  readonly anonKey: string;
}

const SavedKeys = z.object({ serviceKey: z.string().min(1), anonKey: z.string().min(1) });

/** The keys of a data folder, made on its first start. Without a folder they hold for this start alone. */
export function apiKeys(dataDir?: string): ApiKeys {
  const keys = { serviceKey: `sb_secret_${random()}`, anonKey: `sb_publishable_${random()}` };
  if (dataDir === undefined) return keys;
  const file = join(dataDir, 'keys.json');
  try {
    return SavedKeys.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    // There is none, or it is damaged: keys can be made anew.
    writeFileSync(file, JSON.stringify(keys), { mode: 0o600 });
    return keys;
  }
}

function random(): string {
  return randomBytes(24).toString('base64url');
}
