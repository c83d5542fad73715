import type { SourceFile } from '../shared/jobs/import-source.ts';
import type { PlannedGroup } from './cut-ranges.ts';

/** What the plan needs of one file; kept beside its layout in the run bucket. */
export interface FilePlan {
  /** Position in `files.jsonl`, from 0. */
  readonly position: number;
  readonly file: SourceFile;
  /** Whether the image column holds bytes, or only paths and URLs. */
  readonly holds_images: boolean;
  /** Bytes `[start, end)` of the layout object that hold the schema. */
  readonly schema: [number, number];
  /** Row groups in order; `slice` is where the layout object holds each. */
  readonly groups: readonly (PlannedGroup & { readonly slice: [number, number] })[];
}
