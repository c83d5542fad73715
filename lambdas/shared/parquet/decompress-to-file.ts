import type { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress, createGunzip, createZstdDecompress } from 'node:zlib';
import type { CompressionCodec } from 'hyparquet';
import { messageOf } from '../errors.ts';
import { blockDecoder } from './block-decoder.ts';
import { CorruptDataError } from './corrupt-data-error.ts';
import { LzSink } from './lz-sink.ts';
import type { ScratchFile } from './scratch-file.ts';

/** Compressors look back 64 KB at most, in snappy by habit and in LZ4 by its format. */
const HISTORY_BYTES = 64 * 1024;
const SINK_BYTES = 4 * 1024 * 1024;

/**
 * Decompresses a page into a file while it arrives, in bounded memory.
 * @throws {CorruptDataError} when the bytes do not decompress, or to more than the file may hold; what `chunks` throws
 * passes through.
 */
export async function decompressToFile(
  codec: CompressionCodec,
  chunks: AsyncIterable<Uint8Array>,
  file: ScratchFile,
): Promise<void> {
  const transform = zlibTransform(codec);
  if (transform) return through(chunks, transform, file);
  if (codec === 'UNCOMPRESSED') {
    for await (const chunk of chunks) file.append(chunk);
    return;
  }
  const sink = new LzSink(SINK_BYTES, (bytes) => file.append(bytes), HISTORY_BYTES);
  const decoder = blockDecoder(codec, sink, file.maxBytes);
  if (!decoder) throw new CorruptDataError(`unknown codec ${codec}`);
  for await (const chunk of chunks) decoder.push(chunk);
  decoder.end();
  file.append(sink.rest());
}

function zlibTransform(codec: CompressionCodec): Transform | undefined {
  switch (codec) {
    case 'GZIP':
      return createGunzip();
    case 'BROTLI':
      return createBrotliDecompress();
    case 'ZSTD':
      return createZstdDecompress();
    default:
      return undefined;
  }
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
