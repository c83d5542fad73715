import type { Target } from './mapped-metadata.ts';

/**
 * Names by which a column is recognised, the plainest first: where several columns of a row could become the same, the
 * first of the list does. Case, `_`, `-`, `.`, blanks and camelCase are folded (`foldName`). Some names are in two
 * lists, and the value decides: an `annotation` that is an image is a mask, one that is a list holds objects.
 */
export const COLUMN_ALIASES: { readonly [target in Target]: readonly string[] } = {
  description: ['description', 'caption', 'text', 'prompt', 'title', 'txt', 'captions', 'image description'],
  scene_type: [
    'scene type',
    'room type',
    'scene category',
    'room category',
    'scene label',
    'room label',
    'room',
    'scene',
    ...['category', 'label'], // only when the value is a room (`ONLY_ROOMS`)
  ],
  styles: ['style', 'styles', 'design style', 'interior style', 'interior design style', 'room style', 'decor style'],
  materials: ['materials', 'material', 'dominant materials'],
  palette: ['palette', 'color palette', 'colour palette', 'dominant colors', 'dominant colours', 'colors', 'colours'],
  objects: [
    'objects',
    'annotations',
    'annotation',
    'instances',
    'detections',
    'bboxes',
    'boxes',
    'bounding boxes',
    'labels',
    'label',
    'target',
  ],
  depth: ['depth', 'depth map', 'depth image', 'depth m', 'depth cm', 'depth mm'],
  masks: [
    'masks',
    'mask',
    'instance masks',
    'segmentation masks',
    'segmentation mask',
    'segmentation',
    'segmentations',
    'segmentation map',
    'semantic segmentation',
    'semantic mask',
    'annotation',
    'instances',
    'label',
    'seg',
  ],
  tags: ['tags', 'keywords'],
};

/** Names that say little: they are a scene's type only when the value is a room, and no refusal is told otherwise. */
export const ONLY_ROOMS: readonly string[] = ['category', 'label'];

/** Columns whose members count as columns: webdatasets keep the metadata in `json`. */
export const CONTAINERS: readonly string[] = ['json', 'metadata', 'meta'];

/** Columns that tell the image's size in pixels. */
export const SIZE_ALIASES = {
  width: ['width', 'image width', 'img width'],
  height: ['height', 'image height', 'img height'],
} as const;

/** What an object can say of itself; boxes are in `box-form.ts`. */
export type ObjectField = 'label' | 'confidence' | 'description' | 'materials' | 'area' | 'width' | 'height' | 'mask';

/** Names of an object's fields; in parallel columns and lists in a dict they are plural as often as not. */
export const OBJECT_ALIASES: { readonly [field in ObjectField]: readonly string[] } = {
  label: [
    'label',
    'labels',
    'category',
    'categories',
    'category name',
    'category names',
    'class',
    'classes',
    'class name',
    'class names',
    'name',
    'names',
    'object',
    'category id',
    'category ids',
    'class id',
    'class ids',
    'raw name',
    'type',
  ],
  confidence: ['confidence', 'confidences', 'conf', 'score', 'scores', 'probability', 'prob'],
  description: ['description', 'descriptions', 'caption', 'captions'],
  materials: ['material', 'materials'],
  area: ['area', 'areas'],
  width: ['width', 'widths', 'w'],
  height: ['height', 'heights', 'h'],
  mask: [
    'mask',
    'masks',
    'rle',
    'rles',
    'inst rles',
    'segmentation',
    'segmentations',
    'polygon',
    'polygons',
    'instance masks',
  ],
};

/** Columns beside boxes that belong to them when they have as many items. `materials` and such are the scene's. */
export const PARALLEL_FIELDS: readonly ObjectField[] = ['label', 'confidence', 'area', 'mask'];

/** What follows a column's name in that of its confidence: `scene_type_conf`, `style_score`. */
export const CONFIDENCE_SUFFIXES: readonly string[] = ['conf', 'confidence', 'score', 'prob', 'probability'];
