import type { ImageHeader } from './image-header.ts';

/** Size of the header of OS/2 1.x, whose sizes have 16 bits. */
const CORE_HEADER_BYTES = 12;

/** A negative height means that the rows are stored from top to bottom. */
export function bmpHeader(view: DataView): ImageHeader {
  if (view.getUint32(14, true) === CORE_HEADER_BYTES) {
    return { width: view.getUint16(18, true), height: view.getUint16(20, true), orientation: 1 };
  }
  return { width: Math.abs(view.getInt32(18, true)), height: Math.abs(view.getInt32(22, true)), orientation: 1 };
}
