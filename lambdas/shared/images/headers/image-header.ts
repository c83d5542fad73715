/**
 * What a header says about its image. Its readers return `undefined` when it makes no sense, and let the view's
 * RangeError pass when it is cut.
 */
export interface ImageHeader {
  /** Pixels as stored. */
  readonly width: number;
  readonly height: number;
  /** EXIF orientation, 1 to 8; from 5 on width and height are swapped when shown. */
  readonly orientation: number;
}
