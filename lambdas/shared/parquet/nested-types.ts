import type { SchemaTree } from 'hyparquet';

/** The repeated group of a list or map, and what it repeats. */
export interface ListItem {
  readonly repeated: SchemaTree;
  /** The repeated node itself when the list has two levels only, as older writers made them. */
  readonly element: SchemaTree;
}

export interface MapEntry {
  readonly repeated: SchemaTree;
  readonly key: SchemaTree;
  readonly value: SchemaTree;
}

/** @returns `undefined` when the node is no list. Rules: "Lists" and its backward compatibility in parquet-format's LogicalTypes. */
export function listItem(node: SchemaTree): ListItem | undefined {
  const [repeated, ...others] = node.children;
  const isList = node.element.converted_type === 'LIST' || node.element.logical_type?.type === 'LIST';
  if (!isList || !repeated || others.length > 0 || repeated.element.repetition_type !== 'REPEATED') return undefined;
  const [only, ...rest] = repeated.children;
  const { name } = repeated.element;
  const twoLevels = !only || rest.length > 0 || name === 'array' || name === `${node.element.name}_tuple`;
  return { repeated, element: twoLevels ? repeated : only };
}

/** @returns `undefined` when the node is no map with keys and values. */
export function mapEntry(node: SchemaTree): MapEntry | undefined {
  const { converted_type: converted, logical_type: logical } = node.element;
  const isMap = converted === 'MAP' || converted === 'MAP_KEY_VALUE' || logical?.type === 'MAP';
  const [repeated, ...others] = node.children;
  if (!isMap || !repeated || others.length > 0 || repeated.element.repetition_type !== 'REPEATED') return undefined;
  const [key, value, ...rest] = repeated.children;
  return key && value && rest.length === 0 ? { repeated, key, value } : undefined;
}
