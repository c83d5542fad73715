import { describe, expect, it } from 'vitest';
import { mapMetadata } from '../../../../lambdas/shared/metadata/map-metadata.ts';
import type { StoredAsset } from '../../../../lambdas/shared/metadata/mapped-metadata.ts';
import { placeMetadata } from '../../../../lambdas/shared/metadata/place-metadata.ts';

const SCENE = '0b0e7d5e-55b9-4f0e-8a1c-3a5f0e2d9c11';
const SIZE = { width: 32, height: 24 };
const IMAGE = { bytes: Buffer.from('x'), path: 'x.png' };
const RLE = { size: [24, 32], counts: [51, 17, 7, 17, 676] };

function place(
  metadata: unknown,
  options: { size?: typeof SIZE; stored?: 'all' | 'none'; box?: StoredAsset['box'] } = {},
) {
  const mapped = mapMetadata(metadata, SCENE, 0);
  const keys = options.stored === 'none' ? [] : mapped.assets.map(({ key }) => key);
  const stored = new Map(keys.map((key) => [key, { key, box: options.box ?? null }]));
  const placed = placeMetadata(mapped, options.size ?? SIZE, stored);
  const boxes = placed.objects.map((it) => [it.bbox_x, it.bbox_y, it.bbox_w, it.bbox_h]);
  const refused = placed.decisions.flatMap((it) => (it.became === null ? [it.reason] : []));
  return { ...placed, boxes, refused };
}

describe('placeMetadata', () => {
  it.each([
    [{ bbox_xywh: [30, 20, 10, 10] }, [30, 20, 2, 4]],
    [{ bbox_xywh: [-3, -4, 10, 10] }, [0, 0, 7, 6]],
    [{ bbox_xyxy: [0.25, 0.5, 1, 1] }, [8, 12, 24, 12]],
    [{ bbox_xywh: [0, 0, 32, 24] }, [0, 0, 32, 24]],
  ])('puts %j into the image', (object, box) => expect(place({ objects: [object] }).boxes).toEqual([box]));

  it('refuses what lies outside, one by one', () => {
    const objects = [
      [40, 1, 2, 2],
      [1, 2, 3, 4],
      [1, 24, 3, 4],
    ].map((box) => ({ bbox_xywh: box }));
    const { boxes, decisions } = place({ objects });
    expect(boxes).toEqual([[1, 2, 3, 4]]);
    expect(decisions).toContainEqual(expect.objectContaining({ reason: 'outside_image', items: [0, 2] }));
  });

  it('refuses pixels that are meant for another size', () => {
    const objects = [{ bbox_xywh: [1, 2, 3, 4] }];
    const { skip_components, refused } = place({ objects, width: 24, height: 32 });
    expect([skip_components.object_detection, refused]).toEqual([false, ['size_disagrees']]);
    expect(place({ objects: [{ name: 'bed', rle: RLE }] }, { size: { width: 64, height: 48 } }).refused).toEqual([
      'size_disagrees',
    ]);
    expect(place({ objects: [{ name: 'bed', rle: RLE }] }).boxes).toEqual([[2, 3, 2, 17]]);
  });

  it('takes the box that the asset step found in a mask', () => {
    const metadata = { objects: [{ label: 'sofa', mask: IMAGE }] };
    const box = { bbox_x: 4, bbox_y: 5, bbox_w: 6, bbox_h: 7 };
    expect(place(metadata, { box }).objects).toMatchObject([{ ...box, mask_key: `scenes/${SCENE}/masks/0_sofa.png` }]);
    expect(place(metadata)).toMatchObject({ objects: [], refused: ['no_box'] });
    expect(place(metadata, { stored: 'none' }).refused).toEqual(['not_stored', 'not_stored']);
  });

  it('counts only what is stored', () => {
    const metadata = { depth: IMAGE, objects: [{ label: 'sofa', bbox_xywh: [1, 2, 3, 4], mask: IMAGE }] };
    expect(place(metadata)).toMatchObject({
      r2_key_depth: `scenes/${SCENE}/depth.png`,
      skip_components: { depth_estimation: true, segmentation: true },
    });
    expect(place(metadata, { stored: 'none' })).toMatchObject({
      r2_key_depth: null,
      objects: [{ mask_key: null }],
      skip_components: { depth_estimation: false, segmentation: false, object_detection: true },
    });
  });
});
