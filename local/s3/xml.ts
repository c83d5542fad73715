import { XMLParser } from 'fast-xml-parser';
import { S3Error } from './s3-error.ts';

/** An element around XML. */
export function element(name: string, ...children: readonly string[]): string {
  return `<${name}>${children.join('')}</${name}>`;
}

/** An element around text; nothing when there is none. */
export function text(name: string, value: string | number | boolean | undefined): string {
  return value === undefined ? '' : `<${name}>${escapeXml(String(value))}</${name}>`;
}

/** A whole answer in S3's namespace. */
export function document(root: string, ...children: readonly string[]): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${root} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${children.join('')}</${root}>`;
}

/** Control characters are written as references, as S3 does, although XML 1.0 has none for most of them. */
function escapeXml(value: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: keys may hold them
  return value.replace(/[&<>"\x00-\x1f\x7f]/g, (char) => `&#x${char.charCodeAt(0).toString(16)};`);
}

const parser = new XMLParser({
  parseTagValue: false, // a key may look like a number
  trimValues: false, // … or begin with a space
  htmlEntities: true, // numeric references too
  isArray: (name) => name === 'Object' || name === 'Part',
});

/** @throws {S3Error} MalformedXML */
export function parseXml(xml: string): unknown {
  try {
    return parser.parse(xml, true);
  } catch {
    throw malformedXml();
  }
}

export function malformedXml(): S3Error {
  return new S3Error(400, 'MalformedXML', 'The XML you provided was not well-formed or did not validate');
}
