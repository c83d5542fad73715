import type { HubAnswer, HubHttp } from './hub-http.ts';

/** The message goes on from the name of the file: `has 9 bytes, …`. */
export class TooManyBytes extends Error {
  override readonly name = 'TooManyBytes';
}

/** A whole body. @throws {TooManyBytes} as soon as that is known @throws {PassingFailure} when it is cut */
export async function readBody(http: HubHttp, answer: HubAnswer, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const declared = Number(answer.headers['content-length'] ?? 0);
  if (declared > maxBytes) {
    answer.body.destroy();
    throw new TooManyBytes(`has ${declared} bytes, more than the ${maxBytes} that are allowed`);
  }
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of http.chunks(answer)) {
    sizeBytes += chunk.length;
    if (sizeBytes > maxBytes) throw new TooManyBytes(`has more than the ${maxBytes} bytes that are allowed`);
    chunks.push(chunk);
  }
  return join(chunks, sizeBytes);
}

function join(chunks: readonly Uint8Array[], sizeBytes: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(sizeBytes);
  let filled = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, filled);
    filled += chunk.length;
  }
  return bytes;
}
