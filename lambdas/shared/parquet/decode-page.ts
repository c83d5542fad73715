import { crc32 } from 'node:zlib';
import type { CompressionCodec } from 'hyparquet';
import { CorruptDataError } from './corrupt-data-error.ts';
import { decodePlain, decodeValues } from './decode-values.ts';
import { decompress } from './decompress.ts';
import { decodeHybrid } from './hybrid-runs.ts';
import type { CheckedHeader } from './page-header.ts';
import type { Leaf } from './schema-leaves.ts';
import type { ValueList } from './value-list.ts';

/** A data page in Dremel form. `undefined` levels: all repetitions are 0, all definitions the maximum. */
export interface PageData {
  /** Triplets of repetition level, definition level and value. */
  readonly length: number;
  readonly repetitions: Uint8Array | undefined;
  readonly definitions: Uint8Array | undefined;
  readonly values: ValueList;
}

/** @throws {CorruptDataError} when the header has a checksum and these bytes have another. */
export function checkCrc(header: CheckedHeader, bytes: Uint8Array, seed = 0): void {
  if (header.crc !== undefined && crc32(bytes, seed) !== header.crc >>> 0) {
    throw new CorruptDataError('its checksum is wrong');
  }
}

/** @throws {Error} of any kind when the page is corrupt. */
export function decodeDictionaryPage(
  header: CheckedHeader,
  bytes: Uint8Array,
  leaf: Leaf,
  codec: CompressionCodec,
): ValueList {
  checkCrc(header, bytes);
  return decodePlain(decompress(codec, bytes, header.uncompressed_page_size), leaf.element, header.values);
}

/**
 * @param bytes the page as it is in the file, without its header.
 * @throws {Error} of any kind when the page is corrupt.
 */
export function decodeDataPage(
  header: CheckedHeader,
  bytes: Uint8Array,
  leaf: Leaf,
  codec: CompressionCodec,
  dictionary: ValueList | undefined,
): PageData {
  checkCrc(header, bytes);
  const page =
    header.type === 'DATA_PAGE_V2' ? splitV2(header, bytes, leaf, codec) : splitV1(header, bytes, leaf, codec);
  const { definitions, nulls } = countNulls(page.definitions, leaf.maxDefinition);
  const count = header.values - nulls;
  return {
    length: header.values,
    repetitions: page.repetitions,
    definitions,
    values: decodeValues(page.values, page.encoding, leaf.element, count, dictionary),
  };
}

export interface SplitPage {
  readonly repetitions: Uint8Array | undefined;
  readonly definitions: Uint8Array | undefined;
  readonly values: Uint8Array;
  readonly encoding: Parameters<typeof decodeValues>[1];
}

function splitV1(header: CheckedHeader, bytes: Uint8Array, leaf: Leaf, codec: CompressionCodec): SplitPage {
  const detail = header.data_page_header;
  if (!detail) throw new CorruptDataError('a data page without its header');
  const page = decompress(codec, bytes, header.uncompressed_page_size);
  const view = new DataView(page.buffer, page.byteOffset, page.byteLength);
  let offset = 0;
  const levels = (max: number, encoding: string): Uint8Array | undefined => {
    if (max === 0) return undefined;
    if (encoding !== 'RLE') throw new CorruptDataError(`levels in encoding ${encoding}`);
    const length = view.getUint32(offset, true);
    if (length > page.length - offset - 4) throw new CorruptDataError(`levels of ${length} bytes`);
    offset += 4 + length;
    return decodeLevels(page.subarray(offset - length, offset), max, header.values);
  };
  const repetitions = levels(leaf.maxRepetition, detail.repetition_level_encoding);
  const definitions = levels(leaf.maxDefinition, detail.definition_level_encoding);
  return { repetitions, definitions, values: page.subarray(offset), encoding: detail.encoding };
}

function splitV2(header: CheckedHeader, bytes: Uint8Array, leaf: Leaf, codec: CompressionCodec): SplitPage {
  const detail = header.data_page_header_v2;
  if (!detail) throw new CorruptDataError('a data page without its header');
  const { repetition_levels_byte_length: repetitionBytes, definition_levels_byte_length: definitionBytes } = detail;
  const levelBytes = repetitionBytes + definitionBytes;
  if (!(repetitionBytes >= 0 && definitionBytes >= 0 && levelBytes <= bytes.length)) {
    throw new CorruptDataError(`levels of ${repetitionBytes} and ${definitionBytes} bytes`);
  }
  const size = header.uncompressed_page_size - levelBytes;
  if (size < 0) throw new CorruptDataError(`a page of ${header.uncompressed_page_size} bytes`);
  const compressed = bytes.subarray(levelBytes);
  const { maxRepetition, maxDefinition } = leaf;
  return {
    repetitions: maxRepetition
      ? decodeLevels(bytes.subarray(0, repetitionBytes), maxRepetition, header.values)
      : undefined,
    definitions: maxDefinition
      ? decodeLevels(bytes.subarray(repetitionBytes, levelBytes), maxDefinition, header.values)
      : undefined,
    values: decompress(detail.is_compressed === false ? 'UNCOMPRESSED' : codec, compressed, size),
    encoding: detail.encoding,
  };
}

export function decodeLevels(bytes: Uint8Array, max: number, count: number): Uint8Array {
  const levels = new Uint8Array(count);
  decodeHybrid(bytes, 32 - Math.clz32(max), levels);
  for (const level of levels) if (level > max) throw new CorruptDataError(`level ${level} of ${max}`);
  return levels;
}

export function countNulls(
  definitions: Uint8Array | undefined,
  max: number,
): { definitions?: Uint8Array; nulls: number } {
  if (!definitions) return { nulls: 0 };
  let nulls = 0;
  for (const level of definitions) if (level !== max) nulls++;
  return nulls === 0 ? { nulls } : { definitions, nulls };
}
