/** YAML with every scalar as it is written: a label called `no` or a config called `1.0` stays what it is. */
export type CardValue = string | readonly CardValue[] | { readonly [key: string]: CardValue };

export function isMap(value: CardValue | undefined): value is { readonly [key: string]: CardValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A list, or one item in its place; none for an empty value. */
export function items(value: CardValue | undefined): readonly CardValue[] {
  if (typeof value === 'string') return value === '' ? [] : [value];
  if (value === undefined || value === null) return [];
  return isMap(value) ? [value] : value;
}

/** '' when it is no scalar. */
export function word(value: CardValue | undefined): string {
  return typeof value === 'string' ? value : '';
}
