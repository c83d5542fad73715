import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { featuresOfFooter } from '../../../../lambdas/shared/hub/features-of-json.ts';
import { mapMetadata } from '../../../../lambdas/shared/metadata/map-metadata.ts';
import { COMPONENTS, type MappedMetadata } from '../../../../lambdas/shared/metadata/mapped-metadata.ts';
import { readFooter } from '../../../../lambdas/shared/parquet/read-footer.ts';
import { readParquetRows } from '../../../../lambdas/shared/parquet/read-parquet-rows.ts';
import { MemorySource } from '../parquet/memory-source.ts';

const ROOT = new URL('../../../../', import.meta.url);
const LAYOUTS = 'test/fixtures/hub/layout';
const SCENE = '0b0e7d5e-55b9-4f0e-8a1c-3a5f0e2d9c11';

/** Rows of a parquet file as the import maps them: all columns but the image's. */
async function mapFile(path: string, imageColumn = 'image'): Promise<MappedMetadata[]> {
  const source = new MemorySource(readFileSync(new URL(path, ROOT)));
  const { metadata } = await readFooter(source);
  const features = featuresOfFooter(metadata.key_value_metadata?.find(({ key }) => key === 'huggingface')?.value);
  const mapped: MappedMetadata[] = [];
  for await (const row of readParquetRows(source)) {
    const { [imageColumn]: _, ...rest } = row;
    mapped.push(mapMetadata(rest, SCENE, mapped.length, features));
  }
  return mapped;
}

/** What a person would look at: codes and boxes, where assets come from, what is skipped, what was refused. */
function essence({ scene_updates, objects_data, skip_components, assets, decisions }: MappedMetadata) {
  const objects = objects_data.map((it) => [it.category_code, it.bbox_x, it.bbox_y, it.bbox_w, it.bbox_h].join(' '));
  const refused = decisions.flatMap((it) => (it.became === null ? [`${it.field}: ${it.reason}`] : []));
  return {
    ...scene_updates,
    ...(objects.length > 0 && { objects }),
    ...(assets.length > 0 && { assets: assets.map(({ path, source }) => `${path.join('.')} ${source.form}`) }),
    ...(refused.length > 0 && { refused }),
    skipped: COMPONENTS.filter((component) => skip_components[component]).join(' '),
  };
}

describe('rows of published layouts', () => {
  const train = 'data/train-00000-of-00001.parquet';
  it.each([
    [`houzzdata/${train}`, { description: 'a cozy scandinavian living room with a sofa and 0 chairs', skipped: '' }],
    [
      `interior-design-tags/${train}`,
      {
        description: 'modern, living room, sofa, wooden floor, beige',
        scene_type: 'living_room',
        scene_conf: 1,
        tags: ['modern', 'living room', 'sofa', 'wooden floor', 'beige'],
        skipped: 'scene_classification',
      },
    ],
    [`interior-design-capitals/${train}`, { description: 'A bedroom in japandi style', skipped: '' }],
    [`nyu-depth-v2/${train}`, { assets: ['depth_map image'], skipped: 'depth_estimation' }],
    [
      `nyuv2/${train}`,
      {
        scene_type: 'living_room',
        scene_conf: 1,
        assets: ['depth array', 'label array'],
        refused: ['scene: already_known'],
        skipped: 'scene_classification segmentation depth_estimation',
      },
    ],
    [
      `sun-rgbd/${train}`,
      {
        description: 'A classroom with rows of chairs.',
        assets: ['depth image'],
        refused: ['scene: no_code'],
        skipped: 'depth_estimation',
      },
    ],
    [
      `scene-parse-150/${train}`,
      {
        scene_type: 'bedroom',
        scene_conf: 1,
        assets: ['annotation image'],
        skipped: 'scene_classification segmentation',
      },
    ],
    [
      `ade20k/${train}`,
      {
        scene_type: 'bedroom',
        scene_conf: 1,
        objects: ['bed 5 4 8 10', 'armchair 15 4 8 10', 'lamp 22 4 8 10'],
        assets: [
          ...[0, 1, 2].map((index) => `objects.${index}.polygon polygons`),
          ...['segmentations.0 image', 'segmentations.1 image', 'instances.0 image'],
        ],
        skipped: 'scene_classification object_detection segmentation',
      },
    ],
    [
      'detection-coco/data/val-00000-of-00001-8d3c7e5f1a2b4c6d.parquet',
      { objects: ['sofa 2 3 10 17', 'bed 20 1 11 22'], skipped: 'object_detection' },
    ],
    [
      'furniture-ngpea/data/train-00000-of-00001-03b0f1d9e0a1b2c3.parquet',
      { objects: ['chair 1 2 10 10', 'table 15 5 10 15'], skipped: 'object_detection' },
    ],
    [
      `whyen-coco/${train}`,
      {
        objects: ['sofa 2 3 10 17', 'bed 20 1 11 22'],
        assets: ['inst.rles rle', 'inst.rles rle'],
        skipped: 'object_detection segmentation',
      },
    ],
    ['tiny-coco/train.parquet', { description: 'a couch', skipped: '' }],
    [`boxes-as-text/${train}`, { refused: ['label.box: ambiguous', 'boxes.boxes: ambiguous'], skipped: '' }],
  ])('%s', async (path, expected) => {
    const [first] = await mapFile(`${LAYOUTS}/${path}`, path.startsWith('sun') ? 'rgb' : 'image');
    expect(first && essence(first)).toEqual(expected);
  });

  it('knows the kitchen, the living room and the misc of scene_parse_150', async () => {
    const rooms = await mapFile(`${LAYOUTS}/scene-parse-150/${train}`);
    expect(rooms.map(({ scene_updates }) => scene_updates.scene_type)).toEqual(['bedroom', 'living_room', undefined]);
  });
});

describe('the sample rooms', async () => {
  const folder = 'local/sample-rooms/repo/data';
  const rows = [
    ...(await mapFile(`${folder}/train-00000-of-00002.parquet`)),
    ...(await mapFile(`${folder}/train-00001-of-00002.parquet`)),
  ];

  it('say all that an analysis could', () => {
    expect(rows).toHaveLength(60);
    for (const [index, row] of rows.entries()) {
      expect(row.skip_ai, `row ${index}`).toBe(true);
      expect(row.scene_updates.description === undefined).toBe(index === 28);
      expect(row.objects_data.every((it) => it.mask_asset !== null && it.materials.length === 1)).toBe(true);
      expect(row.assets).toHaveLength(row.objects_data.length + 1);
      expect(row.decisions.filter(({ became }) => became === null)).toEqual([]);
    }
  });

  it('file every object', () => {
    const unclassified = rows.flatMap((row) => row.objects_data.flatMap(({ subcategory }) => subcategory ?? []));
    expect([...new Set(unclassified)]).toEqual([]);
  });
});
