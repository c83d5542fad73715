/** A file whose footer cannot be read: how many rows it has is not known, so that it is told apart from failed rows. */
export interface UnreadableFile {
  readonly path: string;
  readonly message: string;
}

/** `plan.json`: the sum of the manifest. */
export interface ImportPlan {
  readonly job_id: string;
  readonly total_rows: number;
  readonly ranges: number;
  readonly image_bytes: number;
  /** Size of `manifest.jsonl`. */
  readonly manifest_bytes: number;
  readonly files: number;
  readonly unreadable_files: readonly UnreadableFile[];
}
