import { maskKey } from './map-objects.ts';
import type { Decision, DepthAsset, MaskAsset } from './mapped-metadata.ts';
import { type MaskShape, maskShapeOf } from './mask-shape.ts';
import type { Column } from './object-table.ts';
import type { RowColumns } from './row-columns.ts';
import { isArray2D, isImageValue, isList, itemFeature } from './row-values.ts';

/** Names that only a mask has; the others mean one when the value can be nothing else. */
const MASK_NAME = /mask|^seg|semantic/;

/** The depth of a scene: an image, or rows of numbers. */
export function mapDepth(row: RowColumns, sceneId: string): { asset: DepthAsset | undefined; decisions: Decision[] } {
  const decisions: Decision[] = [];
  let asset: DepthAsset | undefined;
  for (const { name, fold, path, value, feature } of row.of('depth')) {
    const dtype = feature?._type === 'Array2D' ? feature.dtype : null;
    const refuse = (reason: 'bad_value' | 'already_known', detail: string) =>
      decisions.push({ field: name, became: null, target: 'depth', reason, detail });
    const isImage = isImageValue(value, feature);
    if (!isImage && !isArray2D(value)) refuse('bad_value', 'it is neither an image nor rows of numbers');
    else if (asset) refuse('already_known', `${asset.path.join('.')} became the depth already`);
    else {
      const source = isArray2D(value)
        ? ({ form: 'array', value, dtype } as const)
        : ({ form: 'image', value } as const);
      asset = { kind: 'depth', key: `scenes/${sceneId}/depth.png`, path, source, unit: unitOf(fold) };
      decisions.push({ field: name, became: 'depth' });
    }
  }
  return { asset, decisions };
}

function unitOf(fold: string): DepthAsset['unit'] {
  const unit = /^depth(m|cm|mm)$/.exec(fold)?.[1];
  return unit === 'm' || unit === 'cm' || unit === 'mm' ? unit : null;
}

/** The column that may hold one mask for each object: a list of images, arrays or run lengths. */
export function objectMasks(row: RowColumns): Column | undefined {
  return row.of('masks').find(({ fold, value }) => /mask|^instances$/.test(fold) && isList(value) && !isArray2D(value));
}

/**
 * Masks that are no object's.
 * @param taken columns whose masks are objects'
 * @param firstIndex of their keys: those before are objects'
 */
export function mapMasks(
  row: RowColumns,
  sceneId: string,
  taken: ReadonlySet<unknown>,
  firstIndex: number,
): { assets: MaskAsset[]; decisions: Decision[] } {
  const assets: MaskAsset[] = [];
  const decisions: Decision[] = [];
  for (const column of row.of('masks')) {
    const { name, path } = column;
    if (taken.has(column.value)) continue;
    const shapes = shapesOf(column);
    if (shapes === undefined) {
      if (/mask/.test(column.fold)) {
        const detail = 'it holds no mask that can be read';
        decisions.push({ field: name, became: null, target: 'masks', reason: 'bad_value', detail });
      }
      continue;
    }
    const isWhole = !isList(column.value) || isArray2D(column.value) || /^seg|semantic/.test(column.fold);
    for (const { shape, path: own } of shapes) {
      const key = maskKey(sceneId, firstIndex + assets.length, name);
      const role = isWhole ? 'whole' : 'instance';
      assets.push({ kind: 'mask', role, key, object_id: null, path: [...path, ...own], source: shape.source });
    }
    const note = isWhole ? 'of the whole scene' : `${shapes.length} masks that are no object's`;
    decisions.push({ field: name, became: 'masks', note });
  }
  return { assets, decisions };
}

/** One mask, or a list of them; `undefined` when that is not what the column holds. */
function shapesOf({ fold, value, feature }: Column): { shape: MaskShape; path: number[] }[] | undefined {
  if (isImageValue(value, feature)) return [{ shape: { source: { form: 'image', value } }, path: [] }];
  const isNamed = MASK_NAME.test(fold);
  if (!isNamed && feature?._type !== 'Array2D' && !(isList(value) && isImageValue(value[0], itemFeature(feature))))
    return undefined;
  const one = maskShapeOf(value, feature, !/mask|map/.test(fold) && feature?._type !== 'Array2D');
  if (one) return [{ shape: one, path: [] }];
  if (!isList(value) || value.length === 0) return undefined;
  const shapes = Array.from(value, (item, index) => {
    const shape = maskShapeOf(item, itemFeature(feature), !/mask/.test(fold));
    return shape && { shape, path: [index] };
  });
  return shapes.every((shape) => shape !== undefined) ? shapes : undefined;
}
