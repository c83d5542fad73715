import type { Features } from '../hub/features.ts';
import { coverage } from './coverage.ts';
import { mapDepth, mapMasks, objectMasks } from './map-assets.ts';
import { type MappedObjects, mapObjects } from './map-objects.ts';
import { mapScene } from './map-scene.ts';
import type { Decision, MappedMetadata, MappedObject, Size } from './mapped-metadata.ts';
import { objectsOf, parallelObjects, withColumnsBeside } from './object-table.ts';
import { placeBox } from './place-metadata.ts';
import { RowColumns } from './row-columns.ts';
import { isDict, isList } from './row-values.ts';

/**
 * What a row's own metadata says, in the words of the Modomo schema: names by `column-aliases.ts`, values by the lookup
 * tables. Pure, deterministic, linear in the row's fields, and total: whatever it is given, it never throws; when it
 * breaks, the decisions say so and nothing else is known. The row's values are not copied nor changed, so that all of
 * them can stay in `attrs`. Where the row gives its image's size, boxes are in pixels and clipped to it; else
 * `placeMetadata` does it, which has to be called in any case once the image and the stored assets are known.
 * @param scene_id a UUID; the ids of objects and the keys of assets follow from it
 * @param hf_index the row's, from 0
 * @param features names of class labels, and types; without them integers are no labels
 */
export function mapMetadata(
  metadata: unknown,
  scene_id: string,
  hf_index: number,
  features?: Features,
): MappedMetadata {
  try {
    return isDict(metadata) ? mapRow(new RowColumns(metadata, features), scene_id) : nothing([]);
  } catch (error) {
    const detail = `row ${hf_index}: ${error instanceof Error ? error.message : 'something was thrown'}`;
    return nothing([{ field: '', became: null, target: null, reason: 'error', detail }]);
  }
}

function nothing(decisions: readonly Decision[]): MappedMetadata {
  return {
    scene_updates: {},
    objects_data: [],
    ...coverage({ updates: {}, objects: [], assets: [] }),
    assets: [],
    decisions,
  };
}

function mapRow(row: RowColumns, sceneId: string): MappedMetadata {
  const scene = mapScene(row);
  const found = findObjects(row, sceneId);
  const size = row.declaredSize;
  const { kept, decisions: refused } = size ? keepInside(found.objects, size) : { kept: found.objects, decisions: [] };
  const keptIds = new Set(kept.map(({ id }) => id));
  const ownMasks = found.masks.filter(({ object_id }) => object_id === null || keptIds.has(object_id));
  const depth = mapDepth(row, sceneId);
  const masks = mapMasks(row, sceneId, found.taken, found.length);
  const assets = [...(depth.asset ? [depth.asset] : []), ...ownMasks, ...masks.assets];
  const objects = kept.map(({ materials, mask_asset }) => ({ materials, mask: mask_asset }));
  return {
    scene_updates: scene.updates,
    objects_data: kept,
    ...coverage({ updates: scene.updates, objects, assets }),
    assets,
    decisions: [...scene.decisions, ...found.decisions, ...refused, ...depth.decisions, ...masks.decisions],
    ...(size && { declared_size: size }),
  };
}

interface FoundObjects extends MappedObjects {
  /** Objects of the column, also those that were refused. */
  readonly length: number;
  /** Values of columns that became objects' masks. */
  readonly taken: ReadonlySet<unknown>;
}

/** Objects of the first column that has some that can be used. */
function findObjects(row: RowColumns, sceneId: string): FoundObjects {
  const decisions: Decision[] = [];
  const beside = objectMasks(row);
  const tables = [
    ...row.of('objects').map((column) => ({ field: column.name, value: column.value, table: () => objectsOf(column) })),
    { field: 'boxes', value: undefined, table: () => parallelObjects(row.all) },
  ];
  let found: FoundObjects | undefined;
  for (const { field, value, table: read } of tables) {
    const table = read();
    if (table === undefined) {
      if (/^objects$/i.test(field) && isList(value) && value.length > 0) {
        decisions.push(refuse(field, 'no_box', 'names without boxes'));
      }
      continue;
    }
    if (typeof table === 'string') decisions.push(refuse(field, 'bad_value', table));
    else if (found) decisions.push(refuse(table.source, 'already_known', 'the objects are known already'));
    else {
      const whole = withColumnsBeside(table, row.all, beside);
      const mapped = mapObjects(whole, { sceneId, format: row.boxFormat });
      decisions.push(...mapped.decisions);
      if (mapped.objects.length === 0) continue;
      const used = new Set(mapped.masks.flatMap(({ path }) => [pathKey(path.slice(0, 1)), pathKey(path.slice(0, 2))]));
      const taken = new Set(row.all.filter(({ path }) => used.has(pathKey(path))).map(({ value: column }) => column));
      found = { ...mapped, decisions, length: table.length, taken };
    }
  }
  return found ?? { objects: [], masks: [], decisions, length: 0, taken: new Set() };
}

function pathKey(path: readonly (string | number)[]): string {
  return path.join('\0');
}

function refuse(field: string, reason: 'no_box' | 'bad_value' | 'already_known', detail: string): Decision {
  return { field, became: null, target: 'objects', reason, detail };
}

function keepInside(objects: readonly MappedObject[], size: Size): { kept: MappedObject[]; decisions: Decision[] } {
  const kept: MappedObject[] = [];
  const outside: number[] = [];
  for (const [index, object] of objects.entries()) {
    const box = object.bbox_unit === 'mask' ? undefined : placeBox(object, object.bbox_unit, size);
    if (box) kept.push({ ...object, ...box, bbox_unit: 'pixel' });
    else if (object.bbox_unit === 'mask') kept.push(object);
    else outside.push(index);
  }
  if (outside.length === 0) return { kept, decisions: [] };
  const detail = `outside the image, which the row says is ${size.width} × ${size.height}`;
  const refused = { field: 'objects_data', became: null, target: 'objects', reason: 'outside_image', detail } as const;
  return { kept, decisions: [{ ...refused, items: outside }] };
}
