import type { SchemaTree } from 'hyparquet';
import type { LeafCursor } from './leaf-cursor.ts';
import { losslessConverter } from './lossless-value.ts';
import { listItem, mapEntry } from './nested-types.ts';

/** Takes what one column has for the current row from the cursors of its leaves. */
export type ReadValue = () => unknown;

/** Gives the cursor of a leaf by its path, and is called once for each leaf, in schema order. */
export type CursorOf = (node: SchemaTree, maxDefinition: number) => LeafCursor;

interface Reader {
  /** Cursors of all leaves below. */
  readonly cursors: readonly [LeafCursor, ...LeafCursor[]];
  readonly read: ReadValue;
}

interface Levels {
  readonly definition: number;
  readonly repetition: number;
}

/**
 * Builds the reader of a top-level column, by the record assembly of Dremel. Structs become objects without prototype, so
 * that a field may be called anything; lists become arrays; maps become such objects when their keys are distinct
 * texts, numbers or booleans, else arrays of `{key, value}`.
 */
export function columnReader(column: SchemaTree, cursorOf: CursorOf): ReadValue {
  return nodeReader(column, { definition: 0, repetition: 0 }, cursorOf).read;
}

/** A node as its parent sees it: null when optional and absent, an array when repeated. */
function nodeReader(node: SchemaTree, parent: Levels, cursorOf: CursorOf): Reader {
  const { repetition_type: repetition } = node.element;
  if (repetition === 'REPEATED') return repeatedReader(node, node, parent, cursorOf);
  if (repetition === 'REQUIRED') return definedReader(node, parent, cursorOf);
  const levels = { ...parent, definition: parent.definition + 1 };
  const inner = definedReader(node, levels, cursorOf);
  return { cursors: inner.cursors, read: () => (isAbsent(inner, levels) ? skip(inner, null) : inner.read()) };
}

/** A node that is known to be there. `levels` are its own. */
function definedReader(node: SchemaTree, levels: Levels, cursorOf: CursorOf): Reader {
  const item = listItem(node);
  if (item) return repeatedReader(item.repeated, item.element, levels, cursorOf);
  const entry = mapEntry(node);
  if (entry) {
    const entries = repeatedReader(entry.repeated, entry.repeated, levels, cursorOf);
    return {
      cursors: entries.cursors,
      read: () => toMap(entries.read(), entry.key.element.name, entry.value.element.name),
    };
  }
  return node.element.type === undefined ? structReader(node, levels, cursorOf) : leafReader(node, levels, cursorOf);
}

/** @param element what is repeated: `repeated` itself, or its only child. */
function repeatedReader(repeated: SchemaTree, element: SchemaTree, parent: Levels, cursorOf: CursorOf): Reader {
  const levels = { definition: parent.definition + 1, repetition: parent.repetition + 1 };
  const item = element === repeated ? definedReader(repeated, levels, cursorOf) : nodeReader(element, levels, cursorOf);
  const [first] = item.cursors;
  const read = (): unknown[] => {
    if (isAbsent(item, levels)) return skip(item, []);
    const items = [];
    do items.push(item.read());
    while (first.repetition === levels.repetition);
    return items;
  };
  return { cursors: item.cursors, read };
}

function structReader(node: SchemaTree, levels: Levels, cursorOf: CursorOf): Reader {
  const fields = node.children.map((child) => [child.element.name, nodeReader(child, levels, cursorOf)] as const);
  const [first, ...others] = fields.flatMap(([, field]) => field.cursors);
  if (!first) throw new Error(`the struct ${node.path.join('.')} has no fields`);
  const read = (): Record<string, unknown> => {
    const struct: Record<string, unknown> = Object.create(null);
    for (const [name, field] of fields) struct[name] = field.read();
    return struct;
  };
  return { cursors: [first, ...others], read };
}

function leafReader(node: SchemaTree, levels: Levels, cursorOf: CursorOf): Reader {
  const cursor = cursorOf(node, levels.definition);
  const convert = losslessConverter(node.element);
  const read = (): unknown => {
    const raw = cursor.next();
    return raw === undefined ? null : convert(raw);
  };
  return { cursors: [cursor], read };
}

function isAbsent({ cursors: [first] }: Reader, { definition }: Levels): boolean {
  return first.definition < definition;
}

/** What is absent has one triplet in each leaf. */
function skip<T>({ cursors }: Reader, value: T): T {
  for (const cursor of cursors) cursor.next();
  return value;
}

function toMap(entries: unknown, keyName: string, valueName: string): unknown {
  const pairs = Array.isArray(entries)
    ? entries.map((entry) => ({ key: entry[keyName], value: entry[valueName] }))
    : [];
  const map: Record<string, unknown> = Object.create(null);
  for (const { key, value } of pairs) {
    const isName =
      typeof key === 'string' || typeof key === 'number' || typeof key === 'bigint' || typeof key === 'boolean';
    if (!isName || String(key) in map) return pairs;
    map[String(key)] = value;
  }
  return map;
}
