import type { ImageHeader } from './image-header.ts';

/**
 * What libvips reads of a header without decoding: for AVIF (its boxes turn and mirror) and TIFF (either byte order,
 * BigTIFF), whose containers are not worth a parser of our own. The same library scales the image for the GPU later.
 * Loaded when first needed: most imports never are, and it costs memory and start-up.
 * @throws {Error} with libvips' own words when the header cannot be read.
 */
export async function libvipsHeader(view: DataView): Promise<ImageHeader> {
  const { default: sharp } = await import('sharp');
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  const metadata = await sharp(bytes, { failOn: 'none', limitInputPixels: false }).metadata();
  return { width: metadata.width, height: metadata.height, orientation: metadata.orientation ?? 1 };
}
