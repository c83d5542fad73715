import { writeSync } from 'node:fs';
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { v4 as uuidV4 } from 'uuid';
import { CorruptDataError } from './corrupt-data-error.ts';

/** A file that has no name, so that it is gone when it is closed or the process dies. */
export class ScratchFile implements AsyncDisposable {
  /** Bytes written so far. */
  size = 0;
  /** What is promised to be written; more is refused. */
  readonly maxBytes: number;
  readonly #handle: FileHandle;

  private constructor(handle: FileHandle, maxBytes: number) {
    this.#handle = handle;
    this.maxBytes = maxBytes;
  }

  /** The file is removed at once from `dir`; its bytes stay until it is closed. */
  static async create(dir: string, maxBytes: number): Promise<ScratchFile> {
    const path = join(dir, `modomo-page-${uuidV4()}`);
    const handle = await open(path, 'wx+', 0o600);
    await unlink(path);
    return new ScratchFile(handle, maxBytes);
  }

  /** Appends at once: decoders cannot wait. @throws {CorruptDataError} beyond `maxBytes`. */
  append(bytes: Uint8Array): void {
    if (this.size + bytes.length > this.maxBytes)
      throw new CorruptDataError(`more than ${this.maxBytes} bytes come out`);
    for (let done = 0; done < bytes.length; ) {
      done += writeSync(this.#handle.fd, bytes, done, bytes.length - done, this.size + done);
    }
    this.size += bytes.length;
  }

  /** Bytes `[start, end)`. @throws {CorruptDataError} when the file ends before. */
  async read(start: number, end: number): Promise<Uint8Array> {
    if (end > this.size || start > end) throw new CorruptDataError(`bytes ${start} to ${end} of ${this.size}`);
    const bytes = Buffer.allocUnsafeSlow(end - start);
    for (let done = 0; done < bytes.length; ) {
      const { bytesRead } = await this.#handle.read(bytes, done, bytes.length - done, start + done);
      if (bytesRead === 0) throw new Error('a scratch file was cut');
      done += bytesRead;
    }
    return bytes;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle.close();
  }
}
