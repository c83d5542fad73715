import { coverage } from './coverage.ts';
import type {
  Box,
  Decision,
  MappedMetadata,
  MappedObject,
  PlacedMetadata,
  PlacedObject,
  RefusalReason,
  Size,
  StoredAsset,
} from './mapped-metadata.ts';

/**
 * The mapping of a scene whose image has `size` (pixels, after EXIF orientation), and of whose assets those in `stored`
 * are in the bucket: boxes in its pixels, clipped, and only masks and depth that are there. Objects without a box inside
 * the image are refused one by one; all boxes in pixels are, when the row gives another size for its image, because
 * nobody knows which of the two they are meant for. Pure.
 */
export function placeMetadata(
  mapped: MappedMetadata,
  size: Size,
  stored: ReadonlyMap<string, StoredAsset>,
): PlacedMetadata {
  const misfits = otherSizes(mapped, size);
  const refusals = new Map<RefusalReason, number[]>();
  const objects: PlacedObject[] = [];
  for (const [index, object] of mapped.objects_data.entries()) {
    const placed = placeObject(object, size, stored, misfits);
    if (typeof placed !== 'string') objects.push(placed);
    else refusals.set(placed, [...(refusals.get(placed) ?? []), index]);
  }
  const isKept = new Set(objects.map(({ id }) => id));
  const assets = mapped.assets.filter(
    (asset) =>
      stored.has(asset.key) && (asset.kind === 'depth' || asset.object_id === null || isKept.has(asset.object_id)),
  );
  const covered = coverage({
    updates: mapped.scene_updates,
    objects: objects.map(({ materials, mask_key }) => ({ materials, mask: mask_key })),
    assets,
  });
  return {
    ...covered,
    objects,
    r2_key_depth: assets.find(({ kind }) => kind === 'depth')?.key ?? null,
    decisions: [...mapped.decisions, ...describe(refusals, size), ...describeMissing(mapped, stored)],
  };
}

/** The part of a box that lies inside the image, in its pixels; `undefined` when none does. */
export function placeBox(box: Box, unit: 'pixel' | 'fraction', { width, height }: Size): Box | undefined {
  const [scaleX, scaleY] = unit === 'fraction' ? [width, height] : [1, 1];
  const left = Math.max(0, box.bbox_x * scaleX);
  const top = Math.max(0, box.bbox_y * scaleY);
  const right = Math.min(width, (box.bbox_x + box.bbox_w) * scaleX);
  const bottom = Math.min(height, (box.bbox_y + box.bbox_h) * scaleY);
  if (!(right > left && bottom > top)) return undefined;
  return { bbox_x: left, bbox_y: top, bbox_w: right - left, bbox_h: bottom - top };
}

function placeObject(
  object: MappedObject,
  size: Size,
  stored: ReadonlyMap<string, StoredAsset>,
  misfits: Misfits,
): PlacedObject | RefusalReason {
  const { mask_asset, bbox_unit, bbox_x, bbox_y, bbox_w, bbox_h, ...fields } = object;
  const mask = mask_asset === null ? undefined : stored.get(mask_asset);
  if (bbox_unit === 'pixel' && misfits.row) return 'size_disagrees';
  if (mask_asset !== null && misfits.masks.has(mask_asset)) return 'size_disagrees';
  if (bbox_unit === 'mask' && !mask) return 'not_stored';
  const box = bbox_unit === 'mask' ? mask?.box : { bbox_x, bbox_y, bbox_w, bbox_h };
  if (!box) return 'no_box';
  const placed = placeBox(box, bbox_unit === 'fraction' ? 'fraction' : 'pixel', size);
  return placed ? { ...fields, ...placed, mask_key: mask?.key ?? null } : 'outside_image';
}

interface Misfits {
  /** The row says another size than the image has. */
  readonly row: boolean;
  /** Keys of masks that were made for another size. */
  readonly masks: ReadonlySet<string>;
}

function otherSizes({ declared_size: declared, assets }: MappedMetadata, size: Size): Misfits {
  const isOther = (other: Size) => other.width !== size.width || other.height !== size.height;
  const masks = assets.filter(({ source }) => source.form === 'rle' && isOther(source)).map(({ key }) => key);
  return { row: declared !== undefined && isOther(declared), masks: new Set(masks) };
}

const DETAILS: { readonly [reason in RefusalReason]?: string } = {
  no_box: 'the mask is empty',
  outside_image: 'the box lies outside the image',
  not_stored: 'its mask could not be stored, and nothing else tells its box',
};

function describe(refusals: ReadonlyMap<RefusalReason, readonly number[]>, { width, height }: Size): Decision[] {
  return Array.from(refusals, ([reason, items]) => ({
    field: 'objects_data',
    became: null,
    target: 'objects',
    reason,
    detail: DETAILS[reason] ?? `they are for an image of another size than ${width} × ${height}`,
    items,
  }));
}

function describeMissing({ assets }: MappedMetadata, stored: ReadonlyMap<string, StoredAsset>): Decision[] {
  const missing = assets.filter(({ key }) => !stored.has(key));
  return missing.map(({ kind, path }) => ({
    field: path.join('.'),
    became: null,
    target: kind === 'depth' ? 'depth' : 'masks',
    reason: 'not_stored',
    detail: 'it is not in the bucket',
  }));
}
