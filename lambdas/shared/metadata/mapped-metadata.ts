import type { JsonObject } from '../scenes/scene-record.ts';
import type { CategoryCode, MaterialCode, SceneCode, StyleCode } from './lookup-codes.ts';

/** What an analysis on a GPU can be asked for. */
export const COMPONENTS = [
  'scene_classification',
  'object_detection',
  'segmentation',
  'style_analysis',
  'depth_estimation',
  'color_analysis',
  'material_classification',
] as const;
export type Component = (typeof COMPONENTS)[number];
/** `true`: the dataset's own metadata covers it, so that it need not be asked for. */
export type SkipComponents = Readonly<Record<Component, boolean>>;

/** What a row's own metadata says, in the words of the Modomo schema. */
export interface MappedMetadata {
  readonly scene_updates: SceneUpdates;
  readonly objects_data: readonly MappedObject[];
  /** Every component is covered. */
  readonly skip_ai: boolean;
  /** As if every asset could be stored and every box lay inside the image; `placeMetadata` says what came true. */
  readonly skip_components: SkipComponents;
  readonly assets: readonly Asset[];
  readonly decisions: readonly Decision[];
  /** Width and height that the row gives for its image, where it does. */
  readonly declared_size?: Size;
}

/** Only what is known: a key that is missing leaves the scene as it is. */
export interface SceneUpdates {
  /** Columns of `scenes`. */
  readonly description?: string;
  readonly scene_type?: SceneCode;
  readonly scene_conf?: number;
  readonly palette?: readonly PaletteColor[];
  /** Rows of `scene_styles`, each code once. */
  readonly styles?: readonly StyleShare[];
  /** Materials of the whole scene, each code once. No table holds them: they go to `attrs._modomo.mapping`. */
  readonly materials?: readonly MaterialShare[];
  /** Likewise. */
  readonly tags?: readonly string[];
}

export interface PaletteColor {
  /** `#rrggbb`, lower case */
  readonly hex: string;
  /** Share of the image's pixels, 0 to 1. */
  readonly p: number;
}

export interface StyleShare {
  readonly style_code: StyleCode;
  /** 0 to 1 */
  readonly conf: number;
}

export interface MaterialShare {
  readonly material_code: MaterialCode;
  /** 0 to 1 */
  readonly conf: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** A row of `objects`, as far as the metadata alone can tell. */
export type MappedObject = ObjectFields & (KnownBox | MaskBox);

interface ObjectFields {
  /** UUIDv5 of `{source}/{index}` in the namespace of the scene's id. */
  readonly id: string;
  /** `unclassified` when the label has no code. */
  readonly category_code: CategoryCode;
  /** The label that has no code. */
  readonly subcategory: string | null;
  /** 0 to 1; 1 for ground truth, which is what comes without a confidence; 0 for one that cannot be read. */
  readonly confidence: number;
  readonly description: string | null;
  readonly materials: readonly MaterialShare[];
  /** The object's own fields under their own names, without its mask; `_source` says where they come from. */
  readonly attrs: JsonObject;
  /** `key` of the asset that is its mask. */
  readonly mask_asset: string | null;
}

interface KnownBox extends Box {
  /** `pixel`: pixels of the original; `fraction`: 0 to 1 of its width and height. */
  readonly bbox_unit: 'pixel' | 'fraction';
}

/** Known only by a mask that is an image: the box is that of its pixels, which only the asset step sees. */
interface MaskBox {
  readonly bbox_unit: 'mask';
  readonly bbox_x: null;
  readonly bbox_y: null;
  readonly bbox_w: null;
  readonly bbox_h: null;
}

/** Left, top, width and height. */
export interface Box {
  readonly bbox_x: number;
  readonly bbox_y: number;
  readonly bbox_w: number;
  readonly bbox_h: number;
}

/** A row of `objects`: its box is in pixels of the original and inside it. */
export type PlacedObject = Omit<ObjectFields, 'mask_asset'> & Box & { readonly mask_key: string | null };

/** Something of the row that is to be stored in the bucket. Values are the row's own: views, never copies. */
export type Asset = DepthAsset | MaskAsset;

interface AssetFields {
  /** `scenes/{scene_id}/depth.png` or `scenes/{scene_id}/masks/{i}_{label}.png` */
  readonly key: string;
  /** Where the value lies in the row, from the column on; in `attrs` the key takes the place of its bytes. */
  readonly path: readonly (string | number)[];
}

export interface DepthAsset extends AssetFields {
  readonly kind: 'depth';
  readonly source: ImageSource | ArraySource;
  /** Of the values, where the column's name tells it. */
  readonly unit: 'm' | 'cm' | 'mm' | null;
}

export interface MaskAsset extends AssetFields {
  readonly kind: 'mask';
  /** `instance`: one object's pixels, other than 0; `whole`: a mask of the scene (class indices, say), stored as it is. */
  readonly role: 'instance' | 'whole';
  /** The object whose mask it is. */
  readonly object_id: string | null;
  readonly source: ImageSource | ArraySource | RleSource | PolygonSource;
}

/** An image as a row holds it: `{bytes, path}`, bytes, or a reference. */
export interface ImageSource {
  readonly form: 'image';
  readonly value: unknown;
}

/** Rows of numbers, as `Array2D` is read; not yet looked through. */
export interface ArraySource {
  readonly form: 'array';
  readonly value: readonly unknown[];
  /** Of the feature (`float32`, `int32`, …); `null` when there are no features. */
  readonly dtype: string | null;
}

/** Run lengths of COCO, column by column, background first; checked: they sum up to `width × height`. */
export interface RleSource extends Size {
  readonly form: 'rle';
  readonly counts: readonly number[];
}

/** Each x, y, x, y, … in pixels of the original, three points at least. */
export interface PolygonSource {
  readonly form: 'polygons';
  readonly polygons: readonly (readonly number[])[];
}

/** An asset that is stored and verified. */
export interface StoredAsset {
  readonly key: string;
  /** Of a mask: the box of its pixels other than 0, in pixels of the original; `null` when it has none. */
  readonly box?: Box | null;
}

/** What came true of the mapping, once the image's size is known and the assets are stored. */
export interface PlacedMetadata {
  readonly objects: readonly PlacedObject[];
  readonly r2_key_depth: string | null;
  readonly skip_ai: boolean;
  readonly skip_components: SkipComponents;
  /** The mapper's, and what was refused since. */
  readonly decisions: readonly Decision[];
}

/** What a field can become. */
export type Target =
  | 'description'
  | 'scene_type'
  | 'styles'
  | 'materials'
  | 'palette'
  | 'objects'
  | 'depth'
  | 'masks'
  | 'tags';

/** What became of a field that was recognised. */
export type Decision = MappedField | RefusedField;

export interface MappedField {
  /** The column, and what of it: `objects`, `objects.bbox`. */
  readonly field: string;
  readonly became: Target;
  /** How it was read, where that is not plain. */
  readonly note?: string;
}

/** It stays in `attrs`, and nothing else is made of it. */
export interface RefusedField {
  readonly field: string;
  readonly became: null;
  /** What it would have become; `null` when the mapping broke. */
  readonly target: Target | null;
  readonly reason: RefusalReason;
  /** For a person to read. */
  readonly detail: string;
  /** Which of the list, from 0, when not all of it. */
  readonly items?: readonly number[];
}

export type RefusalReason =
  /** The value has no code in the lookup table. */
  | 'no_code'
  /** Several readings are possible, and nothing settles which. */
  | 'ambiguous'
  /** Another field has said it already. */
  | 'already_known'
  /** The value is not of the form that the name promises. */
  | 'bad_value'
  /** There is neither a box nor a mask. */
  | 'no_box'
  /** The box has no area, or a number that is none. */
  | 'bad_box'
  | 'outside_image'
  /** The size that the row gives for its image is not the image's. */
  | 'size_disagrees'
  /** The asset was not stored. */
  | 'not_stored'
  /** The mapping broke; a defect of ours. */
  | 'error';
