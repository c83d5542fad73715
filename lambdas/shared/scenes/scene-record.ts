/** A value that `JSON.stringify` and Postgres `jsonb` take unchanged. */
export type JsonValue = null | boolean | number | string | JsonValue[] | { [key: string]: JsonValue };
export type JsonObject = { [key: string]: JsonValue };

/** What the import writes of a scene, under the names of its columns. */
export interface SceneRecord {
  readonly id: string;
  readonly dataset_id: string;
  /** `hf://datasets/{repo}`: where the row came from. */
  readonly source: string;
  readonly hf_index: number;
  readonly r2_key_original: string;
  /** Pixels after EXIF orientation. */
  readonly width: number;
  readonly height: number;
  /** The row's metadata at the top; ours under `_modomo` (see `SceneProvenance`). */
  readonly attrs: JsonObject;
}

/** `attrs._modomo` as the import writes it. */
export type SceneProvenance = {
  job_id: string;
  source: {
    repo: string;
    revision: string;
    config: string;
    split: string;
    image_column: string;
    path: string | null;
  };
  image: { sha256: string; bytes: number; content_type: string };
};

/** What is known of a scene that exists already. */
export interface SceneState {
  readonly id: string;
  /** `attrs._modomo.job_id`, the job that wrote it last. */
  readonly jobId: string | null;
  /** `attrs._modomo.source.revision` */
  readonly revision: string | null;
  /** `attrs._modomo.source.image_column` */
  readonly imageColumn: string | null;
  /** `attrs._modomo.image.sha256`, lower-case hex */
  readonly sha256: string | null;
  readonly originalKey: string;
  /** A person has decided about it: it keeps its image and all its objects. */
  readonly reviewed: boolean;
}

/** What became of one scene that was handed to the database. */
export type SceneOutcome =
  | { readonly id: string; readonly outcome: 'inserted' | 'updated' | 'reviewed' }
  | { readonly id: string; readonly outcome: 'rejected'; readonly message: string };

/** The database as the import sees it. */
export interface SceneStore {
  /** `false` when no row of `datasets` has this id. */
  datasetExists(datasetId: string): Promise<boolean>;
  /** Those of `ids` that exist; up to some thousand ids. */
  findScenes(ids: readonly string[]): Promise<ReadonlyMap<string, SceneState>>;
  /**
   * To be called before the bytes of a scene's image are replaced: until `importScenes` says otherwise, the scene is at
   * no revision, so that a job that dies in between leaves it to the next one. `false` when a person has reviewed it.
   */
  beginReplacing(id: string): Promise<boolean>;
  /**
   * Writes scenes in one call, a subtransaction each: one that Postgres refuses is `rejected` alone. Outcomes come in
   * the order of `scenes`. @throws {TransientError} @throws {ThrottledError} when the call as a whole failed; calling
   * again is safe.
   */
  importScenes(scenes: readonly SceneRecord[]): Promise<readonly SceneOutcome[]>;
}
