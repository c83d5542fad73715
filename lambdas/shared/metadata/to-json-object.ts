import { hash } from 'node:crypto';
import { isTypedArray } from 'node:util/types';
import type { JsonObject, JsonValue } from '../scenes/scene-record.ts';
import { jsonBytes, truncateColumns } from './truncate-columns.ts';

/** The key of `scenes.attrs` that is ours; a source column of this name moves to `_modomo.column`. */
const RESERVED_COLUMN = '_modomo';

/** Levels of objects and lists below the row. Deeper ones overflow the stacks of parsers. */
const MAX_DEPTH = 64;
/** Values of one column, so that what shares its parts cannot grow without end; more would not fit a row anyway. */
const MAX_VALUES = 1_000_000;
/** Binary values of up to so many bytes are kept. */
const MAX_INLINE_BYTES = 1_024;
/** JSON of one row, in UTF-8 bytes. */
const DEFAULT_MAX_BYTES = 1_000_000;

export interface JsonRow {
  /** Objects in it have no prototype, so that a key may be called `__proto__`. */
  readonly attrs: JsonObject;
  /** UTF-8 bytes of `JSON.stringify(attrs)`. */
  readonly sizeBytes: number;
  /** Columns of which something was cut: for size, for depth, or because they contain themselves. */
  readonly truncated: readonly string[];
}

/**
 * A row's metadata as JSON that Postgres `jsonb` takes, for any input and as far as JSON goes without loss. Applied to
 * its own result it changes nothing.
 * - BigInt: a number when that is exact, else a decimal string
 * - NaN, Infinity, -Infinity: strings of that name; -0: 0; undefined, functions, symbols, invalid dates: null
 * - dates: ISO 8601; typed arrays, sets: arrays; maps: objects when all keys are strings, else arrays of pairs
 * - bytes: `{_base64}` up to 1 KiB, else `{_bytes: length, sha256}`
 * - NUL characters, which `jsonb` refuses, and lone surrogates: U+FFFD
 * - deeper than 64 levels, or an object inside itself: a text that says so
 * - a row of more than `maxBytes` of JSON: its largest columns are shortened, with a text that says by how much;
 *   the column names stay whatever they take
 */
export function toJsonObject(
  values: Readonly<Record<string, unknown>>,
  { maxBytes = DEFAULT_MAX_BYTES } = {},
): JsonRow {
  const converter = new Converter();
  const attrs: JsonObject = Object.create(null);
  const truncated = new Set<string>();
  for (const key of Object.keys(values)) {
    const column = freeKey(key === RESERVED_COLUMN ? `${RESERVED_COLUMN}.column` : key, key, values, attrs);
    attrs[column] = converter.convert(values[key], 0);
    if (converter.takeCut()) truncated.add(column);
  }
  let sizeBytes = jsonBytes(attrs);
  if (sizeBytes > maxBytes) {
    for (const column of truncateColumns(attrs, sizeBytes, maxBytes)) truncated.add(column);
    sizeBytes = jsonBytes(attrs);
  }
  return { attrs, sizeBytes, truncated: [...truncated] };
}

class Converter {
  readonly #ancestors = new Set<object>();
  #values = 0;
  #cut = false;

  /** Ends a column, and tells whether something of it was cut. */
  takeCut(): boolean {
    const cut = this.#cut;
    this.#cut = false;
    this.#values = 0;
    return cut;
  }

  convert(value: unknown, depth: number): JsonValue {
    this.#values += 1;
    switch (typeof value) {
      case 'string':
        return cleanText(value);
      case 'number':
        return Number.isFinite(value) ? value + 0 : String(value); // -0 + 0 is 0
      case 'bigint':
        return Number.isSafeInteger(Number(value)) ? Number(value) : value.toString();
      case 'boolean':
        return value;
      case 'object':
        return value === null ? null : this.#convertObject(value, depth);
      default:
        return null;
    }
  }

  #convertObject(value: object, depth: number): JsonValue {
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
    if (value instanceof Uint8Array) return binary(value);
    if (value instanceof ArrayBuffer) return binary(new Uint8Array(value));
    if (value instanceof DataView) return binary(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
    if (this.#ancestors.has(value)) return this.#mark('[inside itself]');
    if (depth >= MAX_DEPTH) return this.#mark(`[deeper than ${MAX_DEPTH} levels]`);
    if (this.#values >= MAX_VALUES) return this.#mark(`[more than ${MAX_VALUES} values]`);
    this.#ancestors.add(value);
    const converted = this.#convertMembers(value, depth + 1);
    this.#ancestors.delete(value);
    return converted;
  }

  #convertMembers(value: object, depth: number): JsonValue {
    if (Array.isArray(value) || isTypedArray(value)) return this.#convertList(value, depth);
    if (value instanceof Set) return this.#convertList([...value], depth);
    if (!(value instanceof Map)) return this.#convertEntries(value, depth);
    const hasTextKeys = [...value.keys()].every((key) => typeof key === 'string');
    return hasTextKeys ? this.#convertEntries(Object.fromEntries(value), depth) : this.#convertList([...value], depth);
  }

  #convertList(list: ArrayLike<unknown>, depth: number): JsonValue[] {
    const out: JsonValue[] = [];
    for (let index = 0; index < list.length; index += 1) out.push(this.convert(list[index], depth)); // holes too
    return out;
  }

  #convertEntries(value: object, depth: number): JsonObject {
    const out: JsonObject = Object.create(null);
    for (const [key, member] of Object.entries(value)) out[freeKey(key, key, value, out)] = this.convert(member, depth);
    return out;
  }

  #mark(text: string): string {
    this.#cut = true;
    return text;
  }
}

/** `wanted` without what `jsonb` refuses; where that makes it another key, one that neither side has. */
function freeKey(wanted: string, original: string, source: object, out: JsonObject): string {
  let key = cleanText(wanted);
  while (key !== original && (Object.hasOwn(source, key) || Object.hasOwn(out, key))) key += '_';
  return key;
}

function cleanText(text: string): string {
  return (text.includes('\0') ? text.replaceAll('\0', '\ufffd') : text).toWellFormed();
}

function binary(bytes: Uint8Array): JsonObject {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const known: JsonObject =
    buffer.length <= MAX_INLINE_BYTES
      ? { _base64: buffer.toString('base64') }
      : { _bytes: buffer.length, sha256: hash('sha256', buffer) };
  return Object.assign(Object.create(null), known);
}
