import { brotliDecompressSync, crc32, gunzipSync, zstdDecompressSync } from 'node:zlib';
import type { CompressionCodec } from 'hyparquet';
import { blockDecoder } from './block-decoder.ts';
import type { ByteCursor } from './byte-cursor.ts';
import { asCorrupt, CorruptDataError } from './corrupt-data-error.ts';
import { LzSink } from './lz-sink.ts';
import type { CheckedHeader } from './page-header.ts';

/** From here on a page is decoded while it arrives, instead of being gathered first. */
const STREAM_BYTES = 256 * 1024;

/** A page without its header: levels that precede what is compressed (version 2 only), and what was compressed. */
export interface Payload {
  readonly levels: Uint8Array;
  readonly body: Uint8Array;
}

/** How a page's bytes divide. */
export interface PayloadSizes {
  readonly codec: CompressionCodec;
  readonly levelBytes: number;
  readonly compressedBytes: number;
  /** Of what is compressed, uncompressed. */
  readonly bodyBytes: number;
}

/** @throws {CorruptDataError} when the header's numbers contradict each other. */
export function payloadSizes(header: CheckedHeader, codec: CompressionCodec): PayloadSizes {
  const v2 = header.data_page_header_v2;
  const { repetition_levels_byte_length: repetition = 0, definition_levels_byte_length: definition = 0 } = v2 ?? {};
  const levelBytes = repetition + definition;
  const compressedBytes = header.compressed_page_size - levelBytes;
  const bodyBytes = header.uncompressed_page_size - levelBytes;
  if (!(repetition >= 0 && definition >= 0 && compressedBytes >= 0 && bodyBytes >= 0)) {
    throw new CorruptDataError(`a page of ${header.compressed_page_size} bytes has levels of ${levelBytes}`);
  }
  const isCompressed = v2?.is_compressed !== false && compressedBytes + bodyBytes > 0;
  return { codec: isCompressed ? codec : 'UNCOMPRESSED', levelBytes, compressedBytes, bodyBytes };
}

/**
 * Reads the page that follows its header, verifies its checksum if there is one, and decompresses it. Allocates what the
 * header claims; the caller has bounded that.
 * @throws {CorruptDataError} when the bytes are not what the header says; and what the source throws.
 */
export async function readPayload(
  cursor: ByteCursor,
  header: CheckedHeader,
  codec: CompressionCodec,
): Promise<Payload> {
  const sizes = payloadSizes(header, codec);
  const sink = isStreamed(sizes) ? new LzSink(sizes.bodyBytes) : undefined;
  const decoder = sink && blockDecoder(sizes.codec, sink, sizes.bodyBytes);
  if (!sink || !decoder) {
    const bytes = await cursor.read(header.compressed_page_size);
    if (header.crc !== undefined) checkCrc(header, crc32(bytes));
    const compressed = bytes.subarray(sizes.levelBytes);
    return { levels: bytes.subarray(0, sizes.levelBytes), body: asCorrupt(() => decompress(sizes, compressed)) };
  }
  const levels = await cursor.read(sizes.levelBytes);
  let crc = crc32(levels);
  for await (const chunk of cursor.stream(sizes.compressedBytes)) {
    if (header.crc !== undefined) crc = crc32(chunk, crc);
    decoder.push(chunk);
  }
  decoder.end();
  checkCrc(header, crc);
  return { levels, body: checkLength(sizes, sink.rest()) };
}

/** @throws {CorruptDataError} when the header has a checksum, and another one. */
export function checkCrc(header: CheckedHeader, crc: number): void {
  if (header.crc !== undefined && crc !== header.crc >>> 0) throw new CorruptDataError('its checksum is wrong');
}

function isStreamed({ codec, compressedBytes }: PayloadSizes): boolean {
  return codec !== 'UNCOMPRESSED' && compressedBytes >= STREAM_BYTES;
}

function decompress(sizes: PayloadSizes, bytes: Uint8Array): Uint8Array {
  const maxOutputLength = Math.max(1, sizes.bodyBytes);
  switch (sizes.codec) {
    case 'UNCOMPRESSED':
      return checkLength(sizes, bytes);
    case 'GZIP':
      return checkLength(sizes, gunzipSync(bytes, { maxOutputLength }));
    case 'BROTLI':
      return checkLength(sizes, brotliDecompressSync(bytes, { maxOutputLength }));
    case 'ZSTD':
      return checkLength(sizes, zstdDecompressSync(bytes, { maxOutputLength }));
    default: {
      const sink = new LzSink(sizes.bodyBytes);
      const decoder = blockDecoder(sizes.codec, sink, sizes.bodyBytes);
      if (!decoder) throw new CorruptDataError(`unknown codec ${sizes.codec}`);
      decoder.push(bytes);
      decoder.end();
      return checkLength(sizes, sink.rest());
    }
  }
}

function checkLength({ codec, bodyBytes }: PayloadSizes, bytes: Uint8Array): Uint8Array {
  if (bytes.length !== bodyBytes)
    throw new CorruptDataError(`${codec} gives ${bytes.length} bytes instead of ${bodyBytes}`);
  return bytes;
}
