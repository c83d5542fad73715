import { BadInputError } from '../errors.ts';
import type { RunBucket } from '../storage/object-store.ts';
import { sourceKey } from '../storage/run-keys.ts';

/** What a job imports, settled once by ResolveDataset and read by every later step (`source.json`). */
export interface ImportSource {
  readonly job_id: string;
  readonly dataset_id: string;
  /** `namespace/name`, as the Hub spells it. */
  readonly repo: string;
  /** The commit that the job is pinned to. */
  readonly revision: string;
  readonly config: string;
  readonly split: string;
  /** `parquet`: `files.jsonl` lists the files. `rows`: `rows.jsonl` lists the rows of an image folder. */
  readonly kind: 'parquet' | 'rows';
  readonly image_column: string;
  /** Lines and bytes of that list. */
  readonly list_lines: number;
  readonly list_bytes: number;
  readonly on_existing: 'skip' | 'refresh';
  /** Only so many rows, from the first. */
  readonly max_images?: number;
}

/** One line of `files.jsonl`: a parquet file at the commit that it is read from. */
export interface SourceFile {
  readonly repo: string;
  /** The job's revision, or the commit of the converted branch. */
  readonly revision: string;
  readonly path: string;
}

/** One line of `rows.jsonl`: a row of an image folder. */
export interface SourceFolderRow {
  /** Path of the image in the repository; `null` where the metadata names none. */
  readonly path: string | null;
  readonly size_bytes: number;
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** @throws {BadInputError} when the job has no `source.json`, because it expired or ResolveDataset never ran. */
export async function loadSource(runs: RunBucket, jobId: string): Promise<ImportSource> {
  const text = await runs.getText(sourceKey(jobId));
  if (text === undefined) throw new BadInputError(`job ${jobId} has no source.json in the run bucket`);
  return JSON.parse(text) as ImportSource;
}
