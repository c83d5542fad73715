import { arrayOf, type Feature, type Features, featuresOf, listOf, sequenceOf } from './features.ts';

/**
 * Features as `datasets` writes them as JSON: `{"column": {"_type": "Value", "dtype": "string"}, …}`. What is not
 * understood becomes `Other`; `undefined` when there are no features at all.
 */
export function featuresOfJson(json: unknown): Features | undefined {
  if (!isObject(json)) return undefined;
  const entries = Object.entries(json).map(([name, value]) => [name, featureOf(value)] as const);
  return entries.length === 0 ? undefined : featuresOf(entries);
}

/** Features of the `huggingface` key of a parquet footer: `{"info": {"features": {…}}}`. */
export function featuresOfFooter(value: string | undefined): Features | undefined {
  if (value === undefined) return undefined;
  let parsed: unknown;
  try {
    parsed = JSON.parse(value);
  } catch {
    return undefined;
  }
  const info = isObject(parsed) ? parsed.info : undefined;
  return isObject(info) ? featuresOfJson(info.features) : undefined;
}

function featureOf(json: unknown): Feature {
  if (Array.isArray(json)) return listOf('List', featureOf(json[0]));
  if (!isObject(json)) return { _type: 'Other', name: 'unknown' };
  const { _type: type } = json;
  if (typeof type !== 'string') {
    const fields = Object.entries(json).map(([name, value]) => [name, featureOf(value)] as const);
    return { _type: 'struct', fields: featuresOf(fields) };
  }
  const length = typeof json.length === 'number' ? json.length : undefined;
  switch (type) {
    case 'Value':
      return { _type: 'Value', dtype: text(json.dtype) };
    case 'ClassLabel':
      return { _type: 'ClassLabel', names: Array.isArray(json.names) ? json.names.map(text) : [] };
    case 'Image':
      return { _type: 'Image' };
    case 'List':
    case 'LargeList':
      return listOf(type, featureOf(json.feature), length);
    case 'Sequence':
      return sequenceOf(featureOf(json.feature), length);
    default: {
      const shape = Array.isArray(json.shape) ? json.shape.map((size) => (typeof size === 'number' ? size : null)) : [];
      return arrayOf(type, shape, text(json.dtype)) ?? { _type: 'Other', name: type };
    }
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : String(value ?? '');
}
