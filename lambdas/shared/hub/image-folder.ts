import { baseName, isFolderMetadata, isImageFile } from './data-formats.ts';
import { type Features, featuresOf } from './features.ts';
import type { ListedFile } from './hub-client.ts';

/** A split of images that lie as files in the repository. Its rows come from `readFolderRows`. */
export interface ImageFolder {
  readonly kind: 'image_folder';
  readonly repo: string;
  readonly revision: string;
  readonly config: string;
  readonly split: string;
  /** In the order of the rows, unless `metadataFiles` give it. */
  readonly images: readonly ListedFile[];
  /** When there are any, they say which images are rows, and in which order. */
  readonly metadataFiles: readonly ListedFile[];
  /** Names of the classes, when the directories are labels. */
  readonly labels: readonly string[] | undefined;
  /** Columns as far as they are known before the metadata is read. */
  readonly features: Features | undefined;
  /** Archives of the split, whose content is not read. */
  readonly archives: readonly string[];
}

/**
 * Directories are labels when no split has metadata, there is more than one, and all images lie at the same depth; over
 * all splits, as in the `datasets` library.
 */
export function imageFolderOf(
  place: Pick<ImageFolder, 'repo' | 'revision' | 'config' | 'split'>,
  splits: ReadonlyMap<string, readonly ListedFile[]>,
): ImageFolder {
  const files = splits.get(place.split) ?? [];
  const all = [...splits.values()].flat().map(({ path }) => path);
  const hasMetadata = all.some(isFolderMetadata);
  const images = files.filter(({ path }) => isImageFile(path));
  const labels = hasMetadata ? undefined : directoryLabels(all.filter(isImageFile));
  return {
    kind: 'image_folder',
    ...place,
    images,
    metadataFiles: files.filter(({ path }) => isFolderMetadata(path)),
    labels,
    features: hasMetadata ? undefined : folderFeatures(labels),
    archives: files.filter(({ path }) => path.toLowerCase().endsWith('.zip')).map(({ path }) => path),
  };
}

/** The name of the directory that a file lies in; '' at the root. */
export function labelOf(path: string): string {
  return baseName(path.slice(0, Math.max(0, path.lastIndexOf('/'))));
}

function directoryLabels(images: readonly string[]): readonly string[] | undefined {
  const labels = new Set(images.map(labelOf));
  const depths = new Set(images.map((path) => path.split('/').length));
  return labels.size > 1 && depths.size === 1 ? [...labels].sort() : undefined;
}

function folderFeatures(labels: readonly string[] | undefined): Features {
  return featuresOf([
    ['image', { _type: 'Image' }],
    ...(labels ? [['label', { _type: 'ClassLabel', names: labels }] as const] : []),
  ]);
}
