import { parse as parseUuid, v5 as uuidV5 } from 'uuid';
import type { JsonObject } from '../scenes/scene-record.ts';
import type { Box, Decision, MappedObject, MaskAsset, MaterialShare, RefusalReason } from './mapped-metadata.ts';
import { type MaskShape, maskShapeOf } from './mask-shape.ts';
import { columnsOf, type ObjectColumn, type ObjectTable } from './object-table.ts';
import { type ReadBoxes, readBoxes } from './read-boxes.ts';
import { isDict, isList, toLabel, toNumber, toText, unpack, valueFeature } from './row-values.ts';
import { categoryCode, materialCode } from './to-code.ts';
import { toJsonObject } from './to-json-object.ts';

export interface MappedObjects {
  readonly objects: readonly MappedObject[];
  readonly masks: readonly MaskAsset[];
  readonly decisions: readonly Decision[];
}

interface ObjectsContext {
  readonly sceneId: string;
  /** What a column beside the objects says of their boxes: `xywh`, `coco`. */
  readonly format: string | undefined;
}

/** JSON of the objects' own fields: of one, as long as they are few, and of all. */
const MAX_OBJECT_BYTES = 8_192;
const MAX_OBJECTS_BYTES = 500_000;

/** Objects of a row. An object without box and mask is refused; one whose box cannot be used takes that of its mask. */
export function mapObjects(table: ObjectTable, { sceneId, format }: ObjectsContext): MappedObjects {
  const maskColumn = columnsOf(table, 'mask').find((column) => range(table).some((i) => hasValue(column.valueAt(i))));
  const masks = range(table).map((index) => (maskColumn ? maskOf(maskColumn, index) : undefined));
  const read = readBoxes(table, masks, format);
  const boxes = read && 'boxes' in read ? read : undefined;
  const confidences = readConfidences(table);
  const columns = {
    label: columnsOf(table, 'label'),
    description: columnsOf(table, 'description'),
    materials: columnsOf(table, 'materials'),
  };
  const attrs = attrsOf(table, masks, maskColumn);
  const bad = new Set(boxes?.bad);
  const refused = new Refusals(table.source);
  const decisions: Decision[] = read && 'reason' in read ? [{ ...read, field: `${table.source}.${read.field}` }] : [];

  const namespace = parseUuid(sceneId);
  const objects: MappedObject[] = [];
  const assets: MaskAsset[] = [];
  for (const index of range(table)) {
    const mask = masks[index];
    const box = boxes?.boxes[index] ?? mask?.box;
    if (bad.has(index)) refused.add('bad_box', 'the box has no area, or a number that is none', index);
    if (maskColumn && !mask && hasValue(maskColumn.valueAt(index))) {
      refused.add('bad_value', `${maskColumn.name} holds no mask that can be read`, index);
    }
    if (!box && !mask) {
      if (!read) refused.add('no_box', 'there is neither a box nor a mask', index);
      continue;
    }
    const id = uuidV5(`${table.source}/${index}`, namespace);
    const label = labelOf(columns.label, index);
    const asset = mask && maskColumn ? maskAsset(mask, maskColumn, { sceneId, id, index, label }) : undefined;
    if (asset) assets.push(asset);
    const unit = boxes?.boxes[index] ? boxes.unit : 'pixel';
    const code = label === undefined ? undefined : categoryCode(label);
    objects.push({
      id,
      category_code: code ?? 'unclassified',
      subcategory: code === undefined ? (label ?? null) : null,
      confidence: confidences[index] ?? 1,
      description: descriptionOf(columns.description, index),
      materials: materialsOf(columns.materials, index),
      attrs: attrs[index] ?? {},
      mask_asset: asset?.key ?? null,
      ...(box ? { bbox_unit: unit, ...box } : NO_BOX),
    });
  }
  decisions.unshift(...describe(table, objects.length, boxes));
  return { objects, masks: assets, decisions: [...decisions, ...refused.decisions()] };
}

const NO_BOX = { bbox_unit: 'mask', bbox_x: null, bbox_y: null, bbox_w: null, bbox_h: null } as const;

function range(table: ObjectTable): number[] {
  return Array.from({ length: table.length }, (_, index) => index);
}

function hasValue(value: unknown): boolean {
  return value !== null && value !== undefined && !(isList(value) && value.length === 0);
}

function describe(table: ObjectTable, count: number, boxes: ReadBoxes | undefined): Decision[] {
  if (count === 0) return [];
  const how = boxes ? `${boxes.field} in ${boxes.unit}s, by ${boxes.settledBy}` : 'boxes of their masks';
  return [{ field: table.source, became: 'objects', note: `${count} of ${table.length}; ${how}` }];
}

function maskOf(column: ObjectColumn, index: number): MaskShape | undefined {
  const value = unpack(column.valueAt(index));
  return hasValue(value) ? maskShapeOf(value, column.feature, !/mask/.test(column.fold)) : undefined;
}

function maskAsset(
  { source }: MaskShape,
  column: ObjectColumn,
  { sceneId, id, index, label }: { sceneId: string; id: string; index: number; label: string | undefined },
): MaskAsset {
  const key = maskKey(sceneId, index, label ?? 'object');
  return { kind: 'mask', role: 'instance', key, object_id: id, path: column.pathAt(index), source };
}

/** `masks/{i}_{label}.png`; of the label, what needs no escaping anywhere. */
export function maskKey(sceneId: string, index: number, label: string): string {
  const words = /^[a-z0-9]+$/.test(label)
    ? label
    : label
        .normalize('NFKD')
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, '_')
        .replace(/^_|_$/g, '');
  return `scenes/${sceneId}/masks/${index}_${words.slice(0, 40) || 'object'}.png`;
}

/** Of several columns the first that has words: a name says more than an id. */
function labelOf(columns: readonly ObjectColumn[], index: number): string | undefined {
  for (const column of columns) {
    const value = column.valueAt(index);
    const inner = isDict(value) ? (value.name ?? value.label) : isList(value) ? value[0] : value;
    const label = toLabel(inner, valueFeature(column.feature));
    if (label !== undefined) return label;
  }
  return undefined;
}

function descriptionOf(columns: readonly ObjectColumn[], index: number): string | null {
  for (const column of columns) {
    const text = toText(column.valueAt(index), 2_000);
    if (text !== undefined) return text;
  }
  return null;
}

function materialsOf(columns: readonly ObjectColumn[], index: number): MaterialShare[] {
  const found = new Map<string, MaterialShare>();
  for (const column of columns) {
    const value = column.valueAt(index);
    for (const item of isList(value) ? Array.from(value) : [value]) {
      const label = toLabel(item, valueFeature(column.feature));
      const code = label === undefined ? undefined : materialCode(label);
      if (code !== undefined) found.set(code, { material_code: code, conf: 1 });
    }
  }
  return [...found.values()];
}

/**
 * Confidences from 0 to 1; those above 1 are percent, and then all of the row are. What cannot be read claims nothing:
 * 0. Without a column of confidences the objects are ground truth: 1.
 */
function readConfidences(table: ObjectTable): readonly number[] {
  const [column] = columnsOf(table, 'confidence');
  if (!column) return [];
  const values = range(table).map((index) => toNumber(column.valueAt(index)));
  const isPercent = values.some((value) => value !== undefined && value > 1);
  return values.map((value) => {
    const share = value === undefined ? -1 : isPercent ? value / 100 : value;
    return share >= 0 && share <= 1 ? share : 0;
  });
}

/** The objects' own fields, all converted at once; masks are left out, what they measure is not. */
function attrsOf(
  table: ObjectTable,
  masks: readonly (MaskShape | undefined)[],
  maskColumn: ObjectColumn | undefined,
): JsonObject[] {
  const fields = masks.map((mask, index) => {
    const values: Record<string, unknown> = Object.create(null);
    for (const column of table.columns) {
      const value = column === maskColumn ? undefined : column.valueAt(index);
      if (value !== undefined && !(value instanceof Uint8Array)) values[column.name] = value;
    }
    values._source = { column: table.source, index };
    if (mask?.area !== undefined) values._mask = { area: mask.area, ...asNumbers(mask.box) };
    return values;
  });
  const maxBytes = Math.min(fields.length * MAX_OBJECT_BYTES, MAX_OBJECTS_BYTES);
  const { attrs } = toJsonObject(Object.fromEntries(fields.entries()), { maxBytes });
  return fields.map((_, index) => {
    const object = attrs[index];
    return typeof object === 'object' && object !== null && !Array.isArray(object) ? object : {};
  });
}

function asNumbers(box: Box | undefined): { bbox_xywh?: number[] } {
  return box ? { bbox_xywh: [box.bbox_x, box.bbox_y, box.bbox_w, box.bbox_h] } : {};
}

/** Refusals of single objects, told together. */
class Refusals {
  readonly #field: string;
  readonly #items = new Map<string, { reason: RefusalReason; items: number[] }>();

  constructor(field: string) {
    this.#field = field;
  }

  add(reason: RefusalReason, detail: string, index: number): void {
    const known = this.#items.get(detail) ?? { reason, items: [] };
    known.items.push(index);
    this.#items.set(detail, known);
  }

  decisions(): Decision[] {
    return Array.from(this.#items, ([detail, { reason, items }]) => ({
      field: this.#field,
      became: null,
      target: 'objects',
      reason,
      detail,
      items,
    }));
  }
}
