import { CorruptDataError } from './corrupt-data-error.ts';
import type { LzSink } from './lz-sink.ts';

/** Decodes one raw LZ4 block, all of whose bytes are there. @throws {CorruptDataError} */
export function decodeLz4Block(bytes: Uint8Array, sink: LzSink): void {
  let at = 0;
  const longLength = (nibble: number): number => {
    let length = nibble;
    if (nibble === 15) {
      let byte = 255;
      while (byte === 255) {
        byte = bytes[at++] ?? -1;
        if (byte < 0) throw new CorruptDataError('LZ4 is cut');
        length += byte;
      }
    }
    return length;
  };
  while (at < bytes.length) {
    const token = bytes[at++] ?? 0;
    const literals = longLength(token >> 4);
    if (literals > bytes.length - at) throw new CorruptDataError('LZ4 is cut');
    sink.literal(bytes, at, at + literals);
    at += literals;
    if (at === bytes.length) return; // the last sequence has literals only
    if (at + 2 > bytes.length) throw new CorruptDataError('LZ4 is cut');
    const distance = (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);
    at += 2;
    sink.copy(distance, longLength(token & 15) + 4);
  }
}

/**
 * Decodes the codec LZ4, which is Hadoop's framing (a block is preceded by its two lengths, big-endian) in files of most
 * writers, and a bare block in some old ones.
 * @throws {CorruptDataError}
 */
export function decodeHadoopLz4(bytes: Uint8Array, sink: LzSink): void {
  const blocks = hadoopBlocks(bytes);
  if (!blocks) decodeLz4Block(bytes, sink);
  for (const { block, length } of blocks ?? []) {
    const before = sink.written;
    decodeLz4Block(block, sink);
    if (sink.written - before !== length) throw new CorruptDataError(`LZ4 gives ${sink.written - before} of ${length}`);
  }
}

function hadoopBlocks(bytes: Uint8Array): { block: Uint8Array; length: number }[] | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const blocks = [];
  let at = 0;
  while (at < bytes.length) {
    if (bytes.length - at < 8) return undefined;
    const length = view.getUint32(at);
    const size = view.getUint32(at + 4);
    at += 8;
    if (size > bytes.length - at) return undefined;
    blocks.push({ block: bytes.subarray(at, at + size), length });
    at += size;
  }
  return blocks;
}
