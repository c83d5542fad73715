import { crc32 } from 'node:zlib';
import type { CompressionCodec, Encoding } from 'hyparquet';
import type { ByteCursor } from './byte-cursor.ts';
import { asCorrupt, CorruptDataError } from './corrupt-data-error.ts';
import { levelsV1, levelsV2, type PageData, pageEncoding } from './decode-page.ts';
import { decodeValues, deltaLengths } from './decode-values.ts';
import { decompressToFile } from './decompress-to-file.ts';
import type { CheckedHeader } from './page-header.ts';
import { checkCrc, payloadSizes } from './read-payload.ts';
import type { Leaf } from './schema-leaves.ts';
import { ScratchFile } from './scratch-file.ts';
import { findPlainBytes, SpilledValues } from './spilled-values.ts';
import type { ValueList } from './value-list.ts';

/** What must be in memory at once even of a page that is too large for it: levels, lengths, indices. */
const MAX_PART_BYTES = 16 * 1024 * 1024;
/** A page in an encoding that can be decoded as a whole only. */
const MAX_WHOLE_BYTES = 128 * 1024 * 1024;

/** What a page holds, and the file that its values lie in. */
export interface Spilled<T> {
  readonly value: T;
  readonly file: AsyncDisposable;
}

/** Reads a dictionary page that is too large for memory. Errors as for `spillDataPage`. */
export async function spillDictionaryPage(
  header: CheckedHeader,
  cursor: ByteCursor,
  leaf: Leaf,
  codec: CompressionCodec,
  dir: string,
): Promise<Spilled<ValueList>> {
  return spill(header, cursor, codec, dir, (file) => valuesIn(file, 0, 'PLAIN', leaf, header.values, undefined));
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
): Promise<Spilled<PageData>> {
  return spill(header, cursor, codec, dir, async (file, levelBytes) => {
    const head = header.data_page_header_v2 ? levelBytes : await file.read(0, Math.min(file.size, MAX_PART_BYTES));
    const { levels, end } = asCorrupt(() =>
      header.data_page_header_v2 ? { levels: levelsV2(header, head, leaf), end: 0 } : levelsV1(header, head, leaf),
    );
    const values = await valuesIn(file, end, pageEncoding(header), leaf, levels.count, dictionary);
    return { ...levels, length: header.values, values };
  });
}

/** Decompresses to a file, and closes the file when what it holds turns out to be broken. */
async function spill<T>(
  header: CheckedHeader,
  cursor: ByteCursor,
  chunkCodec: CompressionCodec,
  dir: string,
  read: (file: ScratchFile, levels: Uint8Array) => Promise<T>,
): Promise<Spilled<T>> {
  const { codec, levelBytes, compressedBytes, bodyBytes } = payloadSizes(header, chunkCodec);
  if (levelBytes > MAX_PART_BYTES) throw new CorruptDataError(`its levels take ${levelBytes} bytes`);
  const file = await ScratchFile.create(dir, bodyBytes);
  try {
    const levels = await cursor.read(levelBytes);
    let crc = crc32(levels);
    async function* chunks(): AsyncGenerator<Uint8Array> {
      for await (const chunk of cursor.stream(compressedBytes)) {
        if (header.crc !== undefined) crc = crc32(chunk, crc);
        yield chunk;
      }
    }
    await decompressToFile(codec, chunks(), file);
    checkCrc(header, crc);
    if (file.size !== bodyBytes)
      throw new CorruptDataError(`${codec} gives ${file.size} bytes instead of ${bodyBytes}`);
    return { value: await read(file, levels), file };
  } catch (error) {
    await file[Symbol.asyncDispose]();
    throw error;
  }
}

async function valuesIn(
  file: ScratchFile,
  start: number,
  encoding: Encoding,
  leaf: Leaf,
  count: number,
  dictionary: ValueList | undefined,
): Promise<ValueList> {
  if (encoding === 'PLAIN' && leaf.element.type === 'BYTE_ARRAY') {
    const { starts, ends } = await findPlainBytes(file, start, count);
    return new SpilledValues(file, starts, ends);
  }
  const size = file.size - start;
  if (encoding === 'DELTA_LENGTH_BYTE_ARRAY') {
    const head = await file.read(start, Math.min(file.size, start + MAX_PART_BYTES));
    const { starts, ends } = asCorrupt(() => deltaLengths(head, count, size));
    return new SpilledValues(
      file,
      starts.map((at) => at + start),
      ends.map((at) => at + start),
    );
  }
  if (size > MAX_WHOLE_BYTES)
    throw new CorruptDataError(`a page of ${size} bytes in encoding ${encoding} is too large`);
  const bytes = await file.read(start, file.size);
  return asCorrupt(() => decodeValues(bytes, encoding, leaf.element, count, dictionary));
}
