import { TransientError } from '../errors.ts';
import type { ByteSource } from '../hub/byte-source.ts';

/** Bytes `[start, end)` of the file in one buffer. Only for ranges whose size has been checked. */
export async function collect(source: ByteSource, start: number, end: number): Promise<Uint8Array> {
  if (end <= start) return new Uint8Array(0);
  const bytes = Buffer.allocUnsafeSlow(end - start);
  let filled = 0;
  for await (const chunk of source.stream(start, end)) {
    bytes.set(chunk, filled);
    filled += chunk.length;
  }
  if (filled < bytes.length) throw new TransientError(`${source.path}: got ${filled} of the bytes ${start} to ${end}`);
  return bytes;
}
