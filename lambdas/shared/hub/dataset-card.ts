import { parse } from 'yaml';
import { BadInputError, messageOf } from '../errors.ts';
import { type CardValue, isMap, items, word } from './card-value.ts';
import type { SplitPatterns } from './data-files.ts';
import type { Features } from './features.ts';
import { featuresOfCard } from './features-of-card.ts';
import { isConfigName, isSplitName } from './hub-names.ts';

/** A config that the README describes. */
export interface CardConfig {
  readonly name: string;
  readonly isDefault: boolean;
  /** Folder inside the repository; '' is its root. */
  readonly dataDir: string;
  /** Patterns by split, relative to `dataDir`; `undefined` leaves them to the library's defaults. */
  readonly patterns?: SplitPatterns;
}

/** What the YAML block at the top of a dataset's README says of its files and columns. */
export interface DatasetCard {
  readonly configs: readonly CardConfig[];
  /** Columns by config, in the order of `dataset_info`. */
  readonly features: ReadonlyMap<string, Features | undefined>;
}

const NO_CARD: DatasetCard = { configs: [], features: new Map() };

/** @throws {BadInputError} when the block is no YAML, or its `configs` are not of the library's form. */
export function parseDatasetCard(readme: string): DatasetCard {
  const block = /^\uFEFF?---[ \t]*\r?\n(?:([\s\S]*?)\r?\n)?---[ \t]*(?:\r?\n|$)/.exec(readme)?.[1];
  if (block === undefined) return NO_CARD;
  let card: CardValue;
  try {
    card = parse(block, { schema: 'failsafe', logLevel: 'error', maxAliasCount: 1000 });
  } catch (error) {
    throw new BadInputError(`the README's YAML block cannot be read: ${messageOf(error).split('\n')[0]}`, {
      cause: error,
    });
  }
  if (!isMap(card)) return NO_CARD;
  const infos = items(card.dataset_info).filter(isMap);
  return {
    configs: items(card.configs).map(configOf),
    features: new Map(infos.map((info) => [word(info.config_name) || 'default', featuresOfCard(info.features)])),
  };
}

function configOf(config: CardValue): CardConfig {
  const name = isMap(config) ? word(config.config_name) : '';
  if (!isMap(config) || !isConfigName(name)) {
    throw new BadInputError('the README lists a config without a config_name that can be used');
  }
  const files = config.data_files;
  return {
    name,
    isDefault: /^(?:true|yes|on|1)$/i.test(word(config.default)),
    dataDir: word(config.data_dir),
    ...(files === undefined || files === '' ? {} : { patterns: patternsOf(files, name) }),
  };
}

/** `data_files` is a pattern, a list of patterns, or a list of `{split, path}` with a pattern or a list as the path. */
function patternsOf(files: CardValue, config: string): SplitPatterns {
  const wrong = (reason: string) => new BadInputError(`the README's data_files of config "${config}" ${reason}`);
  const list = items(files);
  if (!list.some(isMap)) return new Map([['train', list.map((each) => pathOf(each, wrong))]]);
  const splits = new Map<string, readonly string[]>();
  for (const item of list) {
    const split = isMap(item) ? word(item.split) : '';
    if (!isMap(item) || item.path === undefined || !isSplitName(split)) {
      throw wrong('have an entry that is not of the form {split, path}');
    }
    if (splits.has(split)) throw wrong(`name the split "${split}" twice`);
    splits.set(
      split,
      items(item.path).map((each) => pathOf(each, wrong)),
    );
  }
  return splits;
}

function pathOf(value: CardValue, wrong: (reason: string) => BadInputError): string {
  if (typeof value !== 'string' || value === '') throw wrong('have a path that is no text');
  return value;
}
