import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { TestStack } from './test-stack.ts';

/** No log, execution or file of a run holds a key, a token, or a signed URL. */
export function expectNoSecrets({ dataDir, endpoints }: TestStack, tokens: readonly string[] = []): void {
  const secrets = [endpoints.supabase.key, endpoints.bucket.secretAccessKey, 'Signature=', 'Bearer ', ...tokens];
  const places = ['logs', 'executions', join('buckets', endpoints.runBucket.name)];
  const files = places.flatMap((place) => filesBelow(join(dataDir, place)));
  expect(files.some((file) => file.endsWith('.log'))).toBe(true);
  for (const file of files) {
    const text = readFileSync(file, 'latin1');
    const found = secrets.filter((secret) => text.includes(secret));
    expect(found, file).toEqual([]);
  }
}

function filesBelow(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true });
  return entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
}
