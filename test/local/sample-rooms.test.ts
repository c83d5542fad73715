import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type FileMetaData, parquetMetadata, parquetReadObjects } from 'hyparquet';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';

const REPO = join(import.meta.dirname, '../../local/sample-rooms/repo');
const BAD = [17, 31, 44];

const Bytes = z.instanceof(Uint8Array<ArrayBufferLike>);
const File = z.object({ bytes: Bytes, path: z.string() });
const Row = z.object({
  image: File.nullish(), // hyparquet leaves a null struct out
  caption: z.string().nullable(),
  room_type: z.bigint(),
  style: z.string(),
  depth: File,
  masks: z.array(File),
  objects: z.array(
    z.object({
      label: z.string(),
      bbox_xywh: z.array(z.int()),
      area: z.int(),
      material: z.string(),
      color: z.string(),
    }),
  ),
  materials: z.array(z.string()),
  colors: z.array(z.object({ hex: z.string(), p: z.number() })),
  source_id: z.string(),
  asset_id: z.bigint(),
  rendered_at: z.date(),
  mean_depth_m: z.union([z.number(), z.nan()]),
  notes: z.string().nullable(),
});

let footers: FileMetaData[] = [];
let rows: z.infer<typeof Row>[] = [];

beforeAll(async () => {
  const files = ['data/train-00000-of-00002.parquet', 'data/train-00001-of-00002.parquet'].map((path) => {
    const bytes = readFileSync(join(REPO, path));
    return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  });
  footers = files.map((file) => parquetMetadata(file));
  // hyparquet decodes every binary column as text unless told otherwise; strings keep their own type
  const read = await Promise.all(files.map((file) => parquetReadObjects({ file, utf8: false })));
  rows = z.array(Row.strict()).parse(read.flat());
});

describe('sample rooms', () => {
  it('has 60 rows in two shards of small row groups, laid out as datasets does it', () => {
    expect(footers.map(({ row_groups }) => row_groups.map(({ num_rows }) => num_rows))).toEqual([
      [10n, 10n, 10n],
      [10n, 10n, 10n],
    ]);
    for (const { row_groups, key_value_metadata } of footers) {
      const image = row_groups[0]?.columns[0];
      expect(image?.meta_data).toMatchObject({ path_in_schema: ['image', 'bytes'], codec: 'UNCOMPRESSED' });
      expect(image?.offset_index_offset).toBeDefined();
      const features = JSON.parse(key_value_metadata?.find(({ key }) => key === 'huggingface')?.value ?? '{}').info
        ?.features;
      expect(Object.keys(features)).toEqual(Object.keys(Row.shape));
      expect(features.room_type).toEqual({
        names: ['living_room', 'bedroom', 'kitchen', 'bathroom', 'dining_room', 'office', 'hallway'],
        _type: 'ClassLabel',
      });
      expect(features.masks).toEqual({ feature: { _type: 'Image' }, _type: 'List' });
    }
    expect(new Set(rows.map(({ source_id }) => source_id)).size).toBe(60);
  });

  it('weighs at most 5 MB', () => {
    const paths = readdirSync(REPO, { recursive: true, encoding: 'utf8' }).map((path) => statSync(join(REPO, path)));
    expect(paths.reduce((sum, stats) => sum + (stats.isFile() ? stats.size : 0), 0)).toBeLessThanOrEqual(5_000_000);
  });

  it('holds pictures that decode, of the size of their depth maps, except in three rows', async () => {
    const wrong: number[] = [];
    for (const [index, { image, depth }] of rows.entries()) {
      const upright = await sharp(image?.bytes ?? Buffer.alloc(1))
        .rotate()
        .raw()
        .toBuffer({ resolveWithObject: true })
        .catch(() => undefined);
      const size = await sharp(depth.bytes).metadata();
      if (upright === undefined) wrong.push(index);
      else expect([index, upright.info.width, upright.info.height]).toEqual([index, size.width, size.height]);
    }
    expect(wrong).toEqual(BAD);
    expect(rows[17]?.image?.bytes.subarray(0, 2)).toEqual(new Uint8Array([0xff, 0xd8]));
    expect(rows[31]?.image).toBeUndefined();
    expect(Buffer.from(rows[44]?.image?.bytes ?? []).toString()).toMatch(/^<!DOCTYPE html>/);
  });

  it('has every shape of image and value that it promises', async () => {
    const metadata = await Promise.all(
      rows.filter((_, index) => !BAD.includes(index)).map(({ image }) => sharp(image?.bytes).metadata()),
    );
    expect(new Set(metadata.map(({ format }) => format))).toEqual(new Set(['jpeg', 'png', 'webp']));
    expect(metadata.filter(({ orientation }) => orientation === 6)).toHaveLength(4);
    expect(rows[28]?.caption).toBeNull();
    expect(rows[9]?.mean_depth_m).toBeNaN();
    expect(rows[0]?.asset_id).toBe(2n ** 53n + 1n);
    expect(rows[5]?.notes).toBe('Küche & Diele – 日本語 🛋️');
  });

  it.each([0, 11, 30, 59])('has masks that fit the objects of row %i', async (index) => {
    const { masks = [], objects = [], materials = [], colors = [] } = rows[index] ?? {};
    expect(masks).toHaveLength(objects.length);
    expect(objects.length).toBeGreaterThan(3);
    expect(new Set(objects.map(({ material }) => material))).toEqual(new Set(materials));
    expect(colors.reduce((sum, { p }) => sum + p, 0)).toBeCloseTo(1, 2);
    for (const [i, { bbox_xywh, area }] of objects.entries()) {
      const mask = await sharp(masks[i]?.bytes).toColourspace('b-w').raw().toBuffer({ resolveWithObject: true });
      expect({ bbox_xywh, area }).toEqual(boxOf(mask.data, mask.info.width));
    }
  });
});

/** The tight box around the pixels that are set, and their number. */
function boxOf(pixels: Uint8Array, width: number): { bbox_xywh: number[]; area: number } {
  const set = [...pixels.keys()].filter((at) => pixels[at] === 255);
  const xs = set.map((at) => at % width);
  const ys = set.map((at) => Math.floor(at / width));
  const [x, y] = [xs.reduce((a, b) => Math.min(a, b)), ys.reduce((a, b) => Math.min(a, b))];
  const [right, bottom] = [xs.reduce((a, b) => Math.max(a, b)), ys.reduce((a, b) => Math.max(a, b))];
  return { bbox_xywh: [x, y, right - x + 1, bottom - y + 1], area: set.length };
}
