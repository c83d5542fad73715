import { BadInputError, TransientError } from '../errors.ts';
import type { ByteSource } from './byte-source.ts';
import type { DownloadSlots } from './download-slots.ts';
import type { FileRequests, HubFile } from './file-requests.ts';
import { discard, type HubAnswer, type HubHttp } from './hub-http.ts';
import { PassingFailure, type Tries } from './tries.ts';

export interface RangedFileDeps {
  readonly http: HubHttp;
  readonly files: FileRequests;
  readonly slots: DownloadSlots;
  /** Resolves while the server does not ask for a pause. */
  readonly gate: () => Promise<void>;
  readonly tries: (what: string) => Tries;
}

/** The part of a file that an answer holds. */
interface Part {
  readonly answer: HubAnswer;
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
  readonly sizeBytes: number;
}

/** A file that is read by ranges; see `ByteSource`. */
export class RangedFile implements ByteSource {
  readonly path: string;
  readonly #file: HubFile;
  readonly #deps: RangedFileDeps;
  /** Of the first answer: all others must be parts of the same bytes. */
  #version: { readonly sizeBytes: number; readonly etag: string | undefined } | undefined;

  constructor(file: HubFile, deps: RangedFileDeps) {
    this.path = file.path;
    this.#file = file;
    this.#deps = deps;
  }

  async readTail(length: number): Promise<{ bytes: Uint8Array; sizeBytes: number }> {
    const tries = this.#deps.tries(`read the end of ${this.#name()}`);
    for (;;) {
      await this.#deps.gate();
      const slot = await this.#deps.slots.acquire();
      try {
        return await this.#readTailOnce(length);
      } catch (error) {
        slot.release();
        await tries.failed(error);
      } finally {
        slot.release();
      }
    }
  }

  async *stream(start: number, end: number): AsyncGenerator<Uint8Array, void, undefined> {
    const tries = this.#deps.tries(`read bytes ${start} to ${end} of ${this.#name()}`);
    let at = start;
    while (at < end) {
      await this.#deps.gate();
      const slot = await this.#deps.slots.acquire();
      let failure: unknown;
      let reclaimed = false;
      try {
        const part = await this.#open(`bytes=${at}-${end - 1}`);
        if (part.sizeBytes < end || part.start !== at || part.end > end) {
          part.answer.body.destroy();
          throw this.#wrongPart(part, at, end);
        }
        for await (const chunk of this.#deps.http.chunks(part.answer)) {
          at += chunk.length;
          if (at > part.end) throw new PassingFailure('more bytes arrived than were asked for');
          tries.progressed();
          slot.idle(() => part.answer.body.destroy());
          yield chunk;
          reclaimed = !slot.busy();
          if (reclaimed) break;
        }
        if (!reclaimed && at < part.end) failure = new PassingFailure('the body ended early');
      } catch (error) {
        failure = error;
      } finally {
        slot.release();
      }
      if (failure !== undefined) await tries.failed(failure);
    }
  }

  async #readTailOnce(length: number): Promise<{ bytes: Uint8Array; sizeBytes: number }> {
    const part = await this.#open(`bytes=-${length}`);
    if (part.end !== part.sizeBytes || part.end - part.start !== Math.min(length, part.sizeBytes)) {
      part.answer.body.destroy();
      throw new BadInputError(`${this.#name()}: the server sent another range than the last ${length} bytes`);
    }
    const bytes = new Uint8Array(part.end - part.start);
    let filled = 0;
    for await (const chunk of this.#deps.http.chunks(part.answer)) {
      if (filled + chunk.length > bytes.length) throw new PassingFailure('more bytes arrived than were asked for');
      bytes.set(chunk, filled);
      filled += chunk.length;
    }
    if (filled < bytes.length) throw new PassingFailure('the body ended early');
    return { bytes, sizeBytes: part.sizeBytes };
  }

  async #open(range: string): Promise<Part> {
    const answer = await this.#deps.files.get(this.#file, { range });
    const part = partOf(answer);
    if (part && part.end > part.start) {
      this.#checkVersion(part);
      return part;
    }
    await discard(answer.body);
    if (!part) throw new BadInputError(`${this.#name()}: the server does not answer ranges (status ${answer.status})`);
    if (part.sizeBytes === 0 || range.startsWith('bytes=-')) return { ...part, start: 0, end: 0 };
    throw new BadInputError(`${this.#name()} has only ${part.sizeBytes} bytes; asked for ${range}`);
  }

  #checkVersion({ answer, sizeBytes }: Part): void {
    const etag = typeof answer.headers.etag === 'string' ? answer.headers.etag : undefined;
    this.#version ??= { sizeBytes, etag };
    const known = this.#version;
    if (known.sizeBytes !== sizeBytes || (known.etag !== undefined && etag !== undefined && known.etag !== etag)) {
      answer.body.destroy();
      throw new TransientError(
        `${this.#name()} changed while it was read (${known.sizeBytes} bytes, now ${sizeBytes})`,
      );
    }
  }

  #wrongPart(part: Part, start: number, end: number): BadInputError {
    return new BadInputError(
      part.sizeBytes < end
        ? `${this.#name()} is shorter than expected: it has ${part.sizeBytes} bytes, of which ${start} to ${end} were asked for`
        : `${this.#name()}: the server sent bytes ${part.start} to ${part.end}, asked for ${start} to ${end}`,
    );
  }

  #name(): string {
    return `${this.#file.repo}/${this.#file.path}`;
  }
}

/** What a 206 or a 416 says of itself; `undefined` when it is neither, or does not say. */
function partOf(answer: HubAnswer): Part | undefined {
  const header = answer.headers['content-range'];
  const encoding = answer.headers['content-encoding'] ?? 'identity';
  const text = typeof header === 'string' ? header : '';
  if (answer.status === 416) {
    const size = /^bytes \*\/(\d+)$/.exec(text)?.[1];
    return size === undefined ? undefined : { answer, start: 0, end: 0, sizeBytes: Number(size) };
  }
  const found = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(text);
  if (answer.status !== 206 || !found || encoding !== 'identity') return undefined;
  return { answer, start: Number(found[1]), end: Number(found[2]) + 1, sizeBytes: Number(found[3]) };
}
