import { expect } from 'vitest';
import { originalKey, sceneId } from '../../lambdas/shared/scenes/scene-id.ts';
import type { Scene, TestStack } from './test-stack.ts';

/** What an import leaves of a row, without what tells one import from another. */
export interface ImportedRow {
  readonly index: number;
  readonly sha256: string;
  readonly extension: string;
  readonly width: number;
  readonly height: number;
  readonly status: string;
  readonly source: string;
  readonly attrs: Readonly<Record<string, unknown>>;
}

/**
 * The rows of a dataset as its scenes have them, held against the bucket: ids and keys derive from the rows, and each
 * object has the bytes that its scene says.
 */
export async function importedRows(stack: TestStack, datasetId: string): Promise<ImportedRow[]> {
  const scenes = await stack.scenes(datasetId);
  return Promise.all(scenes.map((scene) => importedRow(stack, datasetId, scene)));
}

async function importedRow(stack: TestStack, datasetId: string, scene: Scene): Promise<ImportedRow> {
  const { _modomo, ...attrs } = scene.attrs;
  const { job_id: _, ...provenance } = _modomo;
  const { hf_index: index, r2_key_original: key, width, height, status, source } = scene;
  const extension = key.split('.').at(-1) ?? '';
  const id = sceneId({ datasetId, ...provenance.source, index });
  expect(scene.id).toBe(id);
  expect(key).toBe(originalKey(id, extension));
  const sha256 = await stack.imageSha256(key);
  expect(provenance.image.sha256).toBe(sha256);
  return { index, sha256, extension, width, height, status, source, attrs: { ...attrs, _modomo: provenance } };
}

/** The bucket holds one object for each scene of these datasets, and nothing else. */
export async function expectNoOtherObjects(stack: TestStack, datasetIds: readonly string[]): Promise<void> {
  const scenes = (await Promise.all(datasetIds.map((id) => stack.scenes(id)))).flat();
  expect((await stack.imageKeys()).sort()).toEqual(scenes.map(({ r2_key_original: key }) => key).sort());
}
