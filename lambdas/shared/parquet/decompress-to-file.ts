import type { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress, createGunzip, createZstdDecompress } from 'node:zlib';
import type { CompressionCodec } from 'hyparquet';
import { messageOf } from '../errors.ts';
import { CorruptDataError } from './corrupt-data-error.ts';
import { LzSink } from './lz-sink.ts';
import { decodeHadoopLz4, decodeLz4Block } from './lz4-decoder.ts';
import type { ScratchFile } from './scratch-file.ts';
import { SnappyDecoder } from './snappy-decoder.ts';

/** Compressors look back 64 KB at most, in snappy by habit and in LZ4 by its format. */
const HISTORY_BYTES = 64 * 1024;
const SINK_BYTES = 4 * 1024 * 1024;
/** One LZ4 block is decoded at once, so its compressed bytes must fit in memory. */
const MAX_LZ4_BYTES = 128 * 1024 * 1024;

/**
 * Decompresses a page into a file while it arrives, in bounded memory.
 * @throws {CorruptDataError} when the bytes do not decompress, or to more than the file may hold; what `chunks` throws
 * passes through.
 */
export async function decompressToFile(
  codec: CompressionCodec,
  chunks: AsyncIterable<Uint8Array>,
  compressedBytes: number,
  file: ScratchFile,
): Promise<void> {
  switch (codec) {
    case 'UNCOMPRESSED':
      for await (const chunk of chunks) file.append(chunk);
      return;
    case 'SNAPPY': {
      const sink = sinkTo(file);
      const decoder = new SnappyDecoder(sink);
      for await (const chunk of chunks) decoder.push(chunk);
      decoder.end();
      return file.append(sink.rest());
    }
    case 'GZIP':
      return through(chunks, createGunzip(), file);
    case 'BROTLI':
      return through(chunks, createBrotliDecompress(), file);
    case 'ZSTD':
      return through(chunks, createZstdDecompress(), file);
    case 'LZ4':
    case 'LZ4_RAW': {
      const bytes = await gather(chunks, compressedBytes);
      const sink = sinkTo(file);
      if (codec === 'LZ4') decodeHadoopLz4(bytes, sink);
      else decodeLz4Block(bytes, sink);
      return file.append(sink.rest());
    }
    default:
      throw new CorruptDataError(`unknown codec ${codec}`);
  }
}

function sinkTo(file: ScratchFile): LzSink {
  return new LzSink(SINK_BYTES, (bytes) => file.append(bytes), HISTORY_BYTES);
}

async function gather(chunks: AsyncIterable<Uint8Array>, length: number): Promise<Uint8Array> {
  if (length > MAX_LZ4_BYTES) throw new CorruptDataError(`an LZ4 page of ${length} bytes is too large`);
  const bytes = Buffer.allocUnsafeSlow(length);
  let filled = 0;
  for await (const chunk of chunks) {
    bytes.set(chunk, filled);
    filled += chunk.length;
  }
  return bytes.subarray(0, filled);
}

/** Tells an error of the source from one of the decompressor: the first must be tried again, the second is corruption. */
async function through(chunks: AsyncIterable<Uint8Array>, decompressor: Transform, file: ScratchFile): Promise<void> {
  let failure: { error: unknown } | undefined;
  async function* source(): AsyncGenerator<Uint8Array> {
    try {
      yield* chunks;
    } catch (error) {
      failure = { error };
      throw error;
    }
  }
  try {
    await pipeline(source(), decompressor, async (output: AsyncIterable<Uint8Array>) => {
      for await (const bytes of output) file.append(bytes);
    });
  } catch (error) {
    if (failure) throw failure.error;
    throw new CorruptDataError(messageOf(error), { cause: error });
  }
}
