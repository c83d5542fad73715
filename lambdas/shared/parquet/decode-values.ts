import type { Encoding, SchemaElement } from 'hyparquet';
import { deltaBinaryUnpack } from 'hyparquet/src/delta.js';
import { byteStreamSplit } from 'hyparquet/src/encoding.js';
import { readPlain } from 'hyparquet/src/plain.js';
import { readVarInt } from 'hyparquet/src/thrift.js';
import { CorruptDataError } from './corrupt-data-error.ts';
import { decodeHybrid } from './hybrid-runs.ts';
import { BytesValues, DictionaryValues, NumberValues, type ValueList } from './value-list.ts';

/** DELTA_BYTE_ARRAY shares prefixes, so a small page could unfold to anything. */
const MAX_UNFOLDED_BYTES = 128 * 1024 * 1024;

/**
 * The `count` values of a page, given its bytes after the levels. Nothing is allocated that the bytes could not hold.
 * @throws {Error} of any kind when the bytes do not hold that many values in that encoding.
 */
export function decodeValues(
  bytes: Uint8Array,
  encoding: Encoding,
  element: SchemaElement,
  count: number,
  dictionary: ValueList | undefined,
): ValueList {
  switch (encoding) {
    case 'PLAIN':
      return decodePlain(bytes, element, count);
    case 'PLAIN_DICTIONARY':
    case 'RLE_DICTIONARY':
      if (!dictionary) throw new CorruptDataError('its dictionary page is missing or unreadable');
      return new DictionaryValues(dictionary, dictionaryIndices(bytes, count));
    case 'RLE':
      return rleBooleans(bytes, element, count);
    case 'DELTA_BINARY_PACKED':
      return new NumberValues(deltaNumbers(readerOf(bytes), count, element.type === 'INT32'));
    case 'DELTA_LENGTH_BYTE_ARRAY':
      return deltaLengthBytes(bytes, count);
    case 'DELTA_BYTE_ARRAY':
      return deltaBytes(bytes, count);
    case 'BYTE_STREAM_SPLIT':
      return splitStreams(bytes, element, count);
    default:
      throw new CorruptDataError(`unknown encoding ${encoding}`);
  }
}

/** Values in PLAIN encoding, which fill the bytes exactly. */
export function decodePlain(bytes: Uint8Array, element: SchemaElement, count: number): ValueList {
  if (element.type === 'BYTE_ARRAY') return plainBytes(bytes, count);
  const size = plainSize(element, count);
  if (size !== bytes.length) throw new CorruptDataError(`${count} values in ${bytes.length} bytes instead of ${size}`);
  if (element.type === 'FIXED_LEN_BYTE_ARRAY') return fixedBytes(bytes, element.type_length ?? 0, count);
  if (!element.type) throw new CorruptDataError('a column without a type');
  return numbers(readPlain(readerOf(bytes), element.type, count, undefined));
}

/** Bytes of `count` values of a type of fixed size. */
function plainSize({ type, type_length: length }: SchemaElement, count: number): number {
  if (type === 'BOOLEAN') return Math.ceil(count / 8);
  return count * fixedWidth(type, length);
}

function fixedWidth(type: SchemaElement['type'], length: number | undefined): number {
  switch (type) {
    case 'INT32':
    case 'FLOAT':
      return 4;
    case 'INT64':
    case 'DOUBLE':
      return 8;
    case 'INT96':
      return 12;
    default:
      if (!length || length < 0) throw new CorruptDataError(`type ${type} of length ${length}`);
      return length;
  }
}

function plainBytes(bytes: Uint8Array, count: number): BytesValues {
  if (count * 4 > bytes.length) throw new CorruptDataError(`${count} byte arrays in ${bytes.length} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const starts = new Uint32Array(count);
  const ends = new Uint32Array(count);
  let offset = 0;
  for (let i = 0; i < count; i++) {
    starts[i] = offset + 4;
    offset += 4 + view.getUint32(offset, true);
    ends[i] = offset;
  }
  if (offset !== bytes.length)
    throw new CorruptDataError(`byte arrays of ${offset} bytes in a page of ${bytes.length}`);
  return new BytesValues(bytes, starts, ends);
}

function fixedBytes(bytes: Uint8Array, width: number, count: number): BytesValues {
  const starts = Uint32Array.from({ length: count }, (_, i) => i * width);
  return new BytesValues(
    bytes,
    starts,
    starts.map((start) => start + width),
  );
}

function dictionaryIndices(bytes: Uint8Array, count: number): Int32Array {
  const indices = new Int32Array(count);
  const bitWidth = bytes[0] ?? 0;
  if (count > 0 && bitWidth > 0) decodeHybrid(bytes.subarray(1), bitWidth, indices);
  return indices;
}

function rleBooleans(bytes: Uint8Array, { type }: SchemaElement, count: number): ValueList {
  if (type !== 'BOOLEAN') throw new CorruptDataError(`encoding RLE of type ${type}`);
  const bits = new Uint8Array(count);
  if (count > 0) {
    const length = readerOf(bytes).view.getUint32(0, true);
    decodeHybrid(bytes.subarray(4, 4 + length), 1, bits);
  }
  return new NumberValues(Array.from(bits, (bit) => bit === 1));
}

type Reader = ReturnType<typeof readerOf>;

function deltaNumbers(reader: Reader, count: number, int32: true): Int32Array;
function deltaNumbers(reader: Reader, count: number, int32: boolean): Int32Array | BigInt64Array;
function deltaNumbers(reader: Reader, count: number, int32: boolean): Int32Array | BigInt64Array {
  const start = reader.offset;
  const blockSize = readVarInt(reader);
  const miniblocks = readVarInt(reader);
  const total = readVarInt(reader);
  if (total !== count || miniblocks <= 0 || blockSize < miniblocks || blockSize > 1 << 20) {
    throw new CorruptDataError(`delta blocks of ${blockSize} in ${miniblocks} parts for ${total} values, not ${count}`);
  }
  reader.offset = start;
  const values = int32 ? new Int32Array(count) : new BigInt64Array(count);
  deltaBinaryUnpack(reader, count, values);
  return values;
}

function deltaLengthBytes(bytes: Uint8Array, count: number): BytesValues {
  const { starts, ends } = deltaLengths(bytes, count, bytes.length);
  return new BytesValues(bytes, starts, ends);
}

/**
 * Where the values of a DELTA_LENGTH_BYTE_ARRAY page lie in it.
 * @param bytes the page, or as much of its start as its lengths take. @param size of the whole page.
 */
export function deltaLengths(
  bytes: Uint8Array,
  count: number,
  size: number,
): { starts: Uint32Array; ends: Uint32Array } {
  const reader = readerOf(bytes);
  const lengths = deltaNumbers(reader, count, true);
  const starts = new Uint32Array(count);
  const ends = new Uint32Array(count);
  let offset = reader.offset;
  for (const [i, length] of lengths.entries()) {
    if (length < 0 || length > size - offset) throw new CorruptDataError(`a value of ${length} bytes`);
    starts[i] = offset;
    offset += length;
    ends[i] = offset;
  }
  return { starts, ends };
}

function deltaBytes(bytes: Uint8Array, count: number): BytesValues {
  const reader = readerOf(bytes);
  const prefixes = deltaNumbers(reader, count, true);
  const suffixes = deltaNumbers(reader, count, true);
  let total = 0;
  for (let i = 0; i < count; i++) total += (prefixes[i] ?? 0) + (suffixes[i] ?? 0);
  if (!(total <= MAX_UNFOLDED_BYTES)) throw new CorruptDataError(`values unfold to ${total} bytes`);
  const unfolded = Buffer.allocUnsafeSlow(Math.max(0, total));
  const starts = new Uint32Array(count);
  const ends = new Uint32Array(count);
  let from = reader.offset;
  let start = 0;
  let previous = 0;
  for (let i = 0; i < count; i++) {
    const prefix = prefixes[i] ?? 0;
    const suffix = suffixes[i] ?? 0;
    if (prefix < 0 || prefix > start - previous || suffix < 0 || suffix > bytes.length - from) {
      throw new CorruptDataError(`a value of ${prefix} + ${suffix} bytes`);
    }
    unfolded.copyWithin(start, previous, previous + prefix);
    unfolded.set(bytes.subarray(from, from + suffix), start + prefix);
    from += suffix;
    previous = start;
    starts[i] = start;
    start += prefix + suffix;
    ends[i] = start;
  }
  return new BytesValues(unfolded, starts, ends);
}

function splitStreams(bytes: Uint8Array, element: SchemaElement, count: number): ValueList {
  const width = fixedWidth(element.type, element.type_length);
  if (!element.type || count * width > bytes.length) {
    throw new CorruptDataError(`${count} values of ${width} bytes in ${bytes.length} bytes`);
  }
  const values = byteStreamSplit(readerOf(bytes), count, element.type, element.type_length);
  if (element.type !== 'FIXED_LEN_BYTE_ARRAY') return numbers(values);
  return fixedBytes(Buffer.concat(Array.from(values)), width, count);
}

function numbers(values: ReturnType<typeof readPlain>): NumberValues {
  return new NumberValues(values);
}

function readerOf(bytes: Uint8Array): { view: DataView; offset: number } {
  return { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), offset: 0 };
}
