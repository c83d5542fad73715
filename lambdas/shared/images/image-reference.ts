/** Longest reference in a failure line, in characters. */
const MAX_LENGTH = 300;

/** The reference in a row's image value: the string itself or a struct's `path`; `null` when it holds none. */
export function referenceOf(value: unknown): string | null {
  const reference = isStruct(value) ? value.path : value;
  return typeof reference === 'string' && reference.trim() !== '' ? reference.trim() : null;
}

/** An image struct as `datasets` writes it: `{bytes, path}`, either of which may be missing. */
export function isStruct(value: unknown): value is { bytes?: unknown; path?: unknown } {
  return typeof value === 'object' && value !== null && ('bytes' in value || 'path' in value);
}

/**
 * Which image a row means, for failure lines and logs: its path, or its URL without query, fragment and user, at most
 * 300 characters. `null` when the row does not say, or carries the image inside the string.
 */
export function imageReference(value: unknown): string | null {
  const reference = referenceOf(value);
  if (reference === null || isInlineImage(reference)) return null;
  const text = reference.includes('://') ? reference.split('::').map(withoutSecrets).join('::') : reference;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not reach a log line
  const printable = text.toWellFormed().replace(/[\u0000-\u001f\u007f-\u009f]/g, '\ufffd');
  return printable.length <= MAX_LENGTH ? printable : `${printable.slice(0, MAX_LENGTH - 1).toWellFormed()}…`;
}

/** A URL as it may stand in messages: signatures and passwords live in the query, the fragment and the user part. */
export function withoutSecrets(url: string): string {
  return url.replace(/[?#].*$/s, '').replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/\\]*@/i, '$1');
}

/** Base64 of the first bytes of JPEG, PNG, GIF and WebP (RIFF); longer than any path that begins like one. */
const BASE64_MAGIC = /^(?:\/9j\/|iVBORw0KGgo|R0lGOD|UklGR)[A-Za-z0-9+/\r\n]{40}/;

/** The string is the image: a `data:` URI, or the base64 of a JPEG, PNG, GIF or WebP. */
export function isInlineImage(text: string): boolean {
  return /^data:/i.test(text) || BASE64_MAGIC.test(text);
}

/** The bytes of an inline image; `undefined` when its `data:` URI is malformed. */
export function decodeInlineImage(text: string): Uint8Array | undefined {
  if (!/^data:/i.test(text)) return Buffer.from(text, 'base64');
  const comma = text.indexOf(',');
  if (comma < 0) return undefined;
  const data = text.slice(comma + 1);
  if (/;\s*base64\s*$/i.test(text.slice(0, comma))) return Buffer.from(data, 'base64');
  try {
    return Buffer.from(decodeURIComponent(data));
  } catch {
    return undefined;
  }
}
