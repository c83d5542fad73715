import { exifOrientation } from '../exif-orientation.ts';
import type { ImageHeader } from './image-header.ts';

const VP8 = 0x56503820; // 'VP8 ', lossy
const VP8L = 0x5650384c; // lossless
const VP8X = 0x56503858; // extended: canvas, animation, EXIF
const EXIF = 0x45584946;

/** The first chunk of a WebP says the size: of the canvas when it is extended, else of the frame. */
export function webpHeader(view: DataView): ImageHeader | undefined {
  switch (view.getUint32(12)) {
    case VP8X:
      return { width: uint24(view, 24) + 1, height: uint24(view, 27) + 1, orientation: webpOrientation(view) };
    case VP8:
      // A frame header of 3 bytes, the start code 9d 01 2a, then 14 bits each with 2 bits of scale above.
      if (uint24(view, 23) !== 0x2a019d) return undefined;
      return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff, orientation: 1 };
    case VP8L: {
      if (view.getUint8(20) !== 0x2f) return undefined;
      const bits = view.getUint32(21, true);
      return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1, orientation: 1 };
    }
    default:
      return undefined;
  }
}

function webpOrientation(view: DataView): number {
  for (let at = 12; at + 8 <= view.byteLength; ) {
    const length = view.getUint32(at + 4, true);
    if (at + 8 + length > view.byteLength) break;
    if (view.getUint32(at) === EXIF)
      return exifOrientation(new DataView(view.buffer, view.byteOffset + at + 8, length));
    at += 8 + length + (length & 1);
  }
  return 1;
}

function uint24(view: DataView, at: number): number {
  return view.getUint16(at, true) | (view.getUint8(at + 2) << 16);
}
