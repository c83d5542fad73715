/** Columns by name. No prototype, so that a column may be called anything. */
export type Features = { readonly [column: string]: Feature };

/**
 * The type of a column, as `datasets` describes it, in one form for all its spellings: a legacy `Sequence` of a struct
 * is a struct of lists, any other `Sequence` and a bare JSON list is a `List`, a plain object is a `struct`.
 */
export type Feature =
  | { readonly _type: 'Value'; readonly dtype: string }
  | { readonly _type: 'ClassLabel'; readonly names: readonly string[] }
  | { readonly _type: 'Image' }
  | { readonly _type: 'List' | 'LargeList'; readonly feature: Feature; readonly length?: number }
  | {
      readonly _type: 'Array2D' | 'Array3D' | 'Array4D' | 'Array5D';
      readonly shape: readonly (number | null)[];
      readonly dtype: string;
    }
  | { readonly _type: 'struct'; readonly fields: Features }
  | { readonly _type: 'Other'; readonly name: string };

/** @param entries in column order */
export function featuresOf(entries: Iterable<readonly [string, Feature]>): Features {
  const features: Record<string, Feature> = Object.create(null);
  for (const [name, feature] of entries) features[name] = feature;
  return features;
}

/** In lists, `Sequence({…})` means a struct of lists. */
export function sequenceOf(feature: Feature, length?: number): Feature {
  if (feature._type !== 'struct') return listOf('List', feature, length);
  const fields = Object.entries(feature.fields).map(([name, field]) => [name, listOf('List', field, length)] as const);
  return { _type: 'struct', fields: featuresOf(fields) };
}

/** @param length -1, as `datasets` writes it, means any */
export function listOf(type: 'List' | 'LargeList', feature: Feature, length = -1): Feature {
  return length >= 0 ? { _type: type, feature, length } : { _type: type, feature };
}

/** `Array2D` to `Array5D`. */
export function arrayOf(type: string, shape: readonly (number | null)[], dtype: string): Feature | undefined {
  switch (type) {
    case 'Array2D':
    case 'Array3D':
    case 'Array4D':
    case 'Array5D':
      return { _type: type, shape, dtype };
    default:
      return undefined;
  }
}
