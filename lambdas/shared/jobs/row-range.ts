import { z } from 'zod';
import { BadInputError } from '../errors.ts';

const Slice = z.tuple([z.int(), z.int()]);

const RowRangeSchema = z.object({
  /** Position in the manifest, from 0. */
  range: z.int().nonnegative(),
  /** Dataset-wide, from 0. */
  first_row: z.int().nonnegative(),
  /** Inclusive. */
  last_row: z.int().nonnegative(),
  /** Rows of a chunk when the range is taken apart: the square root, so that chunks and rows of a chunk are both few. */
  chunk_rows: z.int().positive(),
  /** Bytes of images in the range, as far as the footers or the listing tell. */
  image_bytes: z.int().nonnegative(),
  from: z.discriminatedUnion('kind', [
    z.object({
      kind: z.literal('parquet'),
      file: z.object({ repo: z.string(), revision: z.string(), path: z.string() }),
      layout_key: z.string(),
      /** Byte ranges `[start, end)` in the layout object: the schema, and the row groups that hold the range. */
      schema: Slice,
      row_groups: Slice,
      /** Dataset-wide index of the first of those row groups' first row. */
      first_group_row: z.int().nonnegative(),
    }),
    /** Lines `[start, end)` in bytes of `rows.jsonl`. */
    z.object({ kind: z.literal('rows'), lines: Slice }),
  ]),
});

/** One line of the manifest: the rows that one child execution imports. */
export type RowRange = z.infer<typeof RowRangeSchema>;

const RangeEvent = z.object({
  job_id: z.string().min(1),
  dataset_id: z.string().min(1),
  range: RowRangeSchema,
  /** Only these rows of the range, when it is taken apart. */
  piece: z.object({ first_row: z.int().nonnegative(), rows: z.int().positive() }).optional(),
  /** What the last invocation for these rows answered. */
  progress: z.object({ next_row: z.int(), stalls: z.int() }).optional(),
  /** What Step Functions caught. */
  error: z.object({ Error: z.string().optional(), Cause: z.string().optional() }).optional(),
  /** There when the range was taken apart. */
  isolation: z.unknown().optional(),
});

/** The payload of ImportRange and RecordRange. */
export type RangeEvent = z.infer<typeof RangeEvent>;

/** @throws {BadInputError} when a state machine of another version calls. */
export function parseRangeEvent(event: unknown): RangeEvent {
  const parsed = RangeEvent.safeParse(event);
  if (parsed.success) return parsed.data;
  throw new BadInputError(`the payload of the range is wrong: ${z.prettifyError(parsed.error).replaceAll('\n', ' ')}`);
}

/** First and last row of an event, both inclusive; the last is below the first when the piece lies past the range. */
export function rowsOf({ range, piece }: RangeEvent): { first: number; last: number } {
  if (!piece) return { first: range.first_row, last: range.last_row };
  return { first: piece.first_row, last: Math.min(range.last_row, piece.first_row + piece.rows - 1) };
}
