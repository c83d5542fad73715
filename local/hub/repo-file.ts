import { createHash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { open } from 'node:fs/promises';

/** A file as git on the Hub knows it. */
export interface RepoFile {
  /** Inside the repository, with `/`. */
  readonly path: string;
  readonly sizeBytes: number;
  /** SHA-1 of the git blob: of the content, or of the pointer when it is in LFS. */
  readonly oid: string;
  /** Only of files that the Hub stores in LFS. */
  readonly lfs?: { readonly sha256: string; readonly pointer: string };
  /** Where it lies on disk. */
  readonly location: string;
  /** Differs once the file on disk is another one. */
  readonly stamp: string;
}

/** What the `.gitattributes` of a new dataset repository on the Hub sends to LFS, besides whatever is large. */
const LFS_NAME =
  /\.(7z|arrow|avro|bin|bz2|ckpt|ftz|gz|h5|joblib|lz4|mds|mlmodel|model|msgpack|np[yz]|onnx|ot|parquet|pb|pickle|pkl|pth?|rar|safetensors|tar|tflite|tgz|wasm|xz|zip|zst|pcm|sam|raw|aac|flac|mp3|ogg|wav|bmp|gif|png|tiff|jpe?g|webp|mp4|webm)$/i;
const LFS_SIZE_BYTES = 10 * 1024 * 1024;

export function stampOf({ size, mtimeNs, ctimeNs, ino }: BigIntStats): string {
  return [size, mtimeNs, ctimeNs, ino].join('-');
}

export function baseName({ path }: RepoFile): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** Reads the file once, for its hash. */
export async function readRepoFile(path: string, location: string): Promise<RepoFile> {
  await using handle = await open(location);
  const stats = await handle.stat({ bigint: true });
  const sizeBytes = Number(stats.size);
  const inLfs = LFS_NAME.test(path) || sizeBytes > LFS_SIZE_BYTES;
  const hash = inLfs ? createHash('sha256') : createHash('sha1').update(`blob ${sizeBytes}\0`);
  for await (const chunk of handle.createReadStream({ autoClose: false, highWaterMark: 1 << 20 })) hash.update(chunk);
  const digest = hash.digest('hex');
  const found = { path, sizeBytes, location, stamp: stampOf(stats) };
  if (!inLfs) return { ...found, oid: digest };
  const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${digest}\nsize ${sizeBytes}\n`;
  const oid = createHash('sha1').update(`blob ${pointer.length}\0${pointer}`).digest('hex');
  return { ...found, oid, lfs: { sha256: digest, pointer } };
}
