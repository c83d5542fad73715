import { v5 as uuidV5 } from 'uuid';

/** The row of a dataset that a scene stands for; a newer revision of the same row is the same scene. */
export interface RowIdentity {
  readonly datasetId: string;
  readonly repo: string;
  readonly config: string;
  readonly split: string;
  /** Dataset-wide row index, from 0. */
  readonly index: number;
}

/** UUIDv5 (RFC 9562) of `repo/config/split/index` in the namespace of the dataset's id. */
export function sceneId(row: RowIdentity): string {
  return uuidV5(`${row.repo}/${row.config}/${row.split}/${row.index}`, row.datasetId);
}

/** Object key of a scene's original in the bucket. */
export function originalKey(id: string, extension: string): string {
  return `scenes/${id}/original.${extension}`;
}
