/** What other files begin with, as Latin-1, from the given offset. */
const SIGNATURES: readonly (readonly [name: string, offset: number, ...starts: string[]])[] = [
  ['a PDF document', 0, '%PDF-'],
  ['a ZIP archive', 0, 'PK\x03\x04', 'PK\x05\x06'],
  ['gzip data', 0, '\x1f\x8b'],
  ['a HEIC image', 4, 'ftyphei', 'ftyphev', 'ftypmif1', 'ftypmsf1'],
  ['an animated AVIF image', 4, 'ftypavis'],
  ['a video (MP4)', 4, 'ftyp'],
  ['a video (WebM)', 0, '\x1a\x45\xdf\xa3'],
  ['a JPEG XL image', 0, '\xff\x0a', '\0\0\0\x0cJXL '],
  ['a JPEG 2000 image', 0, '\xff\x4f\xff\x51', '\0\0\0\x0cjP  '],
  ['a Photoshop document', 0, '8BPS'],
  ['an icon (ICO)', 0, '\0\0\x01\0'],
  ['a NumPy array', 0, '\x93NUMPY'],
  ['a Python pickle', 0, '\x80\x02', '\x80\x03', '\x80\x04', '\x80\x05'],
  ['an OpenEXR image', 0, '\x76\x2f\x31\x01'],
  ['a parquet file', 0, 'PAR1'],
  ['audio or video (RIFF)', 0, 'RIFF'],
  ['a Git LFS pointer', 0, 'version https://git-lfs'],
  ['a netpbm image', 0, 'P4\n', 'P5\n', 'P6\n', 'P7\n'],
];

const TEXTS: readonly (readonly [name: string, start: RegExp])[] = [
  ['an SVG drawing', /^(?:<\?xml|<!--|<!doctype svg)[\s\S]*<svg[\s>]|^<svg[\s>]/i],
  ['an HTML page', /^<(?:!doctype html|html|head|body|script|meta|title)\b/i],
  ['XML', /^<\?xml/i],
  ['JSON', /^[[{]\s*["[{\d\]}tfn-]/],
];

/** Bytes looked at. */
const LOOK_BYTES = 512;

/** For a person: what bytes that are none of our image formats seem to be ("an HTML page", "text", "unknown data"). */
export function describeBytes(bytes: Uint8Array): string {
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, LOOK_BYTES));
  const latin1 = start.toString('latin1');
  const signature = SIGNATURES.find(([, offset, ...starts]) => starts.some((text) => latin1.startsWith(text, offset)));
  if (signature) return signature[0];
  const text = decodeText(start)?.trimStart();
  if (text === undefined) return 'unknown data';
  return TEXTS.find(([, pattern]) => pattern.test(text))?.[0] ?? 'text';
}

/** `undefined` for what is not UTF-8, or holds control characters that no text has. */
function decodeText(start: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(start, { stream: true }); // its end may be cut
    return /(?![\t\n\f\r])\p{Cc}/u.test(text) ? undefined : text;
  } catch {
    return undefined;
  }
}
