import { spawnSync } from 'node:child_process';
import { existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { makeImages } from './make-images.ts';

const ROOT = join(import.meta.dirname, '../..');
const CACHE = join(ROOT, 'node_modules/.cache/modomo/bench');
const PYTHON = process.env.PEERS_PYTHON ?? join(ROOT, '.venv/bin/python');

/** Layouts that `write_parquet.py` writes. */
export type Layout = 'current' | 'legacy' | 'one-group';

export interface BenchDataset {
  /** Its URL, for an import. */
  readonly url: string;
  /** Folder that the Hub stand-in serves. */
  readonly folder: string;
  readonly rows: number;
}

/** Folder with so many JPEGs of about 200 KB, or of about 1 KB when `small`; made on first use. */
export async function prepareImages(count: number, { small = false } = {}): Promise<string> {
  const folder = join(CACHE, `${small ? 'thumbnails' : 'images'}-${count}`);
  if (!existsSync(folder)) console.error(`making ${count} images, once …`);
  await makeImages(folder, count, { small });
  return folder;
}

/**
 * A dataset of these images in a layout, written by the `datasets` library on first use.
 * @param rows more than there are images: they come again
 * @throws Error when there is no Python with that library
 */
export function prepareDataset(images: string, layout: Layout, rows: number): BenchDataset {
  const kind = images.includes('thumbnails') ? `${layout}-small` : layout;
  const repo = `bench/${kind}-${rows}`;
  const folder = join(CACHE, 'hub', repo);
  if (!existsSync(folder)) {
    if (!existsSync(PYTHON)) {
      throw new Error(
        `${PYTHON} is missing: make a virtual environment with test/peers/requirements.txt, or set PEERS_PYTHON`,
      );
    }
    console.error(`writing ${rows} rows in the layout ${layout}, once …`);
    const unfinished = `${folder}.unfinished`;
    rmSync(unfinished, { recursive: true, force: true });
    const shardRows = images.includes('thumbnails') ? 100_000 : 500;
    const script = join(import.meta.dirname, 'write_parquet.py');
    const numbers = ['--rows', String(rows), '--shard-rows', String(shardRows)];
    const { status, stderr } = spawnSync(
      PYTHON,
      [script, '--images', images, '--out', unfinished, '--layout', layout, ...numbers],
      { encoding: 'utf8', env: { ...process.env, HF_HOME: join(CACHE, 'hf'), HF_HUB_OFFLINE: '1' } },
    );
    if (status !== 0) throw new Error(`the dataset could not be written: ${stderr.trim().split('\n').at(-1)}`);
    renameSync(unfinished, folder);
  }
  return { url: `https://huggingface.co/datasets/${repo}`, folder: join(CACHE, 'hub'), rows };
}
