import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { openDataFolder } from '../local/stack/data-folder.ts';

/**
 * Empties the folder of a stack. This process holds its lock from then on, until the stack that it starts there ends.
 * @throws Error in one sentence when a stack of another process holds the folder
 */
export function emptyDataFolder(dataDir: string): void {
  const { path } = openDataFolder(dataDir);
  for (const entry of readdirSync(path)) {
    if (entry !== 'lock') rmSync(join(path, entry), { recursive: true, force: true });
  }
}
