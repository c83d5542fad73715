import { describe, expect, it } from 'vitest';
import { BadInputError } from '../../../../lambdas/shared/errors.ts';
import { parseDatasetCard } from '../../../../lambdas/shared/hub/dataset-card.ts';
import { featuresOfFooter } from '../../../../lambdas/shared/hub/features-of-json.ts';

// The same features, as `datasets` 5.2.0 writes them into a README and into a footer.
const CARD = `---
license: mit
dataset_info:
- config_name: rooms
  features:
  - name: image
    dtype: image
  - name: depth
    dtype:
      array2_d:
        shape: [2, 3]
        dtype: float32
  - name: label
    dtype:
      class_label:
        names:
          '0': no
          '1': b
  - name: objs
    struct:
    - name: bbox
      list:
        list: float32
        length: 4
    - name: cat
      list:
        class_label:
          names:
            '0': x
            '1': y
  - name: parts
    list:
    - name: a
      dtype: int64
  - name: many
    large_list: string
  - name: old
    sequence:
    - name: a
      dtype: int64
  - name: __proto__
    dtype: string
  splits:
  - name: train
    num_bytes: 1
configs:
- config_name: rooms
  default: true
  data_files:
  - split: train
    path: [a/*.parquet, b.parquet]
  - split: test
    path: test/*
- config_name: 1.0
  data_dir: ./flat
- config_name: list
  data_files: [x/*, y/*]
- config_name: text
  data_files: z.parquet
---
# A dataset
`;
const FOOTER =
  '{"info":{"features":{"image":{"_type":"Image"},"depth":{"shape":[2,3],"dtype":"float32","_type":"Array2D"},' +
  '"label":{"names":["no","b"],"_type":"ClassLabel"},"objs":{"bbox":{"feature":{"feature":{"dtype":"float32",' +
  '"_type":"Value"},"length":4,"_type":"List"},"_type":"List"},"cat":{"feature":{"names":["x","y"],' +
  '"_type":"ClassLabel"},"_type":"List"}},"parts":[{"a":{"dtype":"int64","_type":"Value"}}],' +
  '"many":{"feature":{"dtype":"string","_type":"Value"},"_type":"LargeList"},' +
  '"old":{"feature":{"a":{"dtype":"int64","_type":"Value"}},"_type":"Sequence"},' +
  '"__proto__":{"dtype":"string","_type":"Value"}}}}';

describe('parseDatasetCard', () => {
  it('reads configs in all their forms', () => {
    const { configs } = parseDatasetCard(CARD.replaceAll('\n', '\r\n'));
    expect(configs).toEqual([
      {
        name: 'rooms',
        isDefault: true,
        dataDir: '',
        patterns: new Map([
          ['train', ['a/*.parquet', 'b.parquet']],
          ['test', ['test/*']],
        ]),
      },
      { name: '1.0', isDefault: false, dataDir: './flat' },
      { name: 'list', isDefault: false, dataDir: '', patterns: new Map([['train', ['x/*', 'y/*']]]) },
      { name: 'text', isDefault: false, dataDir: '', patterns: new Map([['train', ['z.parquet']]]) },
    ]);
  });

  it('reads the features of a README as those of a footer', () => {
    const features = parseDatasetCard(CARD).features.get('rooms');
    expect(features).toEqual(featuresOfFooter(FOOTER));
    expect(Object.keys(features ?? {})).toContain('__proto__');
    expect(features?.old).toEqual({
      _type: 'struct',
      fields: { a: { _type: 'List', feature: { _type: 'Value', dtype: 'int64' } } },
    });
    expect(features?.label).toEqual({ _type: 'ClassLabel', names: ['no', 'b'] });
  });

  it.each(['', '# no block', '---\n---\n', '---\njust text\n---\n', 'x\n---\nconfigs: 1\n---\n'])(
    'finds nothing in %j',
    (readme) => {
      expect(parseDatasetCard(readme)).toEqual({ configs: [], features: new Map() });
    },
  );

  it.each([
    ['a: [', /YAML block cannot be read/],
    ['configs:\n- data_files: x', /without a config_name/],
    [
      'configs:\n- config_name: a\n  data_files:\n  - split: a b\n    path: x',
      /config "a" have an entry that is not of the form/,
    ],
    [
      'configs:\n- config_name: a\n  data_files:\n  - {split: t, path: x}\n  - {split: t, path: y}',
      /the split "t" twice/,
    ],
  ])('refuses %j', (block, message) => {
    const parse = () => parseDatasetCard(`---\n${block}\n---\n`);
    expect(parse).toThrow(BadInputError);
    expect(parse).toThrow(message);
  });
});

it.each([undefined, 'x', '{}', '{"info":null}', '{"info":{"features":{}}}'])(
  'a footer with %j has no features',
  (value) => {
    expect(featuresOfFooter(value)).toBeUndefined();
  },
);
