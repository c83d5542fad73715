import { hash } from 'node:crypto';
import { S3Error } from './s3-error.ts';
import type { VerifiedRequest } from './signature.ts';

const EMPTY_SHA256 = hash('sha256', '', 'hex');
/** Bytes of a chunk's head or a trailer; longer ones are an attack or not `aws-chunked`. */
const MAX_LINE = 8192;
/** Bytes of a signed chunk, which is held until its signature has been checked. SDKs send 64 KiB to 1 MiB. */
const MAX_SIGNED_CHUNK = 64 << 20;

/**
 * Decodes a body with `Content-Encoding: aws-chunked`. Trailing headers are put into `trailers`, in lower case. With
 * `signed`, each chunk and the trailer carry a signature that continues the request's.
 * @throws {S3Error} IncompleteBody, InvalidRequest, SignatureDoesNotMatch
 */
export async function* decodeAwsChunked(
  source: AsyncIterable<Buffer>,
  trailers: Map<string, string>,
  signed: VerifiedRequest | undefined,
): AsyncGenerator<Buffer> {
  const reader = new ByteReader(source);
  let previous = signed?.signature ?? '';
  const check = (kind: string, digests: string, signature: string | undefined): void => {
    if (!signed) return;
    const text = `AWS4-HMAC-SHA256-${kind}\n${signed.timestamp}\n${signed.scope}\n${previous}\n${digests}`;
    previous = signed.sign(text);
    if (previous !== signature) {
      throw new S3Error(403, 'SignatureDoesNotMatch', `The signature of a ${kind.toLowerCase()} chunk does not match`);
    }
  };

  for (;;) {
    const [, hex = '', signature] =
      /^([0-9a-fA-F]{1,8})(?:;chunk-signature=([0-9a-f]{64}))?$/.exec(await reader.line()) ?? [];
    const size = Number.parseInt(hex, 16);
    if (Number.isNaN(size)) throw new S3Error(400, 'InvalidRequest', 'The head of a chunk is malformed');
    if (!signed) {
      for (let left = size; left > 0; ) {
        const part = await reader.some(left);
        left -= part.length;
        yield part;
      }
    } else {
      if (size > MAX_SIGNED_CHUNK) throw new S3Error(400, 'InvalidRequest', 'A signed chunk is too large');
      const chunk = await reader.exactly(size);
      check('PAYLOAD', `${EMPTY_SHA256}\n${hash('sha256', chunk, 'hex')}`, signature);
      if (size > 0) yield chunk;
    }
    if (size === 0) break;
    if ((await reader.line()) !== '') throw new S3Error(400, 'InvalidRequest', 'A chunk is longer than its head says');
  }

  let signature: string | undefined;
  let trailer = '';
  for (let line = await reader.line(true); line !== ''; line = await reader.line(true)) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).trim().toLowerCase();
    const value = line.slice(colon + 1).trim();
    if (name === 'x-amz-trailer-signature') {
      signature = value;
    } else {
      trailers.set(name, value);
      trailer += `${name}:${value}\n`;
    }
  }
  if (trailer !== '') check('TRAILER', hash('sha256', trailer, 'hex'), signature);
}

class ByteReader {
  readonly #source: AsyncIterator<Buffer>;
  #chunk: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** Up to the next CRLF. With `orEnd` the end of the body ends the line too: some clients leave out the last CRLF. */
  async line(orEnd = false): Promise<string> {
    let text = '';
    for (;;) {
      const end = this.#chunk.indexOf(0x0a);
      if (end >= 0) {
        text += this.#chunk.toString('latin1', 0, end);
        this.#chunk = this.#chunk.subarray(end + 1);
        return text.endsWith('\r') ? text.slice(0, -1) : text;
      }
      text += this.#chunk.toString('latin1');
      if (text.length > MAX_LINE) throw new S3Error(400, 'InvalidRequest', 'A line between chunks is too long');
      this.#chunk = Buffer.alloc(0);
      if (!(await this.#fill())) {
        if (orEnd) return text;
        throw incompleteBody();
      }
    }
  }

  /** Between 1 and `max` bytes, as they come. */
  async some(max: number): Promise<Buffer> {
    while (this.#chunk.length === 0) if (!(await this.#fill())) throw incompleteBody();
    const part = this.#chunk.subarray(0, max);
    this.#chunk = this.#chunk.subarray(part.length);
    return part;
  }

  async exactly(size: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    for (let left = size; left > 0; ) {
      const part = await this.some(left);
      left -= part.length;
      parts.push(part);
    }
    return parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts);
  }

  async #fill(): Promise<boolean> {
    const next = await this.#source.next();
    if (next.done) return false;
    this.#chunk = next.value;
    return true;
  }
}

function incompleteBody(): S3Error {
  return new S3Error(400, 'IncompleteBody', 'The request body ended before all of its chunks had come');
}
