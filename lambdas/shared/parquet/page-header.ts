import type { PageHeader } from 'hyparquet';
import { parquetHeader } from 'hyparquet/src/column.js';
import type { ByteCursor } from './byte-cursor.ts';
import { CorruptDataError } from './corrupt-data-error.ts';
import { thriftStructLength } from './thrift-walk.ts';

/** First guess, and further ones: some writers keep whole values as statistics in a page's header. */
const HEADER_GUESSES = [256, 16 * 1024, 1024 * 1024, 16 * 1024 * 1024];

/** Values that one page may claim: far above any real page, and low enough to allocate a byte or four for each. */
const MAX_PAGE_VALUES = 1 << 25;

/** A page header whose numbers have been held against the bytes and values that are left of the chunk. */
export type CheckedHeader = PageHeader & { readonly values: number };

/**
 * Consumes the page header that `cursor` stands before; its page follows.
 * @param valuesLeft values that the chunk still has to give.
 * @throws {CorruptDataError} when the header is none, or claims more than is left.
 */
export async function readPageHeader(cursor: ByteCursor, valuesLeft: number): Promise<CheckedHeader> {
  for (const guess of HEADER_GUESSES) {
    const bytes = await cursor.peek(guess);
    const length = thriftStructLength(bytes);
    if (length !== undefined) {
      await cursor.skip(length);
      return check(parse(bytes.subarray(0, length)), cursor.remaining, valuesLeft);
    }
    if (bytes.length < guess) throw new CorruptDataError('a page header is cut');
  }
  throw new CorruptDataError('a page header is longer than 16 MB');
}

function parse(bytes: Uint8Array): PageHeader {
  try {
    return parquetHeader({ view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), offset: 0 });
  } catch (error) {
    throw new CorruptDataError('a page header cannot be parsed', { cause: error });
  }
}

function check(header: PageHeader, bytesLeft: number, valuesLeft: number): CheckedHeader {
  const { type, compressed_page_size: compressed, uncompressed_page_size: uncompressed } = header;
  if (!isCount(compressed, bytesLeft)) {
    throw new CorruptDataError(`a page claims ${compressed} bytes where ${bytesLeft} are left`);
  }
  if (!isCount(uncompressed, 2 ** 31)) throw new CorruptDataError(`a page claims ${uncompressed} bytes uncompressed`);
  const v2 = header.data_page_header_v2;
  const detail = {
    DATA_PAGE: header.data_page_header,
    DATA_PAGE_V2: v2,
    DICTIONARY_PAGE: header.dictionary_page_header,
  };
  if (type === 'INDEX_PAGE') return { ...header, values: 0 };
  const values = detail[type]?.num_values;
  const limit = type === 'DICTIONARY_PAGE' ? MAX_PAGE_VALUES : Math.min(MAX_PAGE_VALUES, valuesLeft);
  if (values === undefined || !isCount(values, limit)) {
    throw new CorruptDataError(`a page of type ${type} claims ${values} values where ${limit} are possible`);
  }
  if (v2 && !(isCount(v2.num_nulls, values) && isCount(v2.num_rows, values))) {
    throw new CorruptDataError(`a page of ${values} values claims ${v2.num_rows} rows and ${v2.num_nulls} nulls`);
  }
  return { ...header, values };
}

function isCount(value: number | undefined, limit: number): boolean {
  return value !== undefined && Number.isInteger(value) && value >= 0 && value <= limit;
}
