import { describe, expect, it } from 'vitest';
import { type Features, featuresOf } from '../../../../lambdas/shared/hub/features.ts';
import { featuresOfJson } from '../../../../lambdas/shared/hub/features-of-json.ts';
import { mapMetadata } from '../../../../lambdas/shared/metadata/map-metadata.ts';
import type { Decision } from '../../../../lambdas/shared/metadata/mapped-metadata.ts';

const SCENE = '0b0e7d5e-55b9-4f0e-8a1c-3a5f0e2d9c11';
const PNG = Buffer.from('89504e470d0a1a0a', 'hex');
const IMAGE = { bytes: PNG, path: 'x.png' };

const map = (metadata: unknown, features?: Features) => mapMetadata(metadata, SCENE, 7, features);
const refusals = (decisions: readonly Decision[]) =>
  decisions.flatMap((decision) => (decision.became === null ? [`${decision.field}: ${decision.reason}`] : []));
const boxes = (metadata: unknown, features?: Features) =>
  map(metadata, features).objects_data.map((it) => [it.bbox_x, it.bbox_y, it.bbox_w, it.bbox_h]);

function features(json: Record<string, unknown>): Features {
  return featuresOfJson(json) ?? featuresOf([]);
}

describe('names', () => {
  it.each(['room_type', 'roomType', 'Room Type', 'ROOM-TYPE', 'scene', 'sceneCategory', 'room', 'category', 'label'])(
    '%s is the type of a room',
    (name) => {
      const { scene_updates, skip_ai, skip_components } = map({ [name]: 'living_room' });
      expect(scene_updates).toEqual({ scene_type: 'living_room', scene_conf: 1 });
      expect(skip_ai).toBe(false);
      expect(skip_components).toMatchObject({ scene_classification: true, object_detection: false });
    },
  );

  it.each(['caption', 'Text', 'description', 'prompt', 'title'])('%s is the description', (name) => {
    expect(map({ [name]: ' A bedroom. ' }).scene_updates).toEqual({ description: 'A bedroom.' });
  });

  it('takes the plainest of several names, and says what became of the others', () => {
    const { scene_updates, decisions } = map({ caption: 'Short.', description: 'Long.' });
    expect(scene_updates.description).toBe('Long.');
    expect(refusals(decisions)).toEqual(['caption: already_known']);
  });

  it('looks into the metadata of a webdataset', () => {
    const json = { caption: 'A kitchen.', room_type: '/k/kitchen' };
    expect(map({ json, __key__: '1' }).scene_updates).toMatchObject({
      description: 'A kitchen.',
      scene_type: 'kitchen',
    });
    expect(map({ json: JSON.stringify(json) }).scene_updates.scene_type).toBe('kitchen');
  });

  it('leaves a category alone that is no room, and one among names of things', () => {
    expect(map({ category: 'sofa' })).toMatchObject({ scene_updates: {}, decisions: [] });
    const things = features({ label: { _type: 'ClassLabel', names: ['sofa', 'lamp', 'bed', 'balcony'] } });
    expect(map({ label: 3n }, things).scene_updates).toEqual({});
    const rooms = features({ label: { _type: 'ClassLabel', names: ['Bed Room', 'Kitchen', 'attic'] } });
    expect(map({ label: 0n }, rooms).scene_updates.scene_type).toBe('bedroom');
  });
});

describe('values', () => {
  it.each([
    ['Living Room', 'living_room'],
    ['living-room', 'living_room'],
    ['livingroom', 'living_room'],
    ['bed room', 'bedroom'],
    ['/k/kitchen', 'kitchen'],
    ['/b/balcony/exterior', 'balcony'],
    ['home_or_hotel/bedroom', 'bedroom'],
    ['living_room_0012', 'living_room'],
    ['home office', 'office'],
    [['home_or_hotel', 'bedroom'], 'bedroom'],
  ])('%j is the room %s', (value, code) => {
    expect(map({ scene: value }).scene_updates.scene_type).toBe(code);
  });

  it.each(['furniture_store', 'bedroom/kitchen', ['bedroom', 'kitchen'], 'misc', '', 3, -1n, {}, true])(
    '%o is no room',
    (value) => expect(map({ room_type: value }).scene_updates).toEqual({}),
  );

  it('names the integers of a class label; -1 and unknown ones are none', () => {
    const types = features({ room_type: { _type: 'ClassLabel', names: ['kitchen', 'bathroom'] } });
    expect(map({ room_type: 1n }, types).scene_updates.scene_type).toBe('bathroom');
    for (const unknown of [-1n, 2, null]) expect(map({ room_type: unknown }, types).scene_updates).toEqual({});
  });

  it.each([
    ['Scandinavian', [['scandi', 1]]],
    ['mid-century modern', [['mid_century', 1]]],
    [
      'Scandi style, Boho',
      [
        ['scandi', 1],
        ['bohemian', 1],
      ],
    ],
    [['Minimalist', 'minimal'], [['minimal', 1]]],
    [
      { Japandi: 0.75, rustic: 0.25 },
      [
        ['japandi', 0.75],
        ['rustic', 0.25],
      ],
    ],
    [[{ label: 'industrial', score: 0.5 }], [['industrial', 0.5]]],
    ['["coastal"]', [['coastal', 1]]],
  ])('%j are styles', (value, styles) => {
    const found = map({ style: value }).scene_updates.styles?.map(({ style_code, conf }) => [style_code, conf]);
    expect(found).toEqual(styles);
  });

  it('makes up no label', () => {
    const { scene_updates, decisions, skip_components } = map({ style: 'modern', materials: ['unobtainium'] });
    expect(scene_updates).toEqual({});
    expect(refusals(decisions)).toEqual(['style: no_code', 'materials: no_code']);
    expect(Object.values(skip_components)).not.toContain(true);
  });

  it.each([
    [{ room_type: 'kitchen', room_type_confidence: 0.5 }, 0.5],
    [{ room_type: 'kitchen', scene_conf: 87 }, 0.87],
    [{ room_type: 'kitchen', scene_conf: 'high' }, 0],
    [{ room_type: 'kitchen', scene_conf: null }, 1],
  ])('%j has the confidence %d', (metadata, conf) => expect(map(metadata).scene_updates.scene_conf).toBe(conf));

  it.each([
    [
      [
        { hex: '#AABBCC', p: 0.5 },
        { hex: '#fff', p: 0.5 },
      ],
      [
        ['#aabbcc', 0.5],
        ['#ffffff', 0.5],
      ],
    ],
    [
      ['aabbcc', [255, 0, 16]],
      [
        ['#aabbcc', 0.5],
        ['#ff0010', 0.5],
      ],
    ],
    [
      [
        { rgb: [0, 0, 0], percentage: 60 },
        { rgb: [1, 1, 1], percentage: 40 },
      ],
      [
        ['#000000', 0.6],
        ['#010101', 0.4],
      ],
    ],
    [{ '#112233': 0.25 }, [['#112233', 0.25]]],
    [
      '#112233, #445566',
      [
        ['#112233', 0.5],
        ['#445566', 0.5],
      ],
    ],
  ])('%j is a palette', (value, palette) => {
    expect(map({ colors: value }).scene_updates.palette?.map(({ hex, p }) => [hex, p])).toEqual(palette);
  });

  it.each([[['beige']], [[{ hex: '#aabbcc', p: Number.NaN }]], [[[1, 2]]], 'warm', 7])('%j is no palette', (value) => {
    expect(map({ palette: value })).toMatchObject({ scene_updates: {}, skip_components: { color_analysis: false } });
  });

  it('reads tags, and a text that is tags', () => {
    expect(map({ tags: ['kitchen', 'boho'] }).scene_updates).toMatchObject({
      scene_type: 'kitchen',
      tags: ['kitchen', 'boho'],
    });
    expect(map({ keywords: 'kitchen; dining room' }).scene_updates).toEqual({ tags: ['kitchen', 'dining room'] });
    expect(map({ text: 'scandi, bedroom, oak floor' }).scene_updates).toMatchObject({
      description: 'scandi, bedroom, oak floor',
      scene_type: 'bedroom',
      styles: [{ style_code: 'scandi', conf: 1 }],
    });
    expect(map({ text: 'A bed, a lamp, and bedroom' }).scene_updates.tags).toBeUndefined();
  });
});

describe('objects', () => {
  const forms: [string, unknown][] = [
    [
      'lists of dicts',
      {
        objects: [
          { label: 'sofa', bbox_xywh: [1, 2, 3, 4] },
          { label: 'lamp', bbox_xywh: [5, 6, 7, 8] },
        ],
      },
    ],
    [
      'dict of lists',
      {
        objects: {
          label: ['sofa', 'lamp'],
          bbox_xywh: [
            [1, 2, 3, 4],
            [5, 6, 7, 8],
          ],
        },
      },
    ],
    [
      'parallel columns',
      {
        labels: ['sofa', 'lamp'],
        boxes_xywh: [
          [1, 2, 3, 4],
          [5, 6, 7, 8],
        ],
      },
    ],
    [
      'JSON in a text',
      { annotations: '[{"label":"sofa","bbox_xyxy":[1,2,4,6]},{"label":"lamp","bbox_xyxy":[5,6,12,14]}]' },
    ],
    [
      'Python in a text',
      { label: "[{'label': 'sofa', 'box_xywh': (1, 2, 3, 4)}, {'label': 'lamp', 'box_xywh': (5, 6, 7, 8)}]" },
    ],
    [
      'corners by name',
      {
        objects: [
          { name: 'sofa', xmin: 1, ymin: 2, xmax: 4, ymax: 6 },
          { name: 'lamp', xmin: 5n, ymin: 6, xmax: 12, ymax: 14 },
        ],
      },
    ],
    [
      'boxes that are dicts',
      {
        objects: {
          category: ['sofa', 'lamp'],
          bbox: [
            { x: 1, y: 2, width: 3, height: 4 },
            { x: 5, y: 6, width: 7, height: 8 },
          ],
        },
      },
    ],
    [
      'a format beside',
      {
        bbox_format: 'pascal_voc',
        objects: [
          { label: 'sofa', bbox: [1, 2, 4, 6] },
          { label: 'lamp', bbox: [5, 6, 12, 14] },
        ],
      },
    ],
    [
      'centres',
      {
        objects: [
          { label: 'sofa', bbox_cxcywh: [2.5, 4, 3, 4] },
          { label: 'lamp', bbox_cxcywh: [8.5, 10, 7, 8] },
        ],
      },
    ],
    [
      'areas that tell sizes',
      {
        objects: [
          { label: 'sofa', bbox: [1, 2, 3, 4], area: 12 },
          { label: 'lamp', bbox: [5, 6, 7, 8], area: 56 },
        ],
      },
    ],
    [
      'areas that tell corners',
      {
        objects: [
          { label: 'sofa', bbox: [1, 2, 4, 6], area: 12n },
          { label: 'lamp', bbox: [5, 6, 12, 14], area: 56n },
        ],
      },
    ],
    [
      'sizes beside',
      {
        objects: [
          { label: 'sofa', bbox: [1, 2, 4, 6], width: 3, height: 4 },
          { label: 'lamp', bbox: [5, 6, 12, 14], width: 7, height: 8 },
        ],
      },
    ],
    [
      'polygons that agree',
      {
        objects: [
          { label: 'sofa', bbox: [100, 200, 300, 400], segmentation: [[100, 200, 400, 200, 400, 600]] },
          { label: 'lamp', bbox: [5, 6, 70, 80], segmentation: [[5, 6, 75, 6, 75, 86]] },
        ],
      },
    ],
  ];
  it.each(forms)('are read from %s', (name, metadata) => {
    const { objects_data, skip_components } = map(metadata);
    expect(objects_data.map(({ category_code }) => category_code)).toEqual(['sofa', 'lamp']);
    expect(objects_data.every(({ bbox_unit, confidence }) => bbox_unit === 'pixel' && confidence === 1)).toBe(true);
    expect(skip_components.object_detection).toBe(true);
    const expected = name.startsWith('polygons')
      ? [
          [100, 200, 300, 400],
          [5, 6, 70, 80],
        ]
      : [
          [1, 2, 3, 4],
          [5, 6, 7, 8],
        ];
    expect(boxes(metadata)).toEqual(expected);
  });

  it.each([
    ['a bare bbox', { objects: [{ label: 'sofa', bbox: [1, 2, 30, 40] }] }],
    ['corners without a word', { boxes: [[10, 20, 30, 40]], labels: ['sofa'] }],
    [
      'areas that agree for one box only',
      {
        objects: {
          bbox: [
            [1, 2, 3, 4],
            [5, 6, 17, 18],
          ],
          area: [12, 144],
        },
      },
    ],
    ['the area of a mask', { objects: [{ bbox: [10, 10, 30, 30], area: 111 }] }],
    ['areas against widths', { objects: [{ bbox: [1, 2, 4, 6], area: 24, width: 3, height: 4 }] }],
    ['fractions or pixels', { objects: [{ bbox_xywh: [0, 0, 1, 1] }] }],
    ['thousandths', { objects: [{ normalized_bbox_xyxy: [100, 200, 300, 400] }] }],
    ['a library that means centres by xywhn', { objects: [{ bbox_xywhn: [0.1, 0.2, 0.3, 0.4] }] }],
  ])('%s is refused, not guessed', (_, metadata) => {
    const { objects_data, skip_components, decisions } = map(metadata);
    expect(objects_data).toEqual([]);
    expect(skip_components.object_detection).toBe(false);
    expect(decisions.map((it) => it.became === null && it.reason)).toContain('ambiguous');
  });

  it('take a box that begins at the corner in either reading', () => {
    expect(boxes({ objects: [{ bbox: [0, 0, 30, 40], area: 1200 }] })).toEqual([[0, 0, 30, 40]]);
  });

  it('clip to the size that the row gives, and refuse bad boxes one by one', () => {
    const metadata = {
      width: 100,
      height: 50,
      objects: [
        [10, 10, 200, 20],
        [-5, -5, 10, 10],
        [10, 10, 0, 5],
        [10, 10, -5, 5],
        [Number.NaN, 1, 2, 3],
        [120, 10, 5, 5],
        [1, 2, 3],
        ['1', '2', '3', '4'],
      ].map((box) => ({ label: 'sofa', bbox_xywh: box })),
    };
    expect(boxes(metadata)).toEqual([
      [10, 10, 90, 20],
      [0, 0, 5, 5],
      [1, 2, 3, 4],
    ]);
    const { decisions } = map(metadata);
    expect(decisions).toContainEqual(expect.objectContaining({ reason: 'bad_box', items: [2, 3, 4, 6] }));
    expect(refusals(decisions)).toContain('objects_data: outside_image');
  });

  it('scale fractions, where the row gives its size', () => {
    const objects = [{ bbox_xyxy: [0.1, 0.2, 0.5, 0.6] }];
    expect(map({ objects }).objects_data[0]).toMatchObject({ bbox_unit: 'fraction', bbox_x: 0.1 });
    const [box] = boxes({ objects, width: 100n, height: 50n });
    expect(box?.map((it) => Number(it?.toFixed(6)))).toEqual([10, 10, 40, 20]);
  });

  it('file a label without a code as unclassified, and know no label of -1', () => {
    const types = features({
      objects: [
        {
          category: { _type: 'ClassLabel', names: ['sofa', 'lava lamp'] },
          bbox_xywh: [{ _type: 'Value', dtype: 'int32' }],
        },
      ],
    });
    const box = [1, 2, 3, 4];
    const metadata = { objects: [0n, 1n, -1n, 9n].map((category) => ({ category, bbox_xywh: box })) };
    expect(map(metadata, types).objects_data.map((it) => [it.category_code, it.subcategory])).toEqual([
      ['sofa', null],
      ['unclassified', 'lava lamp'],
      ['unclassified', null],
      ['unclassified', null],
    ]);
  });

  it.each([
    ['couch', 'sofa'],
    ['Night-Stand', 'nightstand'],
    ['chair_2', 'chair'],
    ['armchairs', 'armchair'],
    ['settle, sofa, lounge', 'sofa'],
    ['traffic light', 'unclassified'],
    ['picture of a bed', 'unclassified'],
  ])('%s is filed under %s', (label, code) => {
    expect(map({ objects: [{ label, bbox_xywh: [1, 2, 3, 4] }] }).objects_data[0]?.category_code).toBe(code);
  });

  it.each([
    [
      [0.5, 1],
      [0.5, 1],
    ],
    [
      [50, 1],
      [0.5, 0.01],
    ],
    [
      [0.5, null, Number.NaN, -1],
      [0.5, 0, 0, 0],
    ],
  ])('%j as scores are confidences %j', (scores, expected) => {
    const objects = scores.map((score) => ({ label: 'sofa', score, bbox_xywh: [1, 2, 3, 4] }));
    expect(map({ objects }).objects_data.map(({ confidence }) => confidence)).toEqual(expected);
  });

  it('keep the ids of the others when one is refused', () => {
    const good = { label: 'sofa', bbox_xywh: [1, 2, 3, 4] };
    const [, second] = map({ objects: [good, good] }).objects_data;
    const [alone] = map({ objects: [{ ...good, bbox_xywh: [0, 0, 0, 0] }, good] }).objects_data;
    expect(alone?.id).toBe(second?.id);
    expect(
      mapMetadata({ objects: [good, good] }, 'b0b5bc0a-13b5-4a5f-9a0a-0a8d5a0c2b11', 7).objects_data[1]?.id,
    ).not.toBe(second?.id);
  });

  it('refuse lists that do not fit together', () => {
    const { objects_data, decisions } = map({
      objects: {
        label: ['sofa'],
        bbox_xywh: [
          [1, 2, 3, 4],
          [5, 6, 7, 8],
        ],
      },
    });
    expect(objects_data).toEqual([]);
    expect(refusals(decisions)).toEqual(['objects: bad_value']);
  });

  it('have materials, and a description', () => {
    const objects = [{ label: 'sofa', bbox_xywh: [1, 2, 3, 4], material: 'velvet', description: 'worn' }];
    const { objects_data, skip_components } = map({ objects });
    expect(objects_data[0]).toMatchObject({ materials: [{ material_code: 'fabric', conf: 1 }], description: 'worn' });
    expect(skip_components.material_classification).toBe(true);
  });
});

describe('depth and masks', () => {
  it('become assets, and are skipped', () => {
    const objects = [
      { label: 'Sofa bed!', bbox_xywh: [1, 2, 3, 4] },
      { label: 'диван', bbox_xywh: [1, 2, 3, 4] },
    ];
    const { assets, skip_components, objects_data } = map({ depth_map: IMAGE, masks: [IMAGE, IMAGE], objects });
    expect(skip_components).toMatchObject({ depth_estimation: true, segmentation: true, object_detection: true });
    expect(assets.map(({ key, path }) => [key.replace(`scenes/${SCENE}/`, ''), path])).toEqual([
      ['depth.png', ['depth_map']],
      ['masks/0_sofa_bed.png', ['masks', 0]],
      ['masks/1_object.png', ['masks', 1]],
    ]);
    expect(assets.map((asset) => (asset.kind === 'mask' ? asset.object_id : null))).toEqual([
      null,
      ...objects_data.map(({ id }) => id),
    ]);
  });

  it.each([
    [
      'an array',
      [
        [0.5, 1.5],
        [2, 3],
      ],
      'array',
    ],
    ['bytes', PNG, 'image'],
    ['a file', 'depth/0001.png', 'image'],
  ])('take depth as %s', (_, value, form) => {
    expect(map({ depth: value }).assets).toMatchObject([{ kind: 'depth', source: { form } }]);
  });

  it.each([[70], ['70 cm'], [{ bytes: Buffer.alloc(0), path: null }]])('refuse %j as depth', (value) => {
    const { assets, skip_components, decisions } = map({ depth: value });
    expect([assets, skip_components.depth_estimation]).toEqual([[], false]);
    expect(refusals(decisions)).toEqual(['depth: bad_value']);
  });

  it('tell an index mask from annotations of objects', () => {
    const whole = map({ annotation: IMAGE });
    expect(whole.assets).toMatchObject([{ kind: 'mask', role: 'whole', object_id: null }]);
    expect(whole.skip_components).toMatchObject({ segmentation: true, object_detection: false });
    expect(boxes({ annotation: [{ label: 'bed', bbox_xywh: [1, 2, 3, 4] }] })).toEqual([[1, 2, 3, 4]]);
  });

  it('give the box of a mask to an object without one that can be read', () => {
    const polygon = { x: [5, 13, 13, 5], y: [4, 4, 14, 14] };
    const rle = { size: [24, 32], counts: [51, 17, 7, 17, 676] };
    const objects = [
      { name: 'bed', polygon },
      { name: 'bed', polygon: rle },
      { name: 'bed', polygon: null },
    ];
    const { assets, decisions } = map({ objects });
    expect(boxes({ objects })).toEqual([
      [5, 4, 8, 10],
      [2, 3, 2, 17],
    ]);
    expect(assets.map(({ source }) => source.form)).toEqual(['polygons', 'rle']);
    expect(decisions).toContainEqual(expect.objectContaining({ reason: 'no_box', items: [2] }));
    expect(map({ objects: [{ name: 'bed', mask: IMAGE }] }).objects_data).toMatchObject([
      { bbox_unit: 'mask', bbox_x: null },
    ]);
  });

  it.each([
    ['too short', [51, 17]],
    ['negative', [-1, 769]],
    ['empty', [768]],
    ['broken text', 'a'],
  ])('refuse run lengths that are %s', (_, counts) => {
    const { objects_data, decisions } = map({ objects: [{ name: 'bed', rle: { size: [24, 32], counts } }] });
    expect(objects_data).toEqual([]);
    expect(refusals(decisions)).toContain('objects: bad_value');
  });

  it('do not count masks that are not those of the objects', () => {
    const objects = [{ label: 'sofa', bbox_xywh: [1, 2, 3, 4] }];
    const { skip_components, assets } = map({ objects, masks: [IMAGE, IMAGE] });
    expect(skip_components.segmentation).toBe(false);
    expect(assets.map((asset) => asset.kind === 'mask' && asset.object_id)).toEqual([null, null]);
  });
});

describe('anything else', () => {
  const nothing = { scene_updates: {}, objects_data: [], skip_ai: false, assets: [] };
  it.each([
    [{}],
    [null],
    [undefined],
    ['text'],
    [[]],
    [7n],
    [{ caption: null, objects: [], masks: [], depth: null }],
    [PNG],
  ])('%o maps to nothing', (metadata) => expect(map(metadata)).toMatchObject({ ...nothing, decisions: [] }));

  it('says so when the mapping breaks', () => {
    const metadata = Object.defineProperty({}, 'caption', {
      enumerable: true,
      get: () => {
        throw new Error('boom');
      },
    });
    expect(map(metadata)).toMatchObject({ ...nothing, decisions: [{ reason: 'error', detail: 'row 7: boom' }] });
    const objects = [{ label: 'sofa', bbox_xywh: [1, 2, 3, 4] }];
    expect(mapMetadata({ objects }, 'no uuid', 0)).toMatchObject({ ...nothing, decisions: [{ reason: 'error' }] });
  });

  it('skips everything only when all is known', () => {
    const metadata = {
      room_type: 'kitchen',
      style: 'rustic',
      depth: IMAGE,
      masks: [IMAGE],
      materials: ['wood'],
      colors: ['#aabbcc'],
      objects: [{ label: 'stove', bbox_xywh: [1, 2, 3, 4] }],
    };
    expect(map(metadata).skip_ai).toBe(true);
    for (const column of Object.keys(metadata)) {
      const { [column as keyof typeof metadata]: _, ...rest } = metadata;
      expect(map(rest).skip_ai, column).toBe(false);
    }
  });
});
