import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';
import type { CompressionCodec } from 'hyparquet';
import { CorruptDataError } from './corrupt-data-error.ts';
import { LzSink } from './lz-sink.ts';
import { decodeHadoopLz4, decodeLz4Block } from './lz4-decoder.ts';
import { SnappyDecoder } from './snappy-decoder.ts';

/**
 * Decompresses a page in memory. Never gives or allocates more than `size` bytes.
 * @param size uncompressed bytes that the page's header claims; the caller has bounded it.
 * @throws {Error} of any kind when the bytes do not decompress to exactly `size` bytes.
 */
export function decompress(codec: CompressionCodec, bytes: Uint8Array, size: number): Uint8Array {
  const output = size === 0 && bytes.length === 0 ? bytes : run(codec, bytes, size);
  if (output.length !== size) throw new CorruptDataError(`${codec} gives ${output.length} bytes instead of ${size}`);
  return output;
}

function run(codec: CompressionCodec, bytes: Uint8Array, size: number): Uint8Array {
  const maxOutputLength = Math.max(1, size);
  switch (codec) {
    case 'UNCOMPRESSED':
      return bytes;
    case 'GZIP':
      return gunzipSync(bytes, { maxOutputLength });
    case 'BROTLI':
      return brotliDecompressSync(bytes, { maxOutputLength });
    case 'ZSTD':
      return zstdDecompressSync(bytes, { maxOutputLength });
    case 'SNAPPY':
      return intoSink(size, (sink) => {
        const decoder = new SnappyDecoder(sink);
        decoder.push(bytes);
        decoder.end();
      });
    case 'LZ4_RAW':
      return intoSink(size, (sink) => decodeLz4Block(bytes, sink));
    case 'LZ4':
      return intoSink(size, (sink) => decodeHadoopLz4(bytes, sink));
    default:
      throw new CorruptDataError(`unknown codec ${codec}`);
  }
}

function intoSink(size: number, decode: (sink: LzSink) => void): Uint8Array {
  const sink = new LzSink(size);
  decode(sink);
  return sink.rest();
}
