/** A JSON value. The engine never changes one in place. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `Array.isArray` for values that are read-only. */
export function isArray(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

/** The service's limit on a payload, in bytes of UTF-8. */
export const PAYLOAD_LIMIT_BYTES = 262_144;

export function isTooLarge(text: string): boolean {
  // A UTF-16 unit is three bytes at most, so that short texts need no counting.
  return text.length * 3 > PAYLOAD_LIMIT_BYTES && Buffer.byteLength(text) > PAYLOAD_LIMIT_BYTES;
}
