import { BadInputError } from '../errors.ts';

/**
 * A pattern of `data_files` as a regular expression over whole paths, by the rules of fsspec that the `datasets` library
 * matches with: `*` and `?` stay inside a segment and match dots, `**` is a whole segment and stands for any number of
 * them, `[…]` and `[!…]` are sets; braces, parentheses and backslashes are plain characters.
 * @throws {BadInputError} for a `**` beside other characters, as the library does.
 */
export function globToRegExp(pattern: string): RegExp {
  const segments = pattern.split('/');
  const parts = segments.map((segment, index) => {
    const last = index === segments.length - 1;
    if (segment === '**') return last ? '.*' : '(?:.+/)?';
    if (segment.includes('**')) {
      throw new BadInputError(`the data_files pattern "${pattern}" is not valid: ** must be a whole path segment`);
    }
    const one = segment === '*' ? '[^/]+' : translate(segment);
    return last ? one : `${one}/`;
  });
  return new RegExp(`^${parts.join('')}$`, 'su');
}

export function isGlob(pattern: string): boolean {
  return /[*?[]/.test(pattern);
}

function translate(segment: string): string {
  let out = '';
  const chars = [...segment];
  for (let i = 0; i < chars.length; i++) {
    const char = chars[i] ?? '';
    if (char === '*') out += '[^/]*';
    else if (char === '?') out += '[^/]';
    else if (char === '[') {
      const close = chars.indexOf(']', i + (chars[i + 1] === '!' ? 3 : 2)); // a `]` that comes first is a member
      if (close === -1) out += '\\[';
      else {
        out += characterSet(chars.slice(i + 1, close));
        i = close;
      }
    } else out += quote(char);
  }
  return out;
}

function characterSet(members: readonly string[]): string {
  const negated = members[0] === '!';
  const set = negated ? members.slice(1) : members;
  let out = '';
  for (let i = 0; i < set.length; i++) {
    const from = set[i] ?? '';
    const to = set[i + 2];
    if (set[i + 1] === '-' && to !== undefined) {
      if (from <= to) out += `${member(from)}-${member(to)}`; // a range that runs backwards is empty
      i += 2;
    } else out += member(from);
  }
  if (out === '') return negated ? '[^/]' : '[]';
  return negated ? `[^${out}]` : `[${out}]`;
}

function member(char: string): string {
  return char === '-' ? '\\-' : quote(char);
}

function quote(char: string): string {
  return /[\\^$.*+?()[\]{}|/]/.test(char) ? `\\${char}` : char;
}
