import { exifOrientation } from '../exif-orientation.ts';
import type { ImageHeader } from './image-header.ts';

const IHDR = 0x49484452;
const EXIF = 0x65584966; // 'eXIf'
const IEND = 0x49454e44;

/** IHDR, and the eXIf chunk, which may stand before or after the pixels. Skips from chunk to chunk. */
export function pngHeader(view: DataView): ImageHeader | undefined {
  // iOS's own PNG variant puts CgBI first; nothing but Apple's tools reads it.
  if (view.getUint32(12) !== IHDR) return undefined;
  return { width: view.getUint32(16), height: view.getUint32(20), orientation: pngOrientation(view) };
}

function pngOrientation(view: DataView): number {
  for (let at = 8; at + 8 <= view.byteLength; ) {
    const length = view.getUint32(at);
    const type = view.getUint32(at + 4);
    if (type === IEND || at + 8 + length > view.byteLength) break;
    if (type === EXIF) return exifOrientation(new DataView(view.buffer, view.byteOffset + at + 8, length));
    at += 12 + length; // length, type, CRC
  }
  return 1;
}
