import { RowError } from '../jobs/row-failure.ts';
import { decodeInlineImage, imageReference, isInlineImage, isStruct, referenceOf } from './image-reference.ts';

export { imageReference } from './image-reference.ts';

/** Where the bytes of a row's image are. */
export type RowImage =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array; readonly name: string | null }
  | RepositoryFile
  | { readonly kind: 'url'; readonly url: URL };

/** A file of the dataset's own repository. Paths are raw: whoever builds a URL of them encodes each segment. */
export interface RepositoryFile {
  readonly kind: 'file';
  readonly repo: string;
  readonly revision: string;
  readonly path: string;
  /** Where to look when `path` does not exist: the same path from the folder of the row's own file. */
  readonly alternativePath: string | null;
}

/** The row that the image belongs to. */
export interface RowImageContext {
  /** Dataset repository, `namespace/name` or `name`. */
  readonly repo: string;
  /** Pinned revision that paths without one of their own are read at. */
  readonly revision: string;
  /** The parquet or metadata file that holds the row, inside its repository; when known. */
  readonly filePath?: string;
}

/**
 * What a cell of the image column stands for: `struct{bytes, path}` (bytes win), bytes, or a reference as a string:
 * `hf://datasets/…`, a URL, a path inside the repository, a `data:` URI, or base64.
 *
 * `datasets` writes `{bytes: null, path}` for images that it links instead of embedding, and never says what a relative
 * path is relative to: the repository's root is tried first. Paths of other repositories are refused, because the
 * job's token must not reach what its user did not name.
 * @throws {RowError} `null_image`, `empty_image`, `bad_reference`, or `not_an_image` for a cell of another type.
 */
export function toRowImage(value: unknown, context: RowImageContext): RowImage {
  const bytes = isStruct(value) ? value.bytes : value;
  if (bytes instanceof Uint8Array) return embedded(bytes, isStruct(value) ? referenceOf(value) : null);
  const reference = referenceOf(value);
  if (reference !== null) return resolveReference(reference, context);
  if (isStruct(value)) throw new RowError('null_image', 'the image has neither bytes nor a path');
  if (value === null || value === undefined) throw new RowError('null_image', 'the image is null');
  if (typeof value === 'string') throw new RowError('null_image', 'the image is an empty string');
  throw new RowError('not_an_image', `the image column holds ${Array.isArray(value) ? 'a list' : `a ${typeof value}`}`);
}

function embedded(bytes: Uint8Array, name: string | null): RowImage {
  if (bytes.byteLength === 0) throw new RowError('empty_image', 'the image has no bytes');
  return { kind: 'bytes', bytes, name };
}

function resolveReference(reference: string, context: RowImageContext): RowImage {
  if (isInlineImage(reference)) {
    const bytes = decodeInlineImage(reference);
    if (!bytes) throw new RowError('bad_reference', 'the image is a malformed data: URI');
    return embedded(bytes, null);
  }
  if (/^[a-z][a-z0-9+.-]*:\/\/.*::[a-z][a-z0-9+.-]*:\/\//is.test(reference)) {
    throw badReference(reference, 'points into an archive, which is not supported');
  }
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(reference)?.[1]?.toLowerCase();
  if (scheme === 'hf') return hubPath(reference, context);
  if (scheme === 'http' || scheme === 'https') return webUrl(reference, context);
  if (scheme) throw badReference(reference, `has the scheme ${scheme}://; hf://, https:// and http:// can be read`);
  if (/^(?:[/\\~]|[a-z]:[/\\])/i.test(reference)) {
    throw badReference(reference, 'is an absolute path on the machine that made the dataset');
  }
  const path = repositoryPath(reference.split('/'), reference);
  const folder = context.filePath?.slice(0, context.filePath.lastIndexOf('/') + 1) ?? '';
  return file(context, context.revision, path, folder === '' ? null : `${folder}${path}`);
}

/** `hf://datasets/{repo}[@{revision}]/{path}` as `huggingface_hub` reads it: only the revision is percent-decoded. */
function hubPath(reference: string, context: RowImageContext): RepositoryFile {
  const prefix = `hf://datasets/${context.repo}`.toLowerCase();
  const rest = reference.slice(prefix.length);
  if (!reference.toLowerCase().startsWith(prefix) || !/^[@/]/.test(rest)) {
    throw badReference(reference, `is outside the dataset repository ${context.repo}`);
  }
  if (rest.startsWith('/')) return file(context, context.revision, repositoryPath(rest.slice(1).split('/'), reference));
  return fileAtRevision(rest.slice(1).split('/'), (segment) => decode(segment, reference), reference, context);
}

/** A URL on the Hub into this very repository is a file of it, so that the job's token and limits apply. */
function webUrl(reference: string, context: RowImageContext): RowImage {
  if (!URL.canParse(reference)) throw badReference(reference, 'is not a valid URL');
  const url = new URL(reference);
  url.username = '';
  url.password = '';
  url.hash = '';
  if (!/^(?:www\.)?(?:huggingface\.co|hf\.co)$/.test(url.host)) return { kind: 'url', url };
  const prefix = `/datasets/${context.repo}/`.toLowerCase();
  if (!url.pathname.toLowerCase().startsWith(prefix)) return { kind: 'url', url };
  const [verb, ...segments] = url.pathname.slice(prefix.length).split('/');
  if (verb !== 'resolve' && verb !== 'blob' && verb !== 'raw') return { kind: 'url', url };
  const decoded = segments.map((segment) => decode(segment, reference));
  return fileAtRevision(decoded, (segment) => segment, reference, context);
}

/** Splits off the revision: one segment, or three for `refs/pr/N` and `refs/convert/x`. */
function fileAtRevision(
  segments: readonly string[],
  decodeRevision: (segment: string) => string,
  reference: string,
  context: RowImageContext,
): RepositoryFile {
  const length = segments[0] === 'refs' && (segments[1] === 'pr' || segments[1] === 'convert') ? 3 : 1;
  const revision = segments.slice(0, length).map(decodeRevision).join('/');
  if (revision === '' || revision.split('/').some((part) => part === '' || part === '.' || part === '..')) {
    throw badReference(reference, 'has a malformed revision');
  }
  return file(context, revision, repositoryPath(segments.slice(length), reference));
}

function file(
  context: RowImageContext,
  revision: string,
  path: string,
  alternativePath: string | null = null,
): RepositoryFile {
  return { kind: 'file', repo: context.repo, revision, path, alternativePath };
}

/** A path that stays inside the repository. Backslashes are refused, because URLs take them for slashes. */
function repositoryPath(segments: readonly string[], reference: string): string {
  // Joined first, because a decoded segment may hold slashes.
  const kept = segments
    .join('/')
    .split('/')
    .filter((segment) => segment !== '.');
  if (kept.includes('..')) throw badReference(reference, 'leaves its repository');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: no file of a repository has them in its name
  if (kept.length === 0 || kept.includes('') || kept.some((segment) => /[\\\u0000-\u001f]/.test(segment))) {
    throw badReference(reference, 'is not a path of a file in the repository');
  }
  return kept.join('/');
}

function decode(segment: string, reference: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw badReference(reference, 'is not correctly percent-encoded');
  }
}

function badReference(reference: string, why: string): RowError {
  return new RowError('bad_reference', `the image's reference "${imageReference(reference)}" ${why}`);
}
