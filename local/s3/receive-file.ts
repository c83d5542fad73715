import { closeSync, openSync, rmSync, writev as writevCallback, writevSync } from 'node:fs';
import { promisify } from 'node:util';
import { type ReceivedBody, receiveBody } from './incoming-body.ts';
import type { S3Request } from './s3-request.ts';
import type { VerifiedRequest } from './signature.ts';

const writev = promisify(writevCallback);

/** Bytes that are gathered before they are written; what is smaller is written at once, without a thread's detour. */
const WRITE_BYTES = 1 << 20;

/**
 * Writes the body into a new file, which is removed again when the body is damaged or does not come whole.
 * @throws {S3Error} as `receiveBody`
 */
export async function receiveFile(request: S3Request, verified: VerifiedRequest, path: string): Promise<ReceivedBody> {
  const fd = openSync(path, 'wx');
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  try {
    const received = await receiveBody(request, verified, async (chunk) => {
      pending.push(chunk);
      pendingBytes += chunk.length;
      if (pendingBytes < WRITE_BYTES) return;
      const { bytesWritten } = await writev(fd, pending);
      assertWritten(bytesWritten, pendingBytes);
      pending = [];
      pendingBytes = 0;
    });
    if (pendingBytes > 0) assertWritten(writevSync(fd, pending), pendingBytes);
    closeSync(fd);
    return received;
  } catch (error) {
    closeSync(fd);
    rmSync(path, { force: true });
    throw error;
  }
}

function assertWritten(written: number, expected: number): void {
  if (written !== expected) throw new Error(`only ${written} of ${expected} bytes could be written; is the disk full?`);
}
