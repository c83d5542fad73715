import { isTypedArray } from 'node:util/types';
import type { Feature } from '../hub/features.ts';
import { parseLiteral } from './parse-literal.ts';

export type Dict = Readonly<Record<string, unknown>>;

export function isDict(value: unknown): value is Dict {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return !ArrayBuffer.isView(value) && !(value instanceof ArrayBuffer) && !(value instanceof Date);
}

/** A list or a typed array; bytes are neither. */
export function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value) || (isTypedArray(value) && !(value instanceof Uint8Array));
}

/** Numbers as files hold them: BigInt, and digits in texts too. Never NaN or infinite. */
export function toNumber(value: unknown): number | undefined {
  if (typeof value === 'bigint') return Number(value);
  const number = typeof value === 'string' && /^\s*[-+]?[\d.]/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

/** A text that says something, as Postgres takes it: no NUL, no lone surrogate. */
export function toText(value: unknown, maxLength = 500): string | undefined {
  if (typeof value !== 'string') return undefined;
  const text = value.trim();
  if (text === '') return undefined;
  const cut = text.length > maxLength ? text.slice(0, maxLength) : text;
  return (cut.includes('\0') ? cut.replaceAll('\0', '\ufffd') : cut).toWellFormed();
}

/** The list or dict inside a text, or the value itself. */
export function unpack(value: unknown): unknown {
  return typeof value === 'string' ? (parseLiteral(value) ?? value) : value;
}

/** The feature of a list's items. */
export function itemFeature(feature: Feature | undefined): Feature | undefined {
  return feature?._type === 'List' || feature?._type === 'LargeList' ? feature.feature : undefined;
}

/** The feature of a struct's field. */
export function fieldFeature(feature: Feature | undefined, name: string): Feature | undefined {
  return feature?._type === 'struct' && Object.hasOwn(feature.fields, name) ? feature.fields[name] : undefined;
}

/** The feature of values, whether the column has one of them or a list. */
export function valueFeature(feature: Feature | undefined): Feature | undefined {
  return itemFeature(feature) ?? feature;
}

/** A label as text: integers of a ClassLabel become names; -1, and any integer without a name, is unknown. */
export function toLabel(value: unknown, feature: Feature | undefined): string | undefined {
  if (feature?._type === 'ClassLabel') {
    const index = toNumber(value);
    if (index !== undefined) return index >= 0 ? toText(feature.names[index]) : undefined;
  }
  return toText(value);
}

/** Labels of a column: one, a list, or several in a text with commas. */
export function toLabels(value: unknown, feature: Feature | undefined): string[] {
  const inside = unpack(value);
  if (isList(inside)) {
    return Array.from(inside, (item) => toLabel(item, valueFeature(feature))).filter((label) => label !== undefined);
  }
  const label = toLabel(inside, feature);
  if (label === undefined) return [];
  return label.split(/[,;|]/).flatMap((part) => toText(part) ?? []);
}

const IMAGE_FILE = /\.(?:png|jpe?g|webp|tiff?|bmp|gif|avif)(?:[?#].*)?$/i;

/** An image as rows hold them: `{bytes, path}`, bytes, or the name of an image file. */
export function isImageValue(value: unknown, feature?: Feature): boolean {
  if (value instanceof Uint8Array) return value.byteLength > 0;
  if (typeof value === 'string') return IMAGE_FILE.test(value) || (feature?._type === 'Image' && value !== '');
  if (!isDict(value) || !('bytes' in value)) return false;
  if (value.bytes instanceof Uint8Array) return value.bytes.byteLength > 0;
  return (value.bytes === null || value.bytes === undefined) && typeof value.path === 'string' && value.path !== '';
}

/** Rows of numbers. Only the first is looked at: an array of depths has a million of them. */
export function isArray2D(value: unknown): value is readonly unknown[] {
  return isList(value) && isList(value[0]) && value[0].length > 0 && ['number', 'bigint'].includes(typeof value[0][0]);
}
