import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { featuresOfJson } from '../../../../lambdas/shared/hub/features-of-json.ts';
import { COLUMN_ALIASES, CONTAINERS, OBJECT_ALIASES } from '../../../../lambdas/shared/metadata/column-aliases.ts';
import {
  CATEGORY_CODES,
  MATERIAL_CODES,
  SCENE_CODES,
  STYLE_CODES,
} from '../../../../lambdas/shared/metadata/lookup-codes.ts';
import { mapMetadata } from '../../../../lambdas/shared/metadata/map-metadata.ts';
import { COMPONENTS } from '../../../../lambdas/shared/metadata/mapped-metadata.ts';
import { placeMetadata } from '../../../../lambdas/shared/metadata/place-metadata.ts';
import { toJsonObject } from '../../../../lambdas/shared/metadata/to-json-object.ts';

const SCENE = '0b0e7d5e-55b9-4f0e-8a1c-3a5f0e2d9c11';

const share = z.number().min(0).max(1);
const text = z
  .string()
  .min(1)
  .refine((it) => it.isWellFormed() && !it.includes('\0'));
const target = z.enum(Object.keys(COLUMN_ALIASES));
const key = z.templateLiteral([`scenes/${SCENE}/`, z.string().regex(/^(?:depth|masks\/\d+_[a-z0-9_]{1,40})\.png$/)]);
const materials = z.array(z.strictObject({ material_code: z.enum(MATERIAL_CODES), conf: share }));
const object = z.object({
  id: z.uuid(),
  category_code: z.enum(CATEGORY_CODES),
  subcategory: text.nullable(),
  confidence: share,
  description: text.nullable(),
  materials,
  attrs: z.record(z.string(), z.json()),
});
const size = z.number().positive();
const box = { bbox_x: z.number(), bbox_y: z.number(), bbox_w: size, bbox_h: size };
const nowhere = { bbox_x: z.null(), bbox_y: z.null(), bbox_w: z.null(), bbox_h: z.null() };
const mappedObject = z.discriminatedUnion('bbox_unit', [
  object.extend({ ...box, bbox_unit: z.enum(['pixel', 'fraction']), mask_asset: key.nullable() }).strict(),
  object.extend({ ...nowhere, bbox_unit: z.literal('mask'), mask_asset: key }).strict(),
]);
const source = z.discriminatedUnion('form', [
  z.strictObject({ form: z.literal('image'), value: z.unknown() }),
  z.strictObject({ form: z.literal('array'), value: z.array(z.unknown()), dtype: z.string().nullable() }),
  z.strictObject({ form: z.literal('rle'), width: z.int(), height: z.int(), counts: z.array(z.int().min(0)) }),
  z.strictObject({ form: z.literal('polygons'), polygons: z.array(z.array(z.number()).min(6)).min(1) }),
]);
const path = z.array(z.union([z.string(), z.int()])).min(1);
const asset = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('depth'), key, path, source, unit: z.enum(['m', 'cm', 'mm']).nullable() }),
  z.strictObject({
    kind: z.literal('mask'),
    key,
    path,
    source,
    role: z.enum(['instance', 'whole']),
    object_id: z.uuid().nullable(),
  }),
]);
const decision = z.discriminatedUnion('became', [
  z.strictObject({ field: z.string(), became: target, note: z.string().optional() }),
  z.strictObject({
    field: z.string(),
    became: z.null(),
    target,
    reason: z.enum([
      'no_code',
      'ambiguous',
      'already_known',
      'bad_value',
      'no_box',
      'bad_box',
      'outside_image',
      'size_disagrees',
      'not_stored',
    ]),
    detail: text,
    items: z.array(z.int()).min(1).optional(),
  }),
]);
const mapped = z.strictObject({
  scene_updates: z.strictObject({
    description: text.optional(),
    scene_type: z.enum(SCENE_CODES).optional(),
    scene_conf: share.optional(),
    palette: z
      .array(z.strictObject({ hex: z.string().regex(/^#[0-9a-f]{6}$/), p: share }))
      .min(1)
      .optional(),
    styles: z
      .array(z.strictObject({ style_code: z.enum(STYLE_CODES), conf: share }))
      .min(1)
      .optional(),
    materials: materials.min(1).optional(),
    tags: z.array(text).min(1).optional(),
  }),
  objects_data: z.array(mappedObject),
  skip_ai: z.boolean(),
  skip_components: z.record(z.enum(COMPONENTS), z.boolean()),
  assets: z.array(asset),
  decisions: z.array(decision),
  declared_size: z.strictObject({ width: z.int().positive(), height: z.int().positive() }).optional(),
});
const placed = z.array(object.extend({ ...box, mask_key: key.nullable() }).strict());

/** Rows whose columns have the names that matter, and whose values are now and then what they should be. */
const label = fc.constantFrom(
  'living_room',
  'Kitchen',
  'sofa',
  'oak',
  'scandi',
  'lava lamp',
  '#aabbcc',
  'a, b, bedroom',
  '\0\ud800',
);
const number = fc.oneof(
  fc.double(),
  fc.integer({ min: -2, max: 60 }),
  fc.bigInt({ min: -2n, max: 60n }),
  fc.double({ min: 0, max: 1 }),
);
const image = fc.constantFrom<unknown>(
  { bytes: Buffer.from('x'), path: null },
  { bytes: null, path: 'a.png' },
  Buffer.from('x'),
  'a.png',
);
const numbers = fc.array(number, { minLength: 4, maxLength: 4 });
const rle = fc.record({
  size: fc.constant([4, 5]),
  counts: fc.oneof(fc.constant([3, 10, 7]), fc.string(), fc.array(number)),
});
const value: fc.Arbitrary<unknown> = fc.oneof(
  label,
  number,
  image,
  numbers,
  rle,
  fc.array(numbers, { maxLength: 3 }),
  fc.array(image, { maxLength: 3 }),
  fc.array(label, { maxLength: 3 }),
  fc.array(fc.array(number, { minLength: 6, maxLength: 8 }), { minLength: 1, maxLength: 3 }),
  fc.jsonValue(),
  fc.anything({ withBigInt: true, withNullPrototype: true, withTypedArray: true }),
);
const names = (aliases: Readonly<Record<string, readonly string[]>>) => Object.values(aliases).flat();
const fields = fc.constantFrom(
  ...names(OBJECT_ALIASES),
  'bbox',
  'bbox_xywh',
  'box_xyxy',
  'x',
  'y',
  'w',
  'h',
  'xmin',
  'ymin',
  'xmax',
  'ymax',
);
const thing = fc.dictionary(fields, value, { maxKeys: 6 });
const lists = fc.dictionary(fields, fc.array(value, { minLength: 2, maxLength: 2 }), { maxKeys: 5 });
const objects = fc.oneof(
  fc.array(thing, { maxLength: 3 }),
  lists,
  fc.array(thing, { maxLength: 3 }).map((it) => JSON.stringify(toJsonObject({ it }).attrs.it)),
);
const columns = fc.constantFrom(
  ...names(COLUMN_ALIASES),
  ...CONTAINERS,
  'width',
  'height',
  'bbox_xywh',
  'boxes',
  'categories',
  'rles',
  'scene_conf',
  'bbox_format',
  '__proto__',
);
const row = fc.dictionary(columns, fc.oneof(value, objects, fc.dictionary(columns, objects, { maxKeys: 3 })), {
  maxKeys: 8,
});
const features = fc.constantFrom(
  undefined,
  featuresOfJson({
    label: { _type: 'ClassLabel', names: ['kitchen', 'bedroom'] },
    depth: { _type: 'Array2D', shape: [2, 2], dtype: 'float32' },
  }),
  featuresOfJson({
    objects: [
      {
        label: { _type: 'ClassLabel', names: ['sofa'] },
        bbox: { _type: 'List', feature: { _type: 'Value', dtype: 'int32' } },
      },
    ],
  }),
);

describe('mapMetadata, of any row', () => {
  it('fits the schema, leaves the row alone, and does the same twice', () => {
    fc.assert(
      fc.property(row, features, fc.integer({ min: 1, max: 60 }), (metadata, types, width) => {
        const before = toJsonObject(metadata).attrs;
        const result = mapMetadata(metadata, SCENE, 0, types);
        expect(() => mapped.parse(result)).not.toThrow();
        expect(result.skip_ai).toBe(COMPONENTS.every((component) => result.skip_components[component]));
        expect(new Set(result.assets.map((it) => it.key)).size).toBe(result.assets.length);
        expect(new Set(result.objects_data.map(({ id }) => id)).size).toBe(result.objects_data.length);
        expect(mapMetadata(metadata, SCENE, 0, types)).toEqual(result);
        expect(toJsonObject(metadata).attrs).toEqual(before);

        const stored = new Map(
          result.assets.map((it) => [it.key, { key: it.key, box: { bbox_x: 1, bbox_y: 1, bbox_w: 2, bbox_h: 2 } }]),
        );
        const inside = placeMetadata(result, { width, height: 50 }, stored);
        expect(() => placed.parse(inside.objects)).not.toThrow();
        for (const { bbox_x: x, bbox_y: y, bbox_w: w, bbox_h: h } of inside.objects) {
          expect(x >= 0 && y >= 0 && x + w <= width + 1e-9 && y + h <= 50 + 1e-9).toBe(true);
        }
      }),
      { numRuns: 1_500 },
    );
  });

  it('never throws, whatever it is given', () => {
    const anything = fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withSet: true,
      withTypedArray: true,
      withNullPrototype: true,
    });
    fc.assert(
      fc.property(fc.oneof(anything, fc.jsonValue()), fc.string(), (metadata, id) => {
        expect(mapMetadata(metadata, id, 0).skip_ai).toBe(false);
      }),
      { numRuns: 1_000 },
    );
  });
});
