import { posix } from 'node:path';
import { BadInputError } from '../errors.ts';
import type { ByteSource } from './byte-source.ts';
import { type Feature, type Features, featuresOf } from './features.ts';
import type { HubFile } from './file-requests.ts';
import { type MetadataRow, type ReadParquetRows, readMetadata } from './folder-metadata.ts';
import type { ListedFile } from './hub-client.ts';
import { type ImageFolder, labelOf } from './image-folder.ts';

export interface FolderRow {
  /** Path of the image in the repository; `null` where the metadata names none. One that leaves the folder is as given. */
  readonly path: string | null;
  /** `undefined` for a file that is not among the listed images of the split. */
  readonly sizeBytes: number | undefined;
  /** All other columns. Further images are `{bytes: null, path}`; labels are numbers, as in `features`. */
  readonly metadata: Readonly<Record<string, unknown>>;
}

export interface FolderDeps {
  readonly openFile: (file: HubFile) => ByteSource;
  readonly readParquetRows: ReadParquetRows;
}

const SUFFIX = '_file_name';

/**
 * The columns of an image folder; of one with metadata by its first row, where only the image columns have a type.
 * @throws {BadInputError} when the metadata has no `file_name`, or cannot be read
 */
export async function readFolderFeatures(folder: ImageFolder, deps: FolderDeps): Promise<Features> {
  if (folder.features) return folder.features;
  for (const file of folder.metadataFiles) {
    for await (const row of readMetadata(open(folder, file, deps), file.sizeBytes, deps.readParquetRows)) {
      const columns = Object.entries(row).map(([key, value]): [string, Feature] => {
        const column = imageColumnOf(key, value);
        return column === undefined ? [key, { _type: 'Other', name: 'metadata' }] : [column, { _type: 'Image' }];
      });
      if (columns.some(([, { _type }]) => _type === 'Image')) return featuresOf(columns);
      const keys = Object.keys(row).join(', ');
      throw new BadInputError(
        `${file.path} has no column file_name that says which image a row is of (it has ${keys})`,
      );
    }
  }
  return featuresOf([['image', { _type: 'Image' }]]);
}

/**
 * The rows of an image folder in the order of the `datasets` library: that of the metadata, with the images it does not
 * list left out; without metadata that of the paths.
 * @param imageColumn the column whose image is the row's (`findImageColumn` over `readFolderFeatures`)
 * @throws {BadInputError} when the metadata cannot be read
 */
export async function* readFolderRows(
  folder: ImageFolder,
  imageColumn: string,
  deps: FolderDeps,
): AsyncGenerator<FolderRow, void, undefined> {
  if (folder.metadataFiles.length === 0) {
    for (const { path, sizeBytes } of folder.images) {
      const label = folder.labels?.indexOf(labelOf(path));
      yield { path, sizeBytes, metadata: label === undefined ? {} : { label } };
    }
    return;
  }
  const sizes = new Map(folder.images.map(({ path, sizeBytes }) => [path, sizeBytes]));
  for (const file of folder.metadataFiles) {
    const dir = posix.dirname(file.path);
    for await (const row of readMetadata(open(folder, file, deps), file.sizeBytes, deps.readParquetRows)) {
      yield folderRow(row, dir, imageColumn, sizes);
    }
  }
}

function folderRow(row: MetadataRow, dir: string, imageColumn: string, sizes: ReadonlyMap<string, number>): FolderRow {
  const metadata: MetadataRow = Object.create(null);
  let own: string | null = null;
  for (const [key, value] of Object.entries(row)) {
    const column = imageColumnOf(key, value);
    if (column === undefined) {
      metadata[key] = value;
      continue;
    }
    const path = typeof value === 'string' && value !== '' ? pathBelow(dir, value) : null;
    if (column === imageColumn) own = path;
    else metadata[column] = path === null ? null : { bytes: null, path };
  }
  return { path: own, sizeBytes: own === null ? undefined : sizes.get(own), metadata };
}

/** `file_name` is the column `image`, `X_file_name` the column X; as long as it holds a name. */
function imageColumnOf(key: string, value: unknown): string | undefined {
  if (typeof value !== 'string' && value !== null) return undefined;
  if (key === 'file_name') return 'image';
  return key.endsWith(SUFFIX) && key.length > SUFFIX.length ? key.slice(0, -SUFFIX.length) : undefined;
}

/** Names are relative to the metadata file; one that leads out of its folder is refused when its row is read. */
function pathBelow(dir: string, name: string): string {
  const path = posix.normalize(name.replaceAll('\\', '/'));
  if (name.includes('://') || path.startsWith('/') || path === '..' || path.startsWith('../')) return name;
  return posix.join(dir, path);
}

function open(folder: ImageFolder, { path }: ListedFile, deps: FolderDeps): ByteSource {
  return deps.openFile({ repo: folder.repo, revision: folder.revision, path });
}
