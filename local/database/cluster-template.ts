import { mkdirSync, openAsBlob, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { PgliteConnection } from '@supabase/lite/pglite';
import { z } from 'zod';

/** Where tools keep what they can make anew; goes with `node_modules`. */
const CACHE = fileURLToPath(new URL('../../node_modules/.cache/modomo/', import.meta.url));

/** A cluster as `initdb` leaves it. To unpack one takes a fraction of the four seconds that `initdb` takes as wasm. */
export async function readTemplate(): Promise<Blob | undefined> {
  try {
    return await openAsBlob(templateFile());
  } catch {
    return undefined;
  }
}

/** Keeps the cluster of a connection that was just made, as far as the folder can be written. */
export async function saveTemplate({ driver }: PgliteConnection): Promise<void> {
  const part = `${templateFile()}.${process.pid}`;
  try {
    mkdirSync(CACHE, { recursive: true });
    const tar = await driver.dumpDataDir('none');
    writeFileSync(part, Buffer.from(await tar.arrayBuffer()));
    renameSync(part, templateFile()); // whole, or not at all
  } catch {
    rmSync(part, { force: true });
  }
}

function templateFile(): string {
  const manifest = new URL('../package.json', import.meta.resolve('@supabase/lite'));
  const { version } = z.object({ version: z.string() }).parse(JSON.parse(readFileSync(manifest, 'utf8')));
  return `${CACHE}cluster-${version}.tar`;
}
