/**
 * Names as the Hub and the `datasets` library accept them. Checked before a name becomes part of a URL, a message or a
 * scene's identity.
 */
const NAME_PART = /^[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,94}[A-Za-z0-9_])?$/;
// `\w` of Python, which the library's own check uses, is Unicode
const SPLIT = /^[\p{L}\p{N}_]+(?:\.[\p{L}\p{N}_]+)*$/u;
// biome-ignore lint/suspicious/noControlCharactersInRegex: git refuses control characters in a ref
const NOT_IN_REVISION = /[\u0000-\u0020\u007f~^:?*[\\]|\.\.|@\{|\/\/|^\/|\/$|^\.{1,2}$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: no name of a config holds one
const NOT_IN_CONFIG = /[<>:/\\|?*\u0000-\u001f]/;

/** A namespace, or the name of a repo: 1 to 96 of `A-Za-z0-9_.-`; no `-` or `.` at an end, no `--`, `..` or `.git`. */
export function isRepoNamePart(text: string): boolean {
  return NAME_PART.test(text) && !text.includes('--') && !text.includes('..') && !text.endsWith('.git');
}

/** `name` (canonical) or `namespace/name`. */
export function isRepoId(text: string): boolean {
  const parts = text.split('/');
  return parts.length <= 2 && parts.every(isRepoNamePart);
}

export function isSplitName(text: string): boolean {
  return SPLIT.test(text);
}

export function isConfigName(text: string): boolean {
  return text.trim() !== '' && !NOT_IN_CONFIG.test(text);
}

/** A branch, tag, commit or `refs/…`, as far as git's own rules for refs can tell. */
export function isRevision(text: string): boolean {
  return text !== '' && text.length <= 250 && !NOT_IN_REVISION.test(text);
}

/** A path inside a repository: relative, and without a segment that a URL parser would fold away. */
export function isRepoPath(path: string): boolean {
  return path.split('/').every((segment) => segment !== '' && segment !== '.' && segment !== '..');
}

/** Names for a message: `"a", "b"`, and how many more when there are more than 20. */
export function listNames(names: Iterable<string>): string {
  const all = [...names];
  const shown = all.slice(0, 20).map((name) => JSON.stringify(name));
  return all.length > shown.length ? `${shown.join(', ')} and ${all.length - shown.length} more` : shown.join(', ');
}
