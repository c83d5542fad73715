import { messageOf } from '../shared/errors.ts';
import type { SceneOutcome, SceneRecord } from '../shared/scenes/scene-record.ts';
import type { RangeContext } from './import-range-deps.ts';

/** A call to the database carries at most so many scenes, or so many characters of metadata. */
const MAX_SCENES = 200;
const MAX_CHARACTERS = 2_000_000;

/** Writes scenes in bulk, one call at a time, and settles their rows when the database has answered. */
export class SceneWriter {
  readonly #context: RangeContext;
  #batch: SceneRecord[] = [];
  #characters = 0;
  #writing: Promise<void> = Promise.resolve();

  constructor(context: RangeContext) {
    this.#context = context;
  }

  /** Waits while an earlier batch is being written and this scene fills the next one. @throws as `importScenes` */
  async add(scene: SceneRecord): Promise<void> {
    this.#batch.push(scene);
    this.#characters += JSON.stringify(scene.attrs).length;
    if (this.#batch.length >= MAX_SCENES || this.#characters >= MAX_CHARACTERS) await this.#flush();
  }

  /** @throws as `importScenes` */
  async finish(): Promise<void> {
    await this.#flush();
  }

  async #flush(): Promise<void> {
    const batch = this.#batch;
    this.#batch = [];
    this.#characters = 0;
    this.#writing = this.#writing.then(() => this.#write(batch));
    await this.#writing;
  }

  async #write(batch: readonly SceneRecord[]): Promise<void> {
    if (batch.length === 0) return;
    await this.#context.deps.checkLock(this.#context.source);
    const outcomes = await this.#context.deps.scenes.importScenes(batch);
    for (const [position, scene] of batch.entries()) {
      const outcome = outcomes[position];
      if (outcome) await this.#settle(scene, outcome);
    }
  }

  async #settle(scene: SceneRecord, outcome: SceneOutcome): Promise<void> {
    const { ledger, existing, deps } = this.#context;
    const index = scene.hf_index;
    if (outcome.outcome === 'rejected') {
      const message = `the database refused the scene: ${outcome.message}`;
      const failed = { index, reason: 'rejected_by_database', message, image: scene.r2_key_original } as const;
      deps.log.warn('row failed', failed);
      ledger.settle(index, { failed });
      return;
    }
    if (outcome.outcome === 'reviewed') {
      ledger.settle(index, { skipped: 'reviewed' });
      return;
    }
    // Bytes of another type have another key: the object that nothing points to any more goes, once that is true.
    const before = existing.get(scene.id)?.originalKey;
    ledger.settle(index, 'processed');
    if (before === undefined || before === scene.r2_key_original) return;
    await deps.images.delete(before).catch((error: unknown) => {
      deps.log.warn('an object that no scene points to stays in the bucket', { key: before, error: messageOf(error) });
    });
  }
}
