import { parquetSchema, type SchemaElement, type SchemaTree } from 'hyparquet';

/** A column that holds values: a leaf of the schema. */
export interface Leaf {
  readonly path: readonly string[];
  readonly element: SchemaElement;
  /** Definition level of a value that is there. */
  readonly maxDefinition: number;
  readonly maxRepetition: number;
}

/** @throws {Error} when the flat list of elements is no tree, or has groups without fields. */
export function schemaTree(schema: readonly SchemaElement[]): SchemaTree {
  const tree = parquetSchema({ schema: [...schema] });
  if (tree.count !== schema.length) throw new Error(`the schema has ${schema.length} elements, its tree ${tree.count}`);
  const odd = schema.slice(1).find(({ type, num_children: children = 0 }) => (type === undefined) === (children === 0));
  if (odd) throw new Error(`the schema's element ${odd.name} is neither a group of fields nor of a type`);
  return tree;
}

/** The leaves in the order in which row groups list their column chunks. */
export function leavesOf(tree: SchemaTree): Leaf[] {
  return tree.children.flatMap((child) => leavesBelow(child, 0, 0));
}

/** Leaves of a node, given the levels of its parent. */
export function leavesBelow(node: SchemaTree, parentDefinition: number, parentRepetition: number): Leaf[] {
  const { element } = node;
  const maxDefinition = parentDefinition + (element.repetition_type === 'REQUIRED' ? 0 : 1);
  const maxRepetition = parentRepetition + (element.repetition_type === 'REPEATED' ? 1 : 0);
  if (node.children.length === 0) {
    return [{ path: node.path, element, maxDefinition, maxRepetition }];
  }
  return node.children.flatMap((child) => leavesBelow(child, maxDefinition, maxRepetition));
}
