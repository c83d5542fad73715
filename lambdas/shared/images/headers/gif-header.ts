import type { ImageHeader } from './image-header.ts';

/** The logical screen: what every frame is drawn on. */
export function gifHeader(view: DataView): ImageHeader {
  return { width: view.getUint16(6, true), height: view.getUint16(8, true), orientation: 1 };
}
