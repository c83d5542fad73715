import type { ImportSource } from '../jobs/import-source.ts';
import type { RangeLedger, RowOutcome } from '../jobs/range-ledger.ts';
import { sceneId } from './scene-id.ts';
import type { SceneState, SceneStore } from './scene-record.ts';

/**
 * What a scene that is there already makes of its row; `undefined` when the row is to be imported. A scene that this
 * job wrote counts as processed, so that a range that is tried again counts its own rows right. Skipping holds for the
 * same revision, and the same image column, only.
 */
export function outcomeOfExisting(
  scene: SceneState,
  source: Pick<ImportSource, 'job_id' | 'revision' | 'image_column' | 'on_existing'>,
): RowOutcome | undefined {
  const isCurrent = scene.revision === source.revision && scene.imageColumn === source.image_column;
  if (scene.jobId === source.job_id && isCurrent) return 'processed';
  if (source.on_existing === 'skip' && isCurrent) return { skipped: 'exists' };
  return scene.reviewed ? { skipped: 'reviewed' } : undefined;
}

/** Settles the open rows whose scenes need nothing, and returns all scenes that exist, by id. */
export async function settleExisting(
  ledger: RangeLedger,
  source: ImportSource,
  scenes: SceneStore,
): Promise<ReadonlyMap<string, SceneState>> {
  const rows = [...ledger.openRows()];
  const ids = rows.map((index) => sceneId({ ...source, datasetId: source.dataset_id, index }));
  const existing = await scenes.findScenes(ids);
  for (const [position, index] of rows.entries()) {
    const scene = existing.get(ids[position] ?? '');
    const outcome = scene && outcomeOfExisting(scene, source);
    if (outcome) ledger.settle(index, outcome);
  }
  return existing;
}
