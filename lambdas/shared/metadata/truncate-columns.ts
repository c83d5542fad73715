import type { JsonObject, JsonValue } from '../scenes/scene-record.ts';

/** Room for the text that says what was cut. */
const MARKER_BYTES = 48;

/** UTF-8 bytes of a value's JSON. */
export function jsonBytes(value: JsonValue): number {
  return Buffer.byteLength(JSON.stringify(value));
}

/** The same, but Infinity as soon as it is more than `limit`, so that nested values are not measured again and again. */
function jsonBytesUpTo(limit: number, value: JsonValue): number {
  if (typeof value !== 'object' || value === null) return jsonBytes(value);
  let bytes = 2;
  for (const [key, member] of Object.entries(value)) {
    bytes += Array.isArray(value) ? 1 : jsonBytes(key) + 2; // comma, or key, colon and comma: one too many
    bytes += jsonBytesUpTo(limit - bytes, member);
    if (bytes > limit) return Number.POSITIVE_INFINITY;
  }
  return bytes;
}

/**
 * Shortens the largest columns of a row in place, all to the same size, until its JSON has `maxBytes`; the small ones
 * stay whole. Returns the names of those that were shortened.
 */
export function truncateColumns(row: JsonObject, sizeBytes: number, maxBytes: number): string[] {
  const columns = Object.entries(row).map(([name, value]) => ({ name, value, bytes: jsonBytes(value) }));
  columns.sort((a, b) => a.bytes - b.bytes);
  let left = maxBytes - (sizeBytes - columns.reduce((sum, { bytes }) => sum + bytes, 0)); // names and punctuation
  const shortened: string[] = [];
  for (const [index, { name, value, bytes }] of columns.entries()) {
    const share = Math.floor(left / (columns.length - index));
    const short = bytes > share ? shorten(value, share) : value;
    if (short !== value) shortened.push(name);
    row[name] = short;
    left -= Math.min(bytes, share);
  }
  return shortened;
}

/** A value whose JSON has at most `maxBytes` (a little more when that is hardly anything). */
function shorten(value: JsonValue, maxBytes: number): JsonValue {
  const room = maxBytes - MARKER_BYTES;
  if (typeof value === 'string') return shortenText(value, room);
  if (Array.isArray(value)) return shortenList(value, room);
  if (typeof value === 'object' && value !== null) return shortenObject(value, room);
  return value;
}

function shortenText(text: string, room: number): string {
  let kept = Math.max(0, Math.floor((text.length * room) / jsonBytes(text)));
  while (kept > 0 && jsonBytes(text.slice(0, kept)) > room) kept = Math.floor(kept * 0.9);
  return `${text.slice(0, kept).toWellFormed()}… [cut: ${text.length - kept} of ${text.length} characters]`;
}

function shortenList(list: JsonValue[], room: number): JsonValue[] {
  const kept: JsonValue[] = [];
  let left = room;
  for (const item of list) {
    const bytes = jsonBytesUpTo(left, item) + 1;
    if (bytes > left) {
      if (left > 2 * MARKER_BYTES) kept.push(shorten(item, left));
      break;
    }
    kept.push(item);
    left -= bytes;
  }
  return [...kept, `[cut: ${list.length} items in all]`];
}

function shortenObject(object: JsonObject, room: number): JsonObject {
  const kept: JsonObject = Object.create(null);
  let left = room;
  for (const [key, value] of Object.entries(object)) {
    const free = left - jsonBytes(key) - 2; // colon and comma
    const fits = jsonBytesUpTo(free, value) <= free;
    if (!fits && free < 2 * MARKER_BYTES) continue;
    const fitting = fits ? value : shorten(value, free);
    kept[key] = fitting;
    left = free - jsonBytes(fitting);
  }
  kept._cut = `${Object.keys(object).length} keys in all`;
  return kept;
}
