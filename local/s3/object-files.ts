import { hash, randomUUID } from 'node:crypto';
import {
  mkdirSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  type Stats,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { compareKeys } from './key-order.ts';
import { KeyWalk } from './key-walk.ts';
import { deriveInfo, type ObjectInfo, readInfo } from './object-info.ts';
import { invalidArgument, noSuchBucket } from './s3-error.ts';

/** An object that exists: where its bytes are and what is known of them. */
export interface FoundObject {
  readonly path: string;
  readonly info: ObjectInfo;
}

/** Ours within the data folder; no bucket can be called so. */
const INTERNAL = '.s3';
/** Bytes of one name in the file systems that people use. */
const MAX_NAME_BYTES = 255;
const BUCKET_NAME = /^[a-z0-9](?!.*\.\.)[a-z0-9.-]{1,61}[a-z0-9]$/;
/** Errors that say that a key cannot be a file here: a part of it is a file, it is a folder, or it is too long. */
const NO_PLACE: ReadonlySet<string> = new Set(['ENOTDIR', 'EISDIR', 'EEXIST', 'ENOTEMPTY', 'EPERM', 'ENAMETOOLONG']);

/**
 * Buckets as folders, objects as plain files under their keys. A key that cannot be a file name (`..`, an empty or
 * over-long part, a key that is a folder of others) lies in a folder of ours under its hash. What does not fit into a
 * file (ETag, type, metadata) lies in a small file of its own and is believed as long as size and time of the object
 * agree, so a file that a person edits or adds is an object like any other.
 *
 * All that changes the tree is synchronous: nobody sees half of a change, and conditions hold until it is done. A crash
 * of the process loses nothing that was answered. One server per data folder.
 */
export class ObjectFiles {
  readonly #root: string;
  readonly #walk = new KeyWalk();
  /** Keys that lie under their hash, by bucket. */
  readonly #odd = new Map<string, Set<string>>();

  constructor(dataDir: string) {
    this.#root = dataDir;
    rmSync(this.#internal('tmp'), { recursive: true, force: true });
    mkdirSync(this.#internal('tmp'), { recursive: true });
    for (const bucket of this.buckets()) this.#odd.set(bucket, this.#loadOdd(bucket));
  }

  /** Names, in order. */
  buckets(): string[] {
    return readdirSync(this.#root, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && BUCKET_NAME.test(entry.name))
      .map((entry) => entry.name)
      .sort();
  }

  /** Does nothing when it exists. @throws {S3Error} InvalidBucketName, as InvalidArgument */
  createBucket(bucket: string): void {
    if (!BUCKET_NAME.test(bucket)) throw invalidArgument(`"${bucket}" is not a valid bucket name`);
    mkdirSync(join(this.#root, bucket), { recursive: true });
    if (!this.#odd.has(bucket)) this.#odd.set(bucket, new Set());
  }

  hasBucket(bucket: string): boolean {
    return this.#odd.has(bucket);
  }

  /** A path for bytes that are on their way; what is there at the next start is removed. */
  temporaryPath(): string {
    return join(this.#internal('tmp'), randomUUID());
  }

  /** Folder of the multipart uploads that are under way. */
  get uploadsFolder(): string {
    return this.#internal('uploads');
  }

  /** @throws {S3Error} NoSuchBucket */
  find(bucket: string, key: string): FoundObject | undefined {
    const path = this.#oddKeys(bucket).has(key) ? this.#oddPath(bucket, key) : this.#plainPath(bucket, key);
    const stat = path === undefined ? undefined : statFile(path);
    if (path === undefined || !stat) return undefined;
    const infoPath = this.#infoPath(bucket, key);
    const known = readInfo(infoPath);
    if (known?.key === key && known.sizeBytes === stat.size && known.mtimeMs === stat.mtimeMs)
      return { path, info: known };
    const info = deriveInfo(key, path, stat, known);
    this.#writeInfo(infoPath, info);
    return { path, info };
  }

  /** Moves a finished file to its key, over what is there. @throws {S3Error} NoSuchBucket */
  commit(bucket: string, temporary: string, object: Omit<ObjectInfo, 'sizeBytes' | 'mtimeMs'>): ObjectInfo {
    const odd = this.#oddKeys(bucket);
    const { size: sizeBytes, mtimeMs } = statSync(temporary);
    const info: ObjectInfo = { ...object, sizeBytes, mtimeMs };
    const infoPath = this.#infoPath(bucket, object.key);
    const plain = odd.has(object.key) ? undefined : this.#plainPath(bucket, object.key);
    if (plain === undefined || !tryMove(temporary, plain)) {
      // Only the info knows an odd object's key, so a new one gets it before the bytes.
      if (!odd.has(object.key)) this.#writeInfo(infoPath, info);
      moveIntoFolder(temporary, this.#oddPath(bucket, object.key));
      odd.add(object.key);
    }
    this.#writeInfo(infoPath, info);
    return info;
  }

  /** Does nothing when there is no such object. @throws {S3Error} NoSuchBucket */
  remove(bucket: string, key: string): void {
    if (this.#oddKeys(bucket).delete(key)) {
      rmSync(this.#oddPath(bucket, key), { force: true });
    } else {
      const path = this.#plainPath(bucket, key);
      if (path === undefined || !statFile(path)) return;
      unlinkSync(path);
      removeEmptyFolders(dirname(path), join(this.#root, bucket));
    }
    rmSync(this.#infoPath(bucket, key), { force: true });
  }

  /** Keys of at least `from`, in S3's order. @throws {S3Error} NoSuchBucket */
  *keys(bucket: string, from: string): Generator<string> {
    const odd = [...this.#oddKeys(bucket)].filter((key) => compareKeys(key, from) >= 0).sort(compareKeys);
    let next = 0;
    for (const key of this.#walk.keys(join(this.#root, bucket), from)) {
      for (let other = odd[next]; other !== undefined && compareKeys(other, key) < 0; other = odd[next]) {
        next += 1;
        yield other;
      }
      yield key;
    }
    yield* odd.slice(next);
  }

  #oddKeys(bucket: string): Set<string> {
    const keys = this.#odd.get(bucket);
    if (!keys) throw noSuchBucket();
    return keys;
  }

  #loadOdd(bucket: string): Set<string> {
    const folder = this.#internal('odd', bucket);
    const keys = new Set<string>();
    for (const name of listFolder(folder)) {
      const key = readInfo(this.#infoPathOfHash(bucket, name))?.key;
      if (key === undefined) rmSync(join(folder, name), { force: true });
      else keys.add(key);
    }
    return keys;
  }

  #internal(...parts: string[]): string {
    return join(this.#root, INTERNAL, ...parts);
  }

  #plainPath(bucket: string, key: string): string | undefined {
    return key.split('/').every(canBeName) ? join(this.#root, bucket, key) : undefined;
  }

  #oddPath(bucket: string, key: string): string {
    return this.#internal('odd', bucket, hash('sha256', key));
  }

  #infoPath(bucket: string, key: string): string {
    return this.#infoPathOfHash(bucket, hash('sha256', key));
  }

  #infoPathOfHash(bucket: string, keyHash: string): string {
    return this.#internal('info', bucket, keyHash.slice(0, 2), keyHash.slice(2));
  }

  #writeInfo(path: string, info: ObjectInfo): void {
    const temporary = this.temporaryPath();
    writeFileSync(temporary, JSON.stringify(info));
    moveIntoFolder(temporary, path);
  }
}

function canBeName(part: string): boolean {
  if (part === '' || part === '.' || part === '..' || part.includes('\0')) return false;
  if (process.platform === 'win32' && /[\\:*?"<>|]|[. ]$/.test(part)) return false;
  return part.length * 3 <= MAX_NAME_BYTES || Buffer.byteLength(part) <= MAX_NAME_BYTES;
}

/** `false` when the path cannot be a file here. */
function tryMove(from: string, to: string): boolean {
  try {
    moveIntoFolder(from, to);
    return true;
  } catch (error) {
    if (NO_PLACE.has(codeOf(error))) return false;
    throw error;
  }
}

function moveIntoFolder(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
    mkdirSync(dirname(to), { recursive: true });
    renameSync(from, to);
  }
}

function removeEmptyFolders(folder: string, root: string): void {
  try {
    for (let current = folder; current !== root; current = dirname(current)) rmdirSync(current);
  } catch (error) {
    if (!['ENOTEMPTY', 'EEXIST', 'ENOENT'].includes(codeOf(error))) throw error;
  }
}

function statFile(path: string): Stats | undefined {
  try {
    const stat = statSync(path, { throwIfNoEntry: false });
    return stat?.isFile() ? stat : undefined;
  } catch (error) {
    if (codeOf(error) === 'ENOTDIR' || codeOf(error) === 'ENAMETOOLONG') return undefined;
    throw error;
  }
}

function listFolder(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}
