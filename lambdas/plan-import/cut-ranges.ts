/** A row group as the plan sees it. */
export interface PlannedGroup {
  readonly rows: number;
  /** Compressed bytes of the columns that are read. */
  readonly bytes: number;
  /** Whether a page index tells where each row lies, so that a part of the group is read by itself. */
  readonly isIndexed: boolean;
}

/** Consecutive rows of a file, from one or several row groups. */
export interface RowSpan {
  /** In the file, from 0. */
  readonly firstRow: number;
  readonly rows: number;
  readonly firstGroup: number;
  /** Inclusive. */
  readonly lastGroup: number;
  readonly bytes: number;
}

/** A range has so many rows at most, unless it is a row group that cannot be read in parts. */
export const MAX_RANGE_ROWS = 500;
/** A range has about so many bytes. */
export const RANGE_BYTES = 32 * 1024 * 1024;
/** What reading the same row group again for each of its ranges may cost, where it holds references and no images. */
const MAX_REREAD_BYTES = 64 * 1024 * 1024;

/**
 * Cuts a file's rows into fair units of work, in order. Small row groups are read together; a large one is cut evenly
 * where its page index tells where rows lie. Without an index a cut would fetch the group once a range, so that it
 * stays whole.
 * @param holdsImages whether the image column holds bytes, or only paths and URLs
 */
export function cutRanges(groups: readonly PlannedGroup[], holdsImages: boolean): RowSpan[] {
  const spans: RowSpan[] = [];
  let open: RowSpan | undefined;
  let firstRow = 0;
  for (const [position, group] of groups.entries()) {
    if (group.rows === 0) continue;
    const parts = partsOf(group, holdsImages);
    const isJoined: boolean =
      open !== undefined &&
      parts === 1 &&
      open.rows + group.rows <= MAX_RANGE_ROWS &&
      open.bytes + group.bytes <= RANGE_BYTES;
    if (open && isJoined) {
      open = { ...open, rows: open.rows + group.rows, lastGroup: position, bytes: open.bytes + group.bytes };
    } else {
      if (open) spans.push(open);
      const cut = cutEvenly(group, parts, { firstRow, position });
      open = cut.pop();
      spans.push(...cut);
    }
    firstRow += group.rows;
  }
  if (open) spans.push(open);
  return spans;
}

function partsOf(group: PlannedGroup, holdsImages: boolean): number {
  const fair = Math.min(
    group.rows,
    Math.max(Math.ceil(group.rows / MAX_RANGE_ROWS), Math.ceil(group.bytes / RANGE_BYTES)),
  );
  if (group.isIndexed) return fair;
  if (holdsImages) return 1;
  return Math.max(1, Math.min(fair, Math.floor(MAX_REREAD_BYTES / Math.max(1, group.bytes))));
}

function cutEvenly(group: PlannedGroup, parts: number, at: { firstRow: number; position: number }): RowSpan[] {
  return Array.from({ length: parts }, (_, part) => {
    const start = Math.floor((group.rows * part) / parts);
    const end = Math.floor((group.rows * (part + 1)) / parts);
    return {
      firstRow: at.firstRow + start,
      rows: end - start,
      firstGroup: at.position,
      lastGroup: at.position,
      bytes: Math.round((group.bytes * (end - start)) / group.rows),
    };
  });
}
