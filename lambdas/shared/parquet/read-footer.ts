import type { FileMetaData } from 'hyparquet';
import { BadInputError, messageOf } from '../errors.ts';
import type { ByteSource } from '../hub/byte-source.ts';
import { collect } from './byte-streams.ts';
import { checkMetadata } from './check-metadata.ts';
import { parseFooter } from './parse-footer.ts';

/** Holds the whole footer of nearly every file, and costs one request either way. */
const TAIL_BYTES = 128 * 1024;
/** Length of the metadata (4 bytes) and the magic (4 bytes) at the end of a file. */
const TRAILER_BYTES = 8;
/** Far above any real footer (thousands of row groups of hundreds of columns make 20 MB). */
const MAX_FOOTER_BYTES = 256 * 1024 * 1024;

export interface Footer {
  /** Without statistics. */
  readonly metadata: FileMetaData;
  /** Size of the whole file. */
  readonly sizeBytes: number;
  /** Size of the metadata, without the trailer. */
  readonly footerBytes: number;
}

/** The bytes of a file are not those of a parquet file that we can read, however often they are fetched. */
export class UnreadableFooter extends BadInputError {}

/**
 * Reads the metadata at the end of a parquet file: one request, a second one when the footer is larger than 128 KB.
 * @throws {UnreadableFooter} naming the path when it is no parquet file, cut, encrypted, or contradicts itself; and what
 * `source` throws.
 */
export async function readFooter(source: ByteSource): Promise<Footer> {
  const { bytes: tail, sizeBytes } = await source.readTail(TAIL_BYTES);
  const footerBytes = footerLength(source.path, tail, sizeBytes);
  const wanted = footerBytes + TRAILER_BYTES;
  const missing = wanted - tail.length;
  const bytes =
    missing <= 0
      ? tail.subarray(-wanted)
      : Buffer.concat([await collect(source, sizeBytes - wanted, sizeBytes - tail.length), tail]);
  try {
    const metadata = parseFooter(bytes.subarray(0, footerBytes));
    checkMetadata(metadata, sizeBytes - wanted);
    return { metadata, sizeBytes, footerBytes };
  } catch (error) {
    throw new UnreadableFooter(`${source.path} has a corrupt parquet footer: ${messageOf(error)}`, { cause: error });
  }
}

function footerLength(path: string, tail: Uint8Array, sizeBytes: number): number {
  const trailer = Buffer.from(tail.buffer, tail.byteOffset, tail.byteLength).subarray(-TRAILER_BYTES);
  const magic = trailer.toString('latin1', 4);
  if (magic === 'PARE') throw new UnreadableFooter(`${path} is an encrypted parquet file, which cannot be read`);
  if (magic !== 'PAR1' || sizeBytes < TRAILER_BYTES + 4) {
    throw new UnreadableFooter(
      `${path} (${sizeBytes} bytes) is not a parquet file, or is cut: it does not end in PAR1`,
    );
  }
  const length = trailer.readUInt32LE(0);
  if (length > sizeBytes - TRAILER_BYTES - 4 || length > MAX_FOOTER_BYTES) {
    throw new UnreadableFooter(`${path} (${sizeBytes} bytes) claims a footer of ${length} bytes: it is cut or corrupt`);
  }
  return length;
}
