import { type CardValue, isMap, items } from './card-value.ts';
import { arrayOf, type Feature, type Features, featuresOf, listOf, sequenceOf } from './features.ts';

const CAMEL: Readonly<Record<string, string>> = {
  image: 'Image',
  array2_d: 'Array2D',
  array3_d: 'Array3D',
  array4_d: 'Array4D',
  array5_d: 'Array5D',
};

/**
 * Features as a README's `dataset_info` lists them: `- name: x` with `dtype`, `struct`, `list`, `large_list`,
 * `sequence`, `class_label` (names keyed '0', '1', …) or another type. `undefined` when there are none.
 */
export function featuresOfCard(list: CardValue | undefined): Features | undefined {
  const fields = items(list);
  return fields.length === 0 ? undefined : fieldsOf(fields);
}

function fieldsOf(list: readonly CardValue[]): Features {
  return featuresOf(
    list.flatMap((item) => {
      if (!isMap(item) || typeof item.name !== 'string') return [];
      const { name, ...type } = item;
      return [[name, featureOf(type)] as const];
    }),
  );
}

function featureOf(type: CardValue): Feature {
  if (typeof type === 'string') return namedType(type);
  if (!isMap(type)) return { _type: 'struct', fields: fieldsOf(type) };
  const [key, value] = Object.entries(type)[0] ?? [];
  if (key === undefined || value === undefined) return { _type: 'struct', fields: featuresOf([]) };
  const length = typeof type.length === 'string' ? Number(type.length) : undefined;
  switch (key) {
    case 'dtype':
    case 'struct':
      return featureOf(value);
    case 'list':
      return listOf('List', featureOf(value), length);
    case 'large_list':
      return listOf('LargeList', featureOf(value));
    case 'sequence':
      return sequenceOf(featureOf(value), length);
    case 'class_label':
      return { _type: 'ClassLabel', names: classNames(value) };
    default: {
      const { shape, dtype } = isMap(value) ? value : {};
      const sizes = items(shape).map((size) => (/^\d+$/.test(String(size)) ? Number(size) : null));
      return arrayOf(CAMEL[key] ?? key, sizes, typeof dtype === 'string' ? dtype : '') ?? namedType(key);
    }
  }
}

/** `int32`, `string`, `image`, `timestamp[us]`, … */
function namedType(name: string): Feature {
  if (name === 'image' || name === 'Image') return { _type: 'Image' };
  if (/^(?:audio|video|pdf|nifti|mesh|json|translation|array\d_?d)/i.test(name)) return { _type: 'Other', name };
  return { _type: 'Value', dtype: name };
}

/** Names are keyed by the label's number; a hand-written card may have a plain list. */
function classNames(value: CardValue): string[] {
  const names = isMap(value) ? (value.names ?? []) : value;
  if (!isMap(names)) return items(names).map(String);
  const found: string[] = [];
  for (const [index, name] of Object.entries(names)) if (/^\d{1,6}$/.test(index)) found[Number(index)] = String(name);
  return Array.from(found, (name) => name ?? '');
}
