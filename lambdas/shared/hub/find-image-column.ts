import { BadInputError } from '../errors.ts';
import type { Feature, Features } from './features.ts';
import { listNames } from './hub-names.ts';

export interface ImageColumn {
  readonly column: string;
  /** How a cell is stored: `struct{bytes, path}`, the bytes alone, or a string (a URL, or a path in the repository). */
  readonly kind: 'struct' | 'binary' | 'string';
}

export interface ImageColumnQuestion {
  /** From the footer's `huggingface` key or the README; `undefined` when neither has them. */
  readonly features?: Features | undefined;
  /** What the files really hold (`featuresOfSchema`). */
  readonly schema: Features;
  /** The job's `image_column`; it wins over every rule below. */
  readonly requested?: string | undefined;
}

/** What a row says about its image in pixels, or makes of it: never the scene's own image. */
const ABOUT_AN_IMAGE =
  /depth|disparity|mask|annot|segm|^seg$|semantic|panoptic|instance|label|conditio|^cond$|control|edited|^edit$|^normals?$|albedo|canny|^hed$|^edges?$|lineart|scribble|sketch|^(?:open)?pose$|heat_?map|saliency|^mattes?$|trimap|^alpha$|overlay|^gt$|^ground$|inpaint|audio|video/;
/** A smaller copy of an image: only when there is nothing else. */
const SMALL_COPY = /^(?:thumb|thumbs|thumbnail|thumbnails|preview|previews|icon|lowres)$/;
const IMAGE_NAMES = new Set(['image', 'images', 'img', 'photo', 'picture', 'pic', 'rgb', 'jpg', 'jpeg', 'png', 'webp']);
const ADDRESS_WORDS = new Set(['url', 'uri', 'link', 'path', 'file', 'filename', 'name', 'src', 'bytes', 'data']);

/**
 * Finds the column that holds the image of a scene. Columns of type Image, at the top level, come first; without any,
 * what is stored like one (`struct{bytes, path}`), then bytes under an image's name or the only bytes there are, then
 * strings under such a name or under `url` (addresses). Maps, masks, edited images and the like are never taken; a
 * thumbnail only when it is all there is. Several that are left are not guessed between, not even when one is `image`.
 * @throws {BadInputError} naming the columns: none, several, or a `requested` one that cannot be it
 */
export function findImageColumn({ features, schema, requested }: ImageColumnQuestion): ImageColumn {
  if (requested !== undefined) return requestedColumn(requested, features, schema);
  const columns = Object.entries(schema).map(([name, stored]) => ({ name, stored, feature: features?.[name] }));
  const tiers = [
    columns.filter(({ feature }) => feature?._type === 'Image'),
    columns.filter(({ name, stored, feature }) => !isOtherMedia(feature) && isImageStruct(stored) && isAllowed(name)),
    columns.filter(({ name, stored }) => isBinary(stored) && isImageName(name)),
    onlyOne(columns.filter(({ name, stored }) => isBinary(stored) && isAllowed(name))),
    columns.filter(({ name, stored }) => isText(stored) && isImageName(name)),
    columns.filter(({ name, stored }) => isText(stored) && /^(?:url|uri)$/.test(fold(name).join(''))),
  ];
  for (const tier of tiers) {
    const allowed = tier.filter(({ name }) => isAllowed(name));
    const large = allowed.filter(({ name }) => !fold(name).some((word) => SMALL_COPY.test(word)));
    const [found, ...others] = large.length > 0 ? large : allowed;
    if (found && others.length === 0) return { column: found.name, kind: kindOf(found.stored) };
    if (found) {
      const names = [found, ...others].map(({ name }) => name);
      throw new BadInputError(`several columns may hold the image: ${listNames(names)}; say which with image_column`);
    }
  }
  throw new BadInputError(`no column holds an image that is a scene's own: ${describe(columns)}`);
}

function requestedColumn(name: string, features: Features | undefined, schema: Features): ImageColumn {
  const stored = Object.hasOwn(schema, name) ? schema[name] : undefined;
  if (!stored) {
    throw new BadInputError(`image_column "${name}" does not exist; the columns are ${listNames(Object.keys(schema))}`);
  }
  const isList = isListType(stored) || isListType(features?.[name]);
  if (isList) throw new BadInputError(`image_column "${name}" holds lists; one image per row is needed`);
  if (isImageStruct(stored) || isBinary(stored) || isText(stored)) return { column: name, kind: kindOf(stored) };
  throw new BadInputError(`image_column "${name}" holds no images, but ${typeName(stored)}`);
}

type Column = { readonly name: string; readonly stored: Feature; readonly feature: Feature | undefined };

function describe(columns: readonly Column[]): string {
  const lists = columns.filter(({ feature, stored }) => isListOfImages(feature) || isListOfImages(stored));
  const hint =
    lists.length > 0
      ? `; ${listNames(lists.map(({ name }) => name))} holds lists of images, and one image per row is needed`
      : '; say which with image_column if one of them does';
  return `the columns are ${listNames(columns.map(({ name }) => name))}${hint}`;
}

/** Lower-case words: `depthMap`, `depth_map` and `Depth-Map` are `depth`, `map`. */
function fold(name: string): string[] {
  return name
    .replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
}

function isAllowed(name: string): boolean {
  return !fold(name).some((word) => ABOUT_AN_IMAGE.test(word));
}

/** `image`, `Img`, `photo_url`, `image_path`, `image_bytes`, … */
function isImageName(name: string): boolean {
  const words = fold(name);
  const stems = words.filter((word) => !ADDRESS_WORDS.has(word));
  const joined = /^(image|img|photo|picture|pic)(?:url|uri|path|bytes)$/.exec(words.join(''))?.[1];
  return joined !== undefined || (stems.length === 1 && IMAGE_NAMES.has(stems[0] ?? ''));
}

function isImageStruct(feature: Feature): boolean {
  if (feature._type === 'Image') return true;
  if (feature._type !== 'struct') return false;
  const { bytes, path } = feature.fields;
  return bytes !== undefined && isBinary(bytes) && (path === undefined || isText(path));
}

/** Audio and video are stored like an image. */
function isOtherMedia(feature: Feature | undefined): boolean {
  return feature?._type === 'Other';
}

function isBinary(feature: Feature): boolean {
  return feature._type === 'Value' && /^(?:large_)?binary/.test(feature.dtype);
}

function isText(feature: Feature): boolean {
  return feature._type === 'Value' && /^(?:large_)?string/.test(feature.dtype);
}

function isListType(feature: Feature | undefined): boolean {
  return feature?._type === 'List' || feature?._type === 'LargeList';
}

function isListOfImages(feature: Feature | undefined): boolean {
  return (feature?._type === 'List' || feature?._type === 'LargeList') && isImageStruct(feature.feature);
}

function kindOf(stored: Feature): ImageColumn['kind'] {
  if (isBinary(stored)) return 'binary';
  return isText(stored) ? 'string' : 'struct';
}

function typeName(feature: Feature): string {
  return feature._type === 'Value' ? `${feature.dtype} values` : `values of type ${feature._type}`;
}

function onlyOne<T>(items: readonly T[]): readonly T[] {
  return items.length === 1 ? items : [];
}
