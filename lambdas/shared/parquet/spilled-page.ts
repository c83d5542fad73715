import { crc32 } from 'node:zlib';
import type { CompressionCodec } from 'hyparquet';
import { messageOf } from '../errors.ts';
import type { ByteCursor } from './byte-cursor.ts';
import { CorruptDataError } from './corrupt-data-error.ts';
import { countNulls, decodeLevels, type PageData } from './decode-page.ts';
import { decodeValues, deltaLengths } from './decode-values.ts';
import { decompressToFile } from './decompress-to-file.ts';
import type { CheckedHeader } from './page-header.ts';
import type { Leaf } from './schema-leaves.ts';
import { ScratchFile } from './scratch-file.ts';
import { findPlainBytes, SpilledValues } from './spilled-values.ts';
import type { ValueList } from './value-list.ts';

/** What must be in memory at once even of a page that is too large for it: levels, lengths, indices. */
const MAX_PART_BYTES = 128 * 1024 * 1024;

export interface SpilledDictionary extends AsyncDisposable {
  readonly values: ValueList;
}

export interface SpilledDataPage extends AsyncDisposable {
  readonly data: PageData;
}

/** Reads a dictionary page that is too large for memory. Errors as for `spillDataPage`. */
export async function spillDictionaryPage(
  header: CheckedHeader,
  cursor: ByteCursor,
  leaf: Leaf,
  codec: CompressionCodec,
  dir: string,
): Promise<SpilledDictionary> {
  return spill(
    header,
    cursor,
    header.compressed_page_size,
    header.uncompressed_page_size,
    codec,
    dir,
    async (file) => ({
      values: await valuesIn(file, 0, 'PLAIN', leaf, header.values, undefined),
    }),
  );
}

/**
 * Reads a data page that is too large for memory: its bytes go to a file, its checksum is verified, and values come
 * back one by one.
 * @throws {CorruptDataError} when the page is corrupt, or cannot be read in parts; and what the source throws.
 */
export async function spillDataPage(
  header: CheckedHeader,
  cursor: ByteCursor,
  leaf: Leaf,
  codec: CompressionCodec,
  dir: string,
  dictionary: ValueList | undefined,
): Promise<SpilledDataPage> {
  const v2 = header.data_page_header_v2;
  const encoding = (v2 ?? header.data_page_header)?.encoding;
  if (!encoding) throw new CorruptDataError('a data page without its header');
  const before = v2 ? v2.repetition_levels_byte_length + v2.definition_levels_byte_length : 0;
  if (
    !(before >= 0 && before <= Math.min(MAX_PART_BYTES, header.compressed_page_size, header.uncompressed_page_size))
  ) {
    throw new CorruptDataError(`levels of ${before} bytes`);
  }
  const levelBytes = await cursor.read(before);
  const compressed = header.compressed_page_size - before;
  const size = header.uncompressed_page_size - before;
  const usedCodec = v2?.is_compressed === false ? 'UNCOMPRESSED' : codec;
  const seed = crc32(levelBytes);
  const read = async (file: ScratchFile): Promise<{ data: PageData }> => {
    const levels = v2
      ? { ...levelsV2(levelBytes, v2.repetition_levels_byte_length, leaf, header.values), end: 0 }
      : await levelsV1(file, leaf, header);
    const { definitions, nulls } = countNulls(levels.definitions, leaf.maxDefinition);
    const values = await valuesIn(file, levels.end, encoding, leaf, header.values - nulls, dictionary);
    return { data: { length: header.values, repetitions: levels.repetitions, definitions, values } };
  };
  return spill(header, cursor, compressed, size, usedCodec, dir, read, seed);
}

/** Decompresses to a file, and closes the file when what it holds turns out to be broken. */
async function spill<T extends object>(
  header: CheckedHeader,
  cursor: ByteCursor,
  compressedBytes: number,
  size: number,
  codec: CompressionCodec,
  dir: string,
  read: (file: ScratchFile) => Promise<T>,
  crcSeed = 0,
): Promise<T & AsyncDisposable> {
  const file = await ScratchFile.create(dir, size);
  try {
    let crc = crcSeed;
    async function* chunks(): AsyncGenerator<Uint8Array> {
      for await (const chunk of cursor.stream(compressedBytes)) {
        if (header.crc !== undefined) crc = crc32(chunk, crc);
        yield chunk;
      }
    }
    await decompressToFile(codec, chunks(), compressedBytes, file);
    if (file.size !== size) throw new CorruptDataError(`${codec} gives ${file.size} bytes instead of ${size}`);
    if (header.crc !== undefined && crc !== header.crc >>> 0) throw new CorruptDataError('its checksum is wrong');
    const result = await read(file);
    return Object.assign(result, { [Symbol.asyncDispose]: () => file[Symbol.asyncDispose]() });
  } catch (error) {
    await file[Symbol.asyncDispose]();
    throw error;
  }
}

interface Levels {
  readonly repetitions: Uint8Array | undefined;
  readonly definitions: Uint8Array | undefined;
}

function levelsV2(bytes: Uint8Array, repetitionBytes: number, leaf: Leaf, count: number): Levels {
  const { maxRepetition, maxDefinition } = leaf;
  return {
    repetitions: maxRepetition ? decodeLevels(bytes.subarray(0, repetitionBytes), maxRepetition, count) : undefined,
    definitions: maxDefinition ? decodeLevels(bytes.subarray(repetitionBytes), maxDefinition, count) : undefined,
  };
}

async function levelsV1(file: ScratchFile, leaf: Leaf, header: CheckedHeader): Promise<Levels & { end: number }> {
  let end = 0;
  const next = async (max: number): Promise<Uint8Array | undefined> => {
    if (max === 0) return undefined;
    const length = new DataView((await file.read(end, end + 4)).buffer).getUint32(0, true);
    if (length > MAX_PART_BYTES) throw new CorruptDataError(`levels of ${length} bytes`);
    const bytes = await file.read(end + 4, end + 4 + length);
    end += 4 + length;
    return decodeLevels(bytes, max, header.values);
  };
  const repetitions = await next(leaf.maxRepetition);
  const definitions = await next(leaf.maxDefinition);
  return { repetitions, definitions, end };
}

async function valuesIn(
  file: ScratchFile,
  start: number,
  encoding: Parameters<typeof decodeValues>[1],
  leaf: Leaf,
  count: number,
  dictionary: ValueList | undefined,
): Promise<ValueList> {
  const size = file.size - start;
  if (encoding === 'PLAIN' && leaf.element.type === 'BYTE_ARRAY') {
    const { starts, ends } = await findPlainBytes(file, start, count);
    return new SpilledValues(file, starts, ends);
  }
  if (encoding === 'DELTA_LENGTH_BYTE_ARRAY') {
    const head = await file.read(start, Math.min(file.size, start + MAX_PART_BYTES / 8));
    const { starts, ends } = decoded(() => deltaLengths(head, count, size));
    return new SpilledValues(
      file,
      starts.map((at) => at + start),
      ends.map((at) => at + start),
    );
  }
  if (size > MAX_PART_BYTES) throw new CorruptDataError(`a page of ${size} bytes in encoding ${encoding} is too large`);
  const bytes = await file.read(start, file.size);
  return decoded(() => decodeValues(bytes, encoding, leaf.element, count, dictionary));
}

function decoded<T>(decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    throw new CorruptDataError(messageOf(error), { cause: error });
  }
}
