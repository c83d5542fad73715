import type { Feature } from '../hub/features.ts';
import type { ArraySource, Box, ImageSource, PolygonSource, RleSource } from './mapped-metadata.ts';
import { isArray2D, isDict, isImageValue, isList, toNumber } from './row-values.ts';

/** A mask as a row holds it, and what its own numbers tell: images and arrays are not looked through. */
export interface MaskShape {
  readonly source: ImageSource | ArraySource | RleSource | PolygonSource;
  readonly box?: Box;
  /** In pixels. */
  readonly area?: number;
}

/** Pixels of the largest mask. */
const MAX_PIXELS = 2 ** 28;

/** @param prefersPolygons lists of lists of numbers are polygons, not rows of pixels */
export function maskShapeOf(
  value: unknown,
  feature: Feature | undefined,
  prefersPolygons: boolean,
): MaskShape | undefined {
  if (isImageValue(value, feature)) return { source: { form: 'image', value } };
  if (isDict(value) && 'counts' in value) return rleShape(value.size, value.counts);
  const isTyped = feature?._type === 'Array2D';
  if (isTyped || !prefersPolygons) {
    if (isArray2D(value)) return { source: { form: 'array', value, dtype: isTyped ? feature.dtype : null } };
    if (isTyped) return undefined;
  }
  return polygonShape(value);
}

function rleShape(size: unknown, counts: unknown): MaskShape | undefined {
  if (!isList(size) || size.length !== 2) return undefined;
  const [height, width] = [toNumber(size[0]), toNumber(size[1])];
  if (!isCount(height) || !isCount(width) || width * height === 0 || width * height > MAX_PIXELS) return undefined;
  const runs = counts instanceof Uint8Array ? Buffer.from(counts).toString('latin1') : counts;
  const lengths = typeof runs === 'string' ? decodeCounts(runs) : isList(runs) ? Array.from(runs, toNumber) : undefined;
  if (!lengths?.every(isCount)) return undefined;
  const found = rleBox(lengths, height);
  if (!found || found.total !== width * height) return undefined;
  return { source: { form: 'rle', width, height, counts: lengths }, box: found.box, area: found.area };
}

function isCount(value: number | undefined): value is number {
  return value !== undefined && Number.isSafeInteger(value) && value >= 0;
}

/**
 * Run lengths that COCO writes as text: 5 bits a character from `0` on, the lowest first, bit 6 says that more follow;
 * signed, and from the third on less the one before the last.
 */
function decodeCounts(text: string): number[] | undefined {
  const counts: number[] = [];
  let value = 0;
  let shift = 0;
  for (let at = 0; at < text.length; at += 1) {
    const bits = text.charCodeAt(at) - 48;
    if (bits < 0 || bits > 63 || shift > 30) return undefined;
    value += (bits & 31) * 2 ** shift;
    shift += 5;
    if (bits & 32) continue;
    if (bits & 16) value -= 2 ** shift;
    counts.push(value + (counts.length > 2 ? (counts[counts.length - 2] ?? 0) : 0));
    value = 0;
    shift = 0;
  }
  return shift === 0 ? counts : undefined;
}

/** `undefined` when nothing is set. */
function rleBox(counts: readonly number[], height: number) {
  let [left, top, right, bottom] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 0, 0];
  let total = 0;
  let area = 0;
  for (const [index, count] of counts.entries()) {
    const start = total;
    total += count;
    if (index % 2 === 0 || count === 0) continue;
    area += count;
    const [first, last] = [Math.floor(start / height), Math.floor((total - 1) / height)];
    left = Math.min(left, first);
    right = Math.max(right, last + 1);
    top = first === last ? Math.min(top, start % height) : 0;
    bottom = first === last ? Math.max(bottom, ((total - 1) % height) + 1) : height;
  }
  if (area === 0) return undefined;
  return { total, area, box: { bbox_x: left, bbox_y: top, bbox_w: right - left, bbox_h: bottom - top } };
}

/** `[x, y, …]`, lists of such, `[[x, y], …]`, `[{x, y}, …]` and `{x: […], y: […]}`. */
function polygonShape(value: unknown): MaskShape | undefined {
  const polygons = polygonsOf(value);
  if (!polygons || polygons.length === 0) return undefined;
  let [left, top, right, bottom] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, -Infinity, -Infinity];
  let area = 0;
  for (const points of polygons) {
    let doubled = 0;
    let [beforeX, beforeY] = [points.at(-2) ?? 0, points.at(-1) ?? 0];
    for (let at = 0; at + 1 < points.length; at += 2) {
      const [x, y] = [points[at] ?? 0, points[at + 1] ?? 0];
      left = Math.min(left, x);
      right = Math.max(right, x);
      top = Math.min(top, y);
      bottom = Math.max(bottom, y);
      doubled += beforeX * y - x * beforeY;
      [beforeX, beforeY] = [x, y];
    }
    area += Math.abs(doubled) / 2;
  }
  const box = { bbox_x: left, bbox_y: top, bbox_w: right - left, bbox_h: bottom - top };
  const isFraction = right <= 1 && bottom <= 1; // of a size that is not known here
  if (isFraction || !(box.bbox_w > 0 && box.bbox_h > 0)) return undefined;
  return { source: { form: 'polygons', polygons }, box, area };
}

function polygonsOf(value: unknown): number[][] | undefined {
  if (isDict(value)) return isList(value.x) && isList(value.y) ? wrap(zip(value.x, value.y)) : undefined;
  if (!isList(value) || value.length === 0) return undefined;
  const first = value[0];
  if (isList(first) && first.length !== 2) return all(Array.from(value, numbersOf));
  if (isList(first))
    return (
      wrap(flatten(Array.from(value, (point) => (isList(point) ? point : [])))) ?? all(Array.from(value, numbersOf))
    );
  if (isDict(first))
    return isList(first.x)
      ? all(Array.from(value, (one) => (isDict(one) && isList(one.x) && isList(one.y) ? zip(one.x, one.y) : undefined)))
      : wrap(flatten(Array.from(value, (point) => (isDict(point) ? [point.x, point.y] : []))));
  return wrap(numbersOf(value));
}

function numbersOf(value: unknown): number[] | undefined {
  return isList(value) ? flatten([value]) : undefined;
}

function zip(xs: readonly unknown[], ys: readonly unknown[]): number[] | undefined {
  return xs.length === ys.length ? flatten(Array.from(xs, (x, index) => [x, ys[index]])) : undefined;
}

/** Numbers of points; `undefined` when one is no number, or there are fewer than three points. */
function flatten(points: readonly (readonly unknown[])[]): number[] | undefined {
  const numbers: number[] = [];
  for (const point of points) {
    for (const coordinate of point) {
      const number = toNumber(coordinate);
      if (number === undefined) return undefined;
      numbers.push(number);
    }
  }
  return numbers.length >= 6 && numbers.length % 2 === 0 ? numbers : undefined;
}

function wrap<T>(item: T | undefined): T[] | undefined {
  return item === undefined ? undefined : [item];
}

function all<T>(items: readonly (T | undefined)[]): T[] | undefined {
  return items.every((item) => item !== undefined) ? [...items] : undefined;
}
