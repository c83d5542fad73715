import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type HubOptions, serveHub } from '../../../local/hub/serve-hub.ts';

/** Writes files into a new folder that is removed after the test. */
export async function makeFolder(files: Record<string, string | Uint8Array>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'hub-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await writeFiles(folder, files);
  return folder;
}

export async function writeFiles(folder: string, files: Record<string, string | Uint8Array>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
}

/** A Hub on a new folder with these files, without another Hub behind it; ends with the test. */
export async function startHub(
  files: Record<string, string | Uint8Array>,
  options: Partial<HubOptions> = {},
): Promise<{ url: string; folder: string }> {
  const folder = await makeFolder(files);
  const hub = await serveHub({ datasetsDirs: [folder], upstream: null, ...options });
  onTestFinished(() => hub.close());
  return { url: hub.url, folder };
}

/** Bytes that tell where they are from. */
export function bytes(length: number, seed = 0): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 8) + seed) & 0xff);
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

/** Blobs of `@huggingface/hub` have no `bytes()`. */
export async function read(blob: Blob | null | undefined): Promise<Uint8Array | undefined> {
  return blob ? new Uint8Array(await blob.arrayBuffer()) : undefined;
}
