import { exifOrientation } from '../exif-orientation.ts';
import type { ImageHeader } from './image-header.ts';

const START_OF_SCAN = 0xda;
const APP1 = 0xe1;

/**
 * The first frame header (SOF) and EXIF block of a JPEG, found by walking its segments up to the first scan; what lies
 * inside a segment (an EXIF thumbnail has frame headers of its own) is skipped with it. As lenient as libjpeg: fill
 * bytes and garbage between segments are passed over. Linear in the bytes before the first scan.
 */
export function jpegHeader(view: DataView): ImageHeader | undefined {
  let size: { width: number; height: number } | undefined;
  let orientation: number | undefined;
  try {
    for (let at = 2; ; ) {
      while (view.getUint8(at) !== 0xff) at += 1;
      while (view.getUint8(at) === 0xff) at += 1;
      const marker = view.getUint8(at);
      at += 1;
      if (marker === START_OF_SCAN) break;
      if (isStandalone(marker)) continue;
      const length = view.getUint16(at);
      if (length < 2) break;
      if (isFrameHeader(marker)) {
        size ??= { height: view.getUint16(at + 3), width: view.getUint16(at + 5) };
      } else if (marker === APP1 && orientation === undefined && isExif(view, at + 2, length - 2)) {
        orientation = exifOrientation(new DataView(view.buffer, view.byteOffset + at + 2, length - 2));
      }
      at += length;
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error; // RangeError: the file ends here; the size may be known already
  }
  return size && { ...size, orientation: orientation ?? 1 };
}

/** Markers without a length: stuffed zero, TEM, RSTn, SOI, EOI. */
function isStandalone(marker: number): boolean {
  return marker === 0x00 || marker === 0x01 || (marker >= 0xd0 && marker <= 0xd9);
}

/** SOF0 to SOF15 without DHT, JPG and DAC, which lie among them. */
function isFrameHeader(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}

/** APP1 is also used for XMP. */
function isExif(view: DataView, at: number, length: number): boolean {
  return (
    length >= 6 && at + length <= view.byteLength && view.getUint32(at) === 0x45786966 && view.getUint8(at + 4) === 0
  );
}
