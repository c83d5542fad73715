import { readOffsetIndex } from 'hyparquet';
import { CorruptDataError } from './corrupt-data-error.ts';
import type { ChunkLayout } from './file-layout.ts';
import { thriftStructLength } from './thrift-walk.ts';

/** Where one data page lies, and which rows of its row group begin in it. */
export interface IndexedPage {
  readonly start: number;
  /** Its header included. */
  readonly end: number;
  readonly firstRow: number;
  readonly endRow: number;
}

/**
 * Decodes an offset index and holds it against its chunk.
 * @param rows of the row group.
 * @throws {CorruptDataError} when it does not describe the chunk.
 */
export function decodeOffsetIndex(bytes: Uint8Array, chunk: ChunkLayout, rows: number): IndexedPage[] {
  if (thriftStructLength(bytes) === undefined) throw new CorruptDataError('the offset index is cut');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const locations = readLocations(view);
  const pages = locations.map(({ offset, compressed_page_size: size, first_row_index: firstRow }, i) => ({
    start: Number(offset),
    end: Number(offset) + size,
    firstRow: Number(firstRow),
    endRow: Number(locations[i + 1]?.first_row_index ?? rows),
  }));
  let [at] = chunk.range;
  let row = 0;
  for (const page of pages) {
    if (!(page.start >= at && page.end > page.start && page.firstRow === row && page.endRow >= row)) {
      throw new CorruptDataError(`the offset index has a page at bytes ${page.start} to ${page.end}`);
    }
    at = page.end;
    row = page.endRow;
  }
  if (at > chunk.range[1] || row !== rows) throw new CorruptDataError(`the offset index ends at row ${row} of ${rows}`);
  return pages;
}

function readLocations(view: DataView): ReturnType<typeof readOffsetIndex>['page_locations'] {
  try {
    return readOffsetIndex({ view, offset: 0 }).page_locations;
  } catch (error) {
    throw new CorruptDataError('the offset index cannot be parsed', { cause: error });
  }
}
