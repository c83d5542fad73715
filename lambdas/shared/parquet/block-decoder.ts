import type { CompressionCodec } from 'hyparquet';
import type { LzSink } from './lz-sink.ts';
import { HadoopLz4Decoder, Lz4Decoder } from './lz4-decoder.ts';
import { SnappyDecoder } from './snappy-decoder.ts';

/** Decodes a compressed block that arrives in pieces into a sink. Both throw `CorruptDataError`. */
export interface BlockDecoder {
  push(bytes: Uint8Array): void;
  end(): void;
}

/** The decoders of our own; `undefined` for the codecs that `node:zlib` has. @param size of the output, in bytes. */
export function blockDecoder(codec: CompressionCodec, sink: LzSink, size: number): BlockDecoder | undefined {
  switch (codec) {
    case 'SNAPPY':
      return new SnappyDecoder(sink);
    case 'LZ4_RAW':
      return new Lz4Decoder(sink);
    case 'LZ4':
      return new HadoopLz4Decoder(sink, size);
    default:
      return undefined;
  }
}
