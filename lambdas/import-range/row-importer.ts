import { createHash } from 'node:crypto';
import { imageReference, toRowImage } from '../shared/images/row-image.ts';
import { RowError } from '../shared/jobs/row-failure.ts';
import type { ReadRow, SourceRow } from '../shared/jobs/row-source.ts';
import { toJsonObject } from '../shared/metadata/to-json-object.ts';
import { originalKey, sceneId } from '../shared/scenes/scene-id.ts';
import type { SceneProvenance, SceneRecord } from '../shared/scenes/scene-record.ts';
import type { RangeContext } from './import-range-deps.ts';
import { SceneWriter } from './scene-writer.ts';

/** Progress is logged every so many images. */
const LOG_EVERY = 10;
/** No further row is begun while the images under way have more bytes than this. */
const MAX_BYTES = 64 * 1024 * 1024;

/** Imports rows, several at once; a row that cannot be imported is settled as failed, and anything else ends the range. */
export class RowImporter {
  readonly #context: RangeContext;
  readonly #writer: SceneWriter;
  readonly #running = new Set<Promise<void>>();
  #failure: { error: unknown } | undefined;
  #stored = 0;
  /** Bytes of the images under way. */
  #bytes = 0;
  /** Called when bytes have become free. */
  #waiting: (() => void)[] = [];
  /** Rows that were begun. */
  started = 0;

  constructor(context: RangeContext) {
    this.#context = context;
    this.#writer = new SceneWriter(context);
  }

  /** Begins a row; waits while as many rows as allowed are under way. @throws what ended an earlier row */
  async add(row: ReadRow): Promise<void> {
    const { uploads } = this.#context.deps;
    while (this.#running.size >= uploads || (this.#bytes > MAX_BYTES && this.#running.size > 0)) {
      await Promise.race(this.#running);
    }
    if (this.#failure) throw this.#failure.error;
    this.started += 1;
    const run = this.#import(row)
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .finally(() => this.#running.delete(run));
    this.#running.add(run);
  }

  /** Waits for the rows under way, and writes what is stored. @throws what ended a row, or the writing */
  async finish(): Promise<void> {
    await Promise.all(this.#running);
    try {
      await this.#writer.finish();
    } catch (error) {
      this.#failure ??= { error };
    }
    if (this.#failure) throw this.#failure.error;
  }

  async #import(row: ReadRow): Promise<void> {
    const { ledger, deps, source } = this.#context;
    const value = 'values' in row ? row.values[source.image_column] : undefined;
    try {
      if ('error' in row) throw row.error;
      const scene = await this.#store(row, value);
      if (scene) await this.#writer.add(scene);
    } catch (error) {
      if (!(error instanceof RowError)) throw error;
      const failed = { index: row.index, reason: error.reason, message: error.message, image: imageReference(value) };
      ledger.settle(row.index, { failed });
      deps.log.warn('row failed', failed);
    }
  }

  /** Stores the row's image, unless the same bytes are there already; its scene, unless that must stay as it is. */
  async #store(row: SourceRow, value: unknown): Promise<SceneRecord | undefined> {
    const { source, deps } = this.#context;
    const image = toRowImage(value, { repo: source.repo, revision: source.revision });
    // Nobody knows the size of a linked image before it is there: it is fetched when there is room.
    while (image.kind !== 'bytes' && this.#bytes > MAX_BYTES) await new Promise<void>((go) => this.#waiting.push(go));
    const bytes = await deps.loadImage(image);
    this.#bytes += bytes.byteLength;
    try {
      return await this.#storeBytes(row, bytes, imageReference(value));
    } finally {
      this.#bytes -= bytes.byteLength;
      for (const go of this.#waiting.splice(0)) go();
    }
  }

  async #storeBytes(row: SourceRow, bytes: Uint8Array, path: string | null): Promise<SceneRecord | undefined> {
    const { source, existing, ledger, deps } = this.#context;
    const id = sceneId({ datasetId: source.dataset_id, ...source, index: row.index });
    const info = await deps.inspectImage(bytes);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const key = originalKey(id, info.extension);
    const scene = existing.get(id);
    const isThere = scene?.sha256 === sha256 && scene.originalKey === key && source.on_existing === 'skip';
    if (scene && scene.sha256 !== sha256 && !(await deps.scenes.beginReplacing(id))) {
      ledger.settle(row.index, { skipped: 'reviewed' });
      return undefined;
    }
    if (!isThere) {
      await deps.images.put({ key, body: bytes, contentType: info.contentType, sha256 });
      ledger.addTraffic({ stored: bytes.byteLength });
    }
    this.#stored += 1;
    if (this.#stored % LOG_EVERY === 0) deps.log.info('progress', { images: this.#stored, row: row.index });

    const { [source.image_column]: _image, ...metadata } = row.values;
    const provenance: SceneProvenance = {
      job_id: source.job_id,
      source: {
        repo: source.repo,
        revision: source.revision,
        config: source.config,
        split: source.split,
        image_column: source.image_column,
        path,
      },
      image: { sha256, bytes: bytes.byteLength, content_type: info.contentType },
    };
    const { attrs } = toJsonObject(metadata);
    return {
      id,
      dataset_id: source.dataset_id,
      source: `hf://datasets/${source.repo}`,
      hf_index: row.index,
      r2_key_original: key,
      width: info.width,
      height: info.height,
      attrs: { ...attrs, _modomo: provenance },
    };
  }
}
