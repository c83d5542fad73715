import { BadInputError } from '../errors.ts';
import { baseName, isDataFile } from './data-formats.ts';
import { globToRegExp, isGlob } from './glob.ts';
import type { ListedFile } from './hub-client.ts';
import { isSplitName } from './hub-names.ts';

/** Patterns by split, in the order in which the library lists the splits. */
export type SplitPatterns = ReadonlyMap<string, readonly string[]>;

const KEYWORDS: Readonly<Record<string, readonly string[]>> = {
  train: ['train', 'training'],
  validation: ['validation', 'valid', 'dev', 'val'],
  test: ['test', 'testing', 'eval', 'evaluation'],
};
const SEPARATOR = '[-._ 0-9]';
const DIGITS = '[0-9]'.repeat(5);
const SHARD = `-${DIGITS}-of-${DIGITS}*.*`;
const IGNORED = new Set([
  'README.md',
  'config.json',
  'dataset_info.json',
  'dataset_infos.json',
  'dummy_data.zip',
  'dataset_dict.json',
]);

const inDirectory = (keyword: string) => [
  `**/${keyword}/**`,
  `**/${keyword}${SEPARATOR}*/**`,
  `**/*${SEPARATOR}${keyword}/**`,
  `**/*${SEPARATOR}${keyword}${SEPARATOR}*/**`,
];
const inFileName = (keyword: string) => [`**/${keyword}${SEPARATOR}*`, `**/*${SEPARATOR}${keyword}${SEPARATOR}*`];
const DEFAULT_PATTERNS: readonly SplitPatterns[] = [
  ...[inDirectory, inFileName].map(
    (patternsOf) => new Map(Object.entries(KEYWORDS).map(([split, words]) => [split, words.flatMap(patternsOf)])),
  ),
  new Map([['train', ['**']]]),
];

/** The files of a repository, in the library's order (by code point). */
export class DataFiles {
  readonly #files: readonly ListedFile[];

  constructor(files: readonly ListedFile[]) {
    this.#files = files
      .map((file) => ({ file, key: Buffer.from(file.path) }))
      .sort((a, b) => Buffer.compare(a.key, b.key))
      .map(({ file }) => file);
  }

  /**
   * Files of all patterns, pattern by pattern. One that several patterns match comes once, at the first; the library
   * would read its rows twice.
   * @throws {BadInputError} for a pattern that is malformed, or a name (no wildcard) that is not there
   */
  resolve(patterns: readonly string[], dir: string): ListedFile[] {
    const found = new Set<ListedFile>();
    for (const pattern of patterns) {
      const files = this.#match(pattern, dir).filter((file) => isDataFile(file.path));
      if (files.length === 0 && !isGlob(pattern)) {
        throw new BadInputError(
          `the README's data_files name "${pattern}", which is not a data file of the repository`,
        );
      }
      for (const file of files) found.add(file);
    }
    return [...found];
  }

  /** The first of the library's default patterns that matches anything below `dir`. */
  defaultPatterns(dir: string): SplitPatterns {
    const shards = this.#match(`data/*${SHARD}`, dir);
    if (shards.length > 0) return shardPatterns(shards);
    for (const patterns of DEFAULT_PATTERNS) {
      const present = [...patterns].filter(([, each]) => each.some((pattern) => this.#match(pattern, dir).length > 0));
      if (present.length > 0) return new Map(present);
    }
    return new Map();
  }

  #match(pattern: string, dir: string): ListedFile[] {
    const full = inRepository(pattern, dir);
    const expression = globToRegExp(full);
    const asked = baseName(full);
    const hidden = countHidden(full);
    const special = countSpecial(full);
    return this.#files.filter(
      ({ path }) =>
        expression.test(path) &&
        (!IGNORED.has(baseName(path)) || baseName(path) === asked) &&
        countSpecial(path) === special &&
        countHidden(path) === hidden,
    );
  }
}

function shardPatterns(shards: readonly ListedFile[]): SplitPatterns {
  const splits = new Set(shards.map(({ path }) => /^(.+)-\d{5}-of-\d{5}/s.exec(baseName(path))?.[1] ?? ''));
  const wrong = [...splits].find((split) => !isSplitName(split));
  if (wrong !== undefined) {
    throw new BadInputError(`the files of data/ name the split "${wrong}", which no split can be called`);
  }
  const known = Object.keys(KEYWORDS).filter((split) => splits.has(split));
  const others = [...splits].filter((split) => !known.includes(split)).sort();
  return new Map([...known, ...others].map((split) => [split, [`data/${split}${SHARD}`]]));
}

function inRepository(pattern: string, dir: string): string {
  if (pattern.includes('://')) {
    throw new BadInputError(`the README's data_files name "${pattern}"; only files of the repository are read`);
  }
  const segments = `${dir}/${pattern}`.split('/').filter((segment) => segment !== '' && segment !== '.');
  return segments.join('/');
}

/** What starts with a dot is hidden, unless the pattern says it too. */
function countHidden(path: string): number {
  return path.split('/').filter((part) => part.startsWith('.') && !/^\.+$/.test(part)).length;
}

/** Likewise directories that start with two underscores. */
function countSpecial(path: string): number {
  return path
    .split('/')
    .slice(0, -1)
    .filter((part) => part.startsWith('__')).length;
}
