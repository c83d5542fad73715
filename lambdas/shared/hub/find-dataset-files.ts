import { BadInputError } from '../errors.ts';
import { CONVERTED_BRANCH, convertedLayout, convertedParquet, type UsableConversion } from './converted-parquet.ts';
import { DataFiles } from './data-files.ts';
import { isParquetFile, mainFormat } from './data-formats.ts';
import { type CardConfig, type DatasetCard, parseDatasetCard } from './dataset-card.ts';
import type { Features } from './features.ts';
import type { HubFile } from './file-requests.ts';
import type { DatasetHead, HubClient, ListedFile } from './hub-client.ts';
import { listNames } from './hub-names.ts';
import { type ImageFolder, imageFolderOf } from './image-folder.ts';

export interface DatasetFile extends HubFile {
  readonly sizeBytes: number;
}

/** A split that parquet files hold, in the order of its rows. */
export interface ParquetFiles {
  readonly kind: 'parquet';
  readonly config: string;
  readonly split: string;
  readonly files: readonly DatasetFile[];
  /** From the README; the files' own footers know better. */
  readonly features: Features | undefined;
}

export interface WantedSplit {
  /** @default the only config, the one that is marked as default, or the one called `default` */
  readonly config?: string | undefined;
  /** @default 'train' */
  readonly split?: string | undefined;
  /** The revision that was asked for, where `head` has its commit: the converted branch has a layout of its own. */
  readonly revision?: string | undefined;
}

/** Above any README; one is read whole. */
const MAX_README_BYTES = 16 * 1024 * 1024;

interface Found {
  readonly config: string;
  readonly splits: ReadonlyMap<string, readonly ListedFile[]>;
  /** Of the wanted split. */
  readonly format: string | undefined;
}

/**
 * Finds the files of a split at a pinned commit: native parquet (the README's `configs`, else the default patterns of the
 * `datasets` library), else the parquet that the Hub converted, else a folder of images.
 * @throws {BadInputError} for a config or split that does not exist (naming those that do), and when there is nothing of
 * these kinds (saying what there is); and what `client` throws.
 */
export async function findDatasetFiles(
  client: HubClient,
  head: DatasetHead,
  wanted: WantedSplit,
): Promise<ParquetFiles | ImageFolder> {
  const place = { repo: head.repo, revision: head.sha };
  const listed = await client.listFiles(place);
  const hasReadme = listed.some(({ path }) => path === 'README.md');
  const readme = hasReadme ? await client.readText({ ...place, path: 'README.md' }, MAX_README_BYTES) : '';
  const card = parseDatasetCard(readme);
  const split = wanted.split ?? 'train';
  if (wanted.revision === CONVERTED_BRANCH) {
    const files = convertedLayout(listed);
    return fromConversion({ usable: true, revision: head.sha, files }, head.repo, card, {
      config: wanted.config,
      split,
    });
  }
  const native = findNative(new DataFiles(listed), card, { config: wanted.config, split });
  if (!(native instanceof BadInputError) && native.format === 'parquet') {
    const files = native.splits.get(split)?.filter(({ path }) => isParquetFile(path)) ?? [];
    return parquetFiles(card, native.config, split, place, files);
  }
  const conversion = await convertedParquet(client, head);
  if (conversion.usable) {
    return fromConversion(conversion, head.repo, card, { config: wanted.config, split });
  }
  if (native instanceof BadInputError) throw native;
  if (native.format === 'image_folder') return imageFolderOf({ ...place, config: native.config, split }, native.splits);
  throw new BadInputError(nothingToImport(head.repo, native, listed, conversion.reason));
}

function fromConversion(
  conversion: UsableConversion,
  repo: string,
  card: DatasetCard,
  wanted: { config: string | undefined; split: string },
): ParquetFiles {
  const config = chooseConfig(configsOf(conversion, card), wanted.config);
  const files = conversion.files.filter((file) => file.config === config);
  checkSplit(config, wanted.split, new Set(files.map((file) => file.split)));
  const ofSplit = files.filter((file) => file.split === wanted.split);
  return parquetFiles(card, config, wanted.split, { repo, revision: conversion.revision }, ofSplit);
}

/** An error where the wanted config or split is not there: the conversion may have it, as that of a script does. */
function findNative(
  files: DataFiles,
  card: DatasetCard,
  wanted: { config: string | undefined; split: string },
): Found | BadInputError {
  const configs = card.configs.length > 0 ? card.configs : [implicitConfig(card)];
  try {
    const name = chooseConfig(configs, wanted.config);
    const config = configs.find((each) => each.name === name);
    const dir = config?.dataDir ?? '';
    const patterns = config?.patterns ?? files.defaultPatterns(dir);
    const splits = new Map([...patterns].map(([split, each]) => [split, files.resolve(each, dir)] as const));
    for (const [split, found] of splits) if (found.length === 0) splits.delete(split);
    if (splits.size === 0) return { config: name, splits, format: undefined };
    checkSplit(name, wanted.split, splits);
    const paths = splits.get(wanted.split)?.map(({ path }) => path) ?? [];
    return { config: name, splits, format: mainFormat(paths) };
  } catch (error) {
    if (error instanceof BadInputError) return error;
    throw error;
  }
}

/** Without `configs` there is one, called as the README's only `dataset_info` is, else `default`. */
function implicitConfig(card: DatasetCard): CardConfig {
  const [name, ...others] = card.features.keys();
  return { name: name !== undefined && others.length === 0 ? name : 'default', isDefault: true, dataDir: '' };
}

function configsOf({ files }: UsableConversion, card: DatasetCard): Pick<CardConfig, 'name' | 'isDefault'>[] {
  const marked = new Set(card.configs.filter((config) => config.isDefault).map(({ name }) => name));
  return [...new Set(files.map(({ config }) => config))].map((name) => ({ name, isDefault: marked.has(name) }));
}

function chooseConfig(configs: readonly Pick<CardConfig, 'name' | 'isDefault'>[], wanted: string | undefined): string {
  const names = configs.map(({ name }) => name);
  if (wanted !== undefined) {
    if (names.includes(wanted)) return wanted;
    throw new BadInputError(`there is no config "${wanted}"; the dataset has ${listNames(names)}`);
  }
  const marked = configs.find(({ isDefault }) => isDefault)?.name;
  const [only, ...others] = names;
  const chosen = others.length === 0 ? only : (marked ?? names.find((name) => name === 'default'));
  if (chosen !== undefined) return chosen;
  throw new BadInputError(`the dataset has several configs and none is the default; choose one of ${listNames(names)}`);
}

function checkSplit(
  config: string,
  split: string,
  splits: { has(split: string): boolean; keys(): Iterable<string> },
): void {
  if (splits.has(split)) return;
  throw new BadInputError(`there is no split "${split}" in config "${config}"; it has ${listNames(splits.keys())}`);
}

function parquetFiles(
  card: DatasetCard,
  config: string,
  split: string,
  place: { readonly repo: string; readonly revision: string },
  files: readonly ListedFile[],
): ParquetFiles {
  return {
    kind: 'parquet',
    config,
    split,
    files: files.map(({ path, sizeBytes }) => ({ ...place, path, sizeBytes })),
    features: card.features.get(config),
  };
}

function nothingToImport(repo: string, native: Found, listed: readonly ListedFile[], conversion: string): string {
  const names: Readonly<Record<string, string>> = {
    zip: 'zip archives',
    webdataset: 'webdataset archives (.tar)',
    audio_folder: 'audio files',
    video_folder: 'videos',
  };
  const script = `${repo.split('/').at(-1)}.py`;
  const found =
    native.format !== undefined
      ? `its files are ${names[native.format] ?? `of the format ${native.format}`}`
      : listed.some(({ path }) => path === script)
        ? `it consists of the loading script ${script}`
        : 'it has no data files';
  return `dataset "${repo}" holds neither parquet files nor images: ${found}, and the Hub's conversion to parquet ${conversion}`;
}
