const ORIENTATION_TAG = 0x0112;

/**
 * Orientation (1 to 8) from a TIFF-structured EXIF block, with or without the `Exif\0\0` that JPEG puts before it.
 * 1, "as stored", when the block does not say or cannot be read: viewers ignore broken EXIF too.
 */
export function exifOrientation(block: DataView): number {
  try {
    const start = block.getUint32(0) === 0x45786966 ? 6 : 0; // 'Exif'
    const byteOrder = block.getUint16(start);
    if (byteOrder !== 0x4949 && byteOrder !== 0x4d4d) return 1;
    const little = byteOrder === 0x4949;
    if (block.getUint16(start + 2, little) !== 42) return 1;
    const directory = start + block.getUint32(start + 4, little);
    const count = block.getUint16(directory, little);
    for (let entry = directory + 2, end = entry + count * 12; entry < end; entry += 12) {
      if (block.getUint16(entry, little) === ORIENTATION_TAG) return orientationValue(block, entry, little);
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error; // RangeError: an offset that leaves the block
  }
  return 1;
}

/** The value is a SHORT; some writers make it a LONG. */
function orientationValue(block: DataView, entry: number, little: boolean): number {
  const isLong = block.getUint16(entry + 2, little) === 4;
  const value = isLong ? block.getUint32(entry + 8, little) : block.getUint16(entry + 8, little);
  return value >= 1 && value <= 8 ? value : 1;
}
