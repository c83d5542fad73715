import type { Encoding } from 'hyparquet';
import { asCorrupt, CorruptDataError } from './corrupt-data-error.ts';
import { decodePlain, decodeValues } from './decode-values.ts';
import { decodeHybrid } from './hybrid-runs.ts';
import type { CheckedHeader } from './page-header.ts';
import type { Payload } from './read-payload.ts';
import type { Leaf } from './schema-leaves.ts';
import type { ValueList } from './value-list.ts';

/** The levels of a data page. `undefined`: all repetitions are 0, all definitions the maximum. */
export interface Levels {
  readonly repetitions: Uint8Array | undefined;
  readonly definitions: Uint8Array | undefined;
  /** Values that are there. */
  readonly count: number;
}

/** A data page in Dremel form. */
export interface PageData extends Levels {
  /** Triplets of repetition level, definition level and value. */
  readonly length: number;
  readonly values: ValueList;
}

/** @throws {CorruptDataError} */
export function decodeDictionaryPage(header: CheckedHeader, { body }: Payload, leaf: Leaf): ValueList {
  return asCorrupt(() => decodePlain(body, leaf.element, header.values));
}

/** @throws {CorruptDataError} */
export function decodeDataPage(
  header: CheckedHeader,
  payload: Payload,
  leaf: Leaf,
  dictionary: ValueList | undefined,
): PageData {
  return asCorrupt(() => {
    const { levels, end } = header.data_page_header_v2
      ? { levels: levelsV2(header, payload.levels, leaf), end: 0 }
      : levelsV1(header, payload.body, leaf);
    const values = decodeValues(
      payload.body.subarray(end),
      pageEncoding(header),
      leaf.element,
      levels.count,
      dictionary,
    );
    return { ...levels, length: header.values, values };
  });
}

/** Of the values. @throws {CorruptDataError} when it is no data page. */
export function pageEncoding(header: CheckedHeader): Encoding {
  const encoding = (header.data_page_header_v2 ?? header.data_page_header)?.encoding;
  if (!encoding) throw new CorruptDataError('a page has no encoding that is known');
  return encoding;
}

/** In version 2, levels precede what is compressed, and the header has their lengths. */
export function levelsV2(header: CheckedHeader, bytes: Uint8Array, leaf: Leaf): Levels {
  const split = header.data_page_header_v2?.repetition_levels_byte_length ?? 0;
  const { maxRepetition, maxDefinition } = leaf;
  return toLevels(
    leaf,
    header.values,
    maxRepetition ? decodeLevels(bytes.subarray(0, split), maxRepetition, header.values) : undefined,
    maxDefinition ? decodeLevels(bytes.subarray(split), maxDefinition, header.values) : undefined,
  );
}

/**
 * In version 1, each kind of levels is preceded by its length.
 * @param page as much of its start as the levels take. @returns where they end.
 */
export function levelsV1(header: CheckedHeader, page: Uint8Array, leaf: Leaf): { levels: Levels; end: number } {
  const view = new DataView(page.buffer, page.byteOffset, page.byteLength);
  let end = 0;
  const next = (max: number, encoding: Encoding | undefined): Uint8Array | undefined => {
    if (max === 0) return undefined;
    if (encoding !== 'RLE') throw new CorruptDataError(`its levels are in encoding ${encoding}`);
    const start = end + 4;
    end = start + view.getUint32(end, true);
    if (end > page.length) throw new CorruptDataError(`its levels take ${end - start} bytes`);
    return decodeLevels(page.subarray(start, end), max, header.values);
  };
  const detail = header.data_page_header;
  const repetitions = next(leaf.maxRepetition, detail?.repetition_level_encoding);
  const definitions = next(leaf.maxDefinition, detail?.definition_level_encoding);
  return { levels: toLevels(leaf, header.values, repetitions, definitions), end };
}

function decodeLevels(bytes: Uint8Array, max: number, count: number): Uint8Array {
  const levels = new Uint8Array(count);
  decodeHybrid(bytes, 32 - Math.clz32(max), levels);
  for (const level of levels) if (level > max) throw new CorruptDataError(`level ${level} of ${max}`);
  return levels;
}

function toLevels(
  { maxDefinition }: Leaf,
  length: number,
  repetitions: Uint8Array | undefined,
  definitions: Uint8Array | undefined,
): Levels {
  let count = length;
  for (const level of definitions ?? []) if (level !== maxDefinition) count--;
  return { repetitions, definitions: count === length ? undefined : definitions, count };
}
