import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { openDataFolder } from '../local/stack/data-folder.ts';

/**
 * Empties the folder of a stack.
 * @throws Error in one sentence when a stack holds the folder
 */
export function emptyDataFolder(dataDir: string): void {
  const folder = openDataFolder(dataDir);
  try {
    for (const entry of readdirSync(folder.path)) {
      if (!entry.startsWith('lock')) rmSync(join(folder.path, entry), { recursive: true, force: true });
    }
  } finally {
    folder.release();
  }
}
