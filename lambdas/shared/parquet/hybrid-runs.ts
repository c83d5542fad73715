import { CorruptDataError } from './corrupt-data-error.ts';

/**
 * Decodes `out.length` numbers of the RLE and bit-packing hybrid (levels, dictionary indices, booleans) from `bytes`.
 * A run may not claim more than is asked for, except for the padding of bit-packed runs to eight.
 * @param bitWidth 0 to 32
 * @throws {CorruptDataError} when the bytes end early or a run is too long.
 */
export function decodeHybrid(bytes: Uint8Array, bitWidth: number, out: Uint8Array | Int32Array): void {
  if (bitWidth > 32) throw new CorruptDataError(`a bit width of ${bitWidth}`);
  const byteWidth = (bitWidth + 7) >> 3;
  let offset = 0;
  let filled = 0;
  while (filled < out.length) {
    let header = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[offset++];
      if (byte === undefined || shift > 28) throw new CorruptDataError('levels or indices are cut');
      header |= (byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    header >>>= 0;
    if (header & 1) {
      const packed = (header >>> 1) * bitWidth;
      const count = Math.min((header >>> 1) * 8, out.length - filled);
      // A last run may be cut short where its padding would be.
      if (offset + Math.ceil((count * bitWidth) / 8) > bytes.length) {
        throw new CorruptDataError('a bit-packed run is cut');
      }
      unpack(bytes, offset, bitWidth, out, filled, count);
      offset += packed;
      filled += count;
    } else {
      const count = header >>> 1;
      if (count > out.length - filled || offset + byteWidth > bytes.length) {
        throw new CorruptDataError(`a run of ${count} where ${out.length - filled} values are left`);
      }
      let value = 0;
      for (let i = 0; i < byteWidth; i++) value |= (bytes[offset + i] ?? 0) << (8 * i);
      out.fill(value, filled, filled + count);
      offset += byteWidth;
      filled += count;
    }
  }
}

function unpack(
  bytes: Uint8Array,
  start: number,
  bitWidth: number,
  out: Uint8Array | Int32Array,
  at: number,
  count: number,
): void {
  const mask = 2 ** bitWidth - 1;
  let offset = start;
  let held = 0; // bits not yet handed out, fewer than 40: a double holds them, a 32-bit integer would not
  let bits = 0;
  for (let i = 0; i < count; i++) {
    while (bits < bitWidth) {
      held += (bytes[offset++] ?? 0) * 2 ** bits;
      bits += 8;
    }
    if (bits <= 31) {
      out[at + i] = held & mask;
      held >>>= bitWidth;
    } else {
      const value = held % (mask + 1);
      out[at + i] = value;
      held = (held - value) / (mask + 1);
    }
    bits -= bitWidth;
  }
}
