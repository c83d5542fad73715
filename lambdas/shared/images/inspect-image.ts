import { messageOf } from '../errors.ts';
import { RowError } from '../jobs/row-failure.ts';
import { describeBytes } from './describe-bytes.ts';
import { bmpHeader } from './headers/bmp-header.ts';
import { gifHeader } from './headers/gif-header.ts';
import type { ImageHeader } from './headers/image-header.ts';
import { jpegHeader } from './headers/jpeg-header.ts';
import { libvipsHeader } from './headers/libvips-header.ts';
import { pngHeader } from './headers/png-header.ts';
import { webpHeader } from './headers/webp-header.ts';

export interface ImageInfo {
  readonly contentType: string;
  /** Of the object key, without dot. */
  readonly extension: string;
  /** Pixels after EXIF orientation; of one frame when the image is animated. */
  readonly width: number;
  readonly height: number;
}

export interface ImageLimits {
  readonly maxBytes: number;
  readonly maxPixels: number;
}

interface ImageFormat {
  readonly name: string;
  readonly contentType: string;
  readonly extension: string;
  readonly matches: (view: DataView) => boolean;
  /** `undefined`, or any error, when the header makes no sense; a RangeError when it is cut. */
  readonly readHeader: (view: DataView) => ImageHeader | undefined | Promise<ImageHeader>;
}

/** By frequency. `image-size` is not used: it leaves orientation out for all but JPEG. */
const FORMATS: readonly ImageFormat[] = [
  {
    name: 'JPEG',
    contentType: 'image/jpeg',
    extension: 'jpg',
    matches: (view) => view.getUint32(0) >>> 8 === 0xffd8ff,
    readHeader: jpegHeader,
  },
  {
    name: 'PNG',
    contentType: 'image/png',
    extension: 'png',
    matches: (view) => view.getUint32(0) === 0x89504e47 && view.getUint32(4) === 0x0d0a1a0a,
    readHeader: pngHeader,
  },
  {
    name: 'WebP',
    contentType: 'image/webp',
    extension: 'webp',
    matches: (view) => view.getUint32(0) === 0x52494646 && view.getUint32(8) === 0x57454250, // RIFF, WEBP
    readHeader: webpHeader,
  },
  {
    name: 'GIF',
    contentType: 'image/gif',
    extension: 'gif',
    matches: (view) => view.getUint32(0) === 0x47494638, // GIF8
    readHeader: gifHeader,
  },
  { name: 'AVIF', contentType: 'image/avif', extension: 'avif', matches: isAvif, readHeader: libvipsHeader },
  {
    name: 'TIFF',
    contentType: 'image/tiff',
    extension: 'tiff',
    // II or MM, then 42 (TIFF) or 43 (BigTIFF)
    matches: (view) => [0x49492a00, 0x4d4d002a, 0x49492b00, 0x4d4d002b].includes(view.getUint32(0)),
    readHeader: libvipsHeader,
  },
  {
    name: 'BMP',
    contentType: 'image/bmp',
    extension: 'bmp',
    // BM, and the size of one of the known headers, since two letters alone prove nothing
    matches: (view) =>
      view.getUint16(0) === 0x424d && [12, 40, 52, 56, 64, 108, 124].includes(view.getUint32(14, true)),
    readHeader: bmpHeader,
  },
];

/**
 * Type and size of an image, from its first bytes alone: names and declared types are never trusted, and no pixel is
 * decoded, so a decompression bomb costs nothing. Only AVIF and TIFF leave this thread.
 * @throws {RowError} `empty_image`, `too_many_bytes`, `not_an_image`, `corrupt_image`, `too_many_pixels`.
 */
export async function inspectImage(bytes: Uint8Array, limits: ImageLimits): Promise<ImageInfo> {
  if (bytes.byteLength === 0) throw new RowError('empty_image', 'the image has no bytes');
  if (bytes.byteLength > limits.maxBytes) {
    throw new RowError('too_many_bytes', `the image has ${bytes.byteLength} bytes; the limit is ${limits.maxBytes}`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const format = FORMATS.find(({ matches }) => holds(matches, view));
  if (!format) throw new RowError('not_an_image', `the bytes are ${describeBytes(bytes)}, not an image that we store`);
  const header = await readHeader(format, view);
  const { width, height } = header.orientation >= 5 ? { width: header.height, height: header.width } : header;
  if (width * height > limits.maxPixels) {
    throw new RowError(
      'too_many_pixels',
      `the image has ${width} x ${height} pixels; the limit is ${limits.maxPixels}`,
    );
  }
  return { contentType: format.contentType, extension: format.extension, width, height };
}

/** Bytes too short to tell do not match. */
function holds(matches: (view: DataView) => boolean, view: DataView): boolean {
  try {
    return matches(view);
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

async function readHeader({ name, readHeader }: ImageFormat, view: DataView): Promise<ImageHeader> {
  let header: ImageHeader | undefined;
  try {
    header = await readHeader(view);
  } catch (error) {
    const why = error instanceof RangeError ? 'is cut' : `cannot be read: ${messageOf(error)}`;
    throw new RowError('corrupt_image', `the ${name} header ${why}`, { cause: error });
  }
  if (header && header.width > 0 && header.height > 0) return header;
  throw new RowError('corrupt_image', `the ${name} header is corrupt`);
}

/** A file-type box that lists the brand `avif`. Its major brand may be `mif1`; `avis` is a film. */
function isAvif(view: DataView): boolean {
  if (view.getUint32(4) !== 0x66747970 || view.getUint32(8) === 0x61766973) return false; // ftyp, avis
  const end = Math.min(view.getUint32(0), 256);
  for (let at = 8; at + 4 <= end; at += 4) {
    if (view.getUint32(at) === 0x61766966) return true;
  }
  return false;
}
