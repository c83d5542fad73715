import { createHash, randomBytes } from 'node:crypto';
import {
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
} from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { ObjectHeaders } from './object-info.ts';
import { S3Error } from './s3-error.ts';

/** What an upload will become. */
export interface UploadTarget extends ObjectHeaders {
  readonly bucket: string;
  readonly key: string;
}

export interface UploadedPart {
  readonly number: number;
  /** MD5 in lower-case hex */
  readonly md5: string;
  readonly sizeBytes: number;
  /** Milliseconds since 1970 */
  readonly mtimeMs: number;
}

/** Parts but the last are at least as large as this, as on S3. */
const MIN_PART_BYTES = 5 << 20;

/** Multipart uploads that are under way: a folder each, with `upload.json` and the parts as `{number}.{md5}`. */
export class MultipartUploads {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
    mkdirSync(folder, { recursive: true });
  }

  /** Returns the upload's id. */
  async create(target: UploadTarget): Promise<string> {
    const id = randomBytes(16).toString('hex');
    mkdirSync(join(this.#folder, id));
    await writeFile(join(this.#folder, id, 'upload.json'), JSON.stringify(target));
    return id;
  }

  /** @throws {S3Error} NoSuchUpload */
  target(id: string, bucket: string, key: string): UploadTarget {
    try {
      const target = JSON.parse(readFileSync(join(this.#path(id), 'upload.json'), 'utf8')) as UploadTarget;
      if (target.bucket === bucket && target.key === key) return target;
    } catch (error) {
      if (error instanceof S3Error) throw error;
    }
    throw noSuchUpload();
  }

  /** Takes over a file as a part, in place of an earlier one of that number. @throws {S3Error} NoSuchUpload */
  async addPart(id: string, number: number, md5: string, temporary: string): Promise<void> {
    const folder = this.#path(id);
    const name = `${number}.${md5}`;
    const earlier = readdirSync(folder).filter((other) => other.startsWith(`${number}.`) && other !== name);
    await rename(temporary, join(folder, name));
    for (const other of earlier) await rm(join(folder, other), { force: true });
  }

  /** In the order of their numbers. @throws {S3Error} NoSuchUpload */
  parts(id: string): UploadedPart[] {
    const folder = this.#path(id);
    return readdirSync(folder)
      .flatMap((name) => {
        const [, number, md5] = /^(\d+)\.([0-9a-f]{32})$/.exec(name) ?? [];
        if (number === undefined || md5 === undefined) return [];
        const { size, mtimeMs } = statSync(join(folder, name));
        return [{ number: Number(number), md5, sizeBytes: size, mtimeMs }];
      })
      .sort((a, b) => a.number - b.number);
  }

  /**
   * Writes the listed parts one after the other into `path`. Returns the ETag.
   * @throws {S3Error} InvalidPart, InvalidPartOrder, EntityTooSmall, NoSuchUpload
   */
  async join(id: string, listed: readonly { number: number; etag: string }[], path: string): Promise<string> {
    const parts = this.#select(this.parts(id), listed);
    const output = createWriteStream(path, { flags: 'wx', highWaterMark: 1 << 20 });
    const folder = this.#path(id);
    await pipeline(async function* () {
      for (const part of parts) {
        yield* createReadStream(join(folder, `${part.number}.${part.md5}`), { highWaterMark: 1 << 20 });
      }
    }, output);
    const digest = createHash('md5');
    for (const part of parts) digest.update(part.md5, 'hex');
    return `${digest.digest('hex')}-${parts.length}`;
  }

  /** @throws {S3Error} NoSuchUpload */
  async remove(id: string): Promise<void> {
    await rm(this.#path(id), { recursive: true, force: true });
  }

  #select(uploaded: readonly UploadedPart[], listed: readonly { number: number; etag: string }[]): UploadedPart[] {
    const byNumber = new Map(uploaded.map((part) => [part.number, part]));
    return listed.map(({ number, etag }, index) => {
      const next = listed[index + 1];
      if (next && next.number <= number) {
        throw new S3Error(400, 'InvalidPartOrder', 'The list of parts was not in ascending order.');
      }
      const part = byNumber.get(number);
      if (part?.md5 !== etag) {
        throw new S3Error(400, 'InvalidPart', `Part ${number} could not be found, or its entity tag does not match.`);
      }
      if (next && part.sizeBytes < MIN_PART_BYTES) {
        throw new S3Error(400, 'EntityTooSmall', `Part ${number} is smaller than ${MIN_PART_BYTES} bytes`);
      }
      return part;
    });
  }

  #path(id: string): string {
    const path = join(this.#folder, id);
    if (!/^[0-9a-f]{32}$/.test(id) || !existsSync(path)) throw noSuchUpload();
    return path;
  }
}

function noSuchUpload(): S3Error {
  return new S3Error(404, 'NoSuchUpload', 'The specified multipart upload does not exist.');
}
