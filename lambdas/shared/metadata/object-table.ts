import type { Feature } from '../hub/features.ts';
import { OBJECT_ALIASES, type ObjectField, PARALLEL_FIELDS } from './column-aliases.ts';
import { foldAliases, foldName } from './fold-name.ts';
import { type Dict, fieldFeature, isDict, isList, itemFeature } from './row-values.ts';

/** One field of all objects of a row, however the row holds them. */
export interface ObjectColumn {
  readonly name: string;
  /** Folded. */
  readonly fold: string;
  /** Of one object's value. */
  readonly feature: Feature | undefined;
  valueAt(index: number): unknown;
  /** Where one object's value lies in the row. */
  pathAt(index: number): (string | number)[];
}

export interface ObjectTable {
  /** The column of the row that the objects are named after. */
  readonly source: string;
  readonly length: number;
  readonly columns: readonly ObjectColumn[];
}

/** A column of the row. */
export interface Column {
  readonly name: string;
  readonly fold: string;
  readonly path: readonly (string | number)[];
  readonly value: unknown;
  readonly feature: Feature | undefined;
}

const FIELDS = foldAliases(OBJECT_ALIASES);
const BOX = /box/;

/** Columns that are the wanted field, the plainest name first. */
export function columnsOf(table: ObjectTable, field: ObjectField): ObjectColumn[] {
  const found: { column: ObjectColumn; rank: number }[] = [];
  for (const column of table.columns) {
    const rank = FIELDS.get(column.fold)?.find(({ key }) => key === field)?.rank;
    if (rank !== undefined) found.push({ column, rank });
  }
  return found.sort((a, b) => a.rank - b.rank).map(({ column }) => column);
}

/** `undefined`: the column does not hold objects. A text: it does, but cannot be read, and why. */
export function objectsOf(column: Column): ObjectTable | string | undefined {
  const { value } = column;
  if (isList(value)) {
    const isObjects = value.length > 0 && value.every((item) => isDict(item) && !('bytes' in item));
    return isObjects ? listOfDicts(column, value.filter(isDict)) : undefined;
  }
  if (!isDict(value) || 'bytes' in value) return undefined;
  const telling = Object.entries(value).filter(([name]) => isTelling(foldName(name)));
  if (telling.length === 0) return undefined;
  return isOneObject(telling) ? listOfDicts(column, [value], true) : dictOfLists(column, value);
}

function isOneObject(telling: readonly (readonly [string, unknown])[]): boolean {
  const others = telling.filter(([name]) => !isField(foldName(name), 'mask'));
  return (
    others.length > 0 &&
    others.every(
      ([name, value]) => !isList(value) || (BOX.test(foldName(name)) && value.length === 4 && !isNested(value)),
    )
  );
}

function isNested(list: readonly unknown[]): boolean {
  return isList(list[0]) || isDict(list[0]);
}

/** Boxes, labels, masks … in columns of their own, which have as many items each. */
export function parallelObjects(columns: readonly Column[]): ObjectTable | string | undefined {
  const boxes = columns.find(({ fold, value }) => BOX.test(fold) && isList(value) && value.every(isSmallList));
  const parts = columns.filter((column) => column === boxes || isParallel(column.fold));
  const labels = parts.find((column) => isField(column.fold, 'label') && isList(column.value));
  const masks = parts.find((column) => isField(column.fold, 'mask') && (isList(column.value) || isDict(column.value)));
  const main = boxes ?? (labels && masks);
  if (!main) return undefined;
  const length = lengthOf(boxes?.value) ?? lengthOf(labels?.value) ?? 0;
  if (labels && lengthOf(labels.value) !== length) {
    return `${main.name} has ${length} items, and ${labels.name} ${lengthOf(labels.value) ?? 'no'}`;
  }
  const columnsOfObjects = parts.flatMap((part) => listColumn(part.name, part.path, part.value, part.feature, length));
  return length === 0 ? undefined : { source: main.name, length, columns: columnsOfObjects };
}

/** The table with what columns beside it say of each of its objects: their labels, when it has none, and their masks. */
export function withColumnsBeside(
  table: ObjectTable,
  columns: readonly Column[],
  masks: Column | undefined,
): ObjectTable {
  const hasLabels = columnsOf(table, 'label').length > 0;
  const labels = hasLabels ? [] : columns.filter(({ fold, value }) => isField(fold, 'label') && isList(value));
  const added = labels.flatMap((column) => beside(column, column.fold, table.length));
  const addedMasks = masks && columnsOf(table, 'mask').length === 0 ? beside(masks, 'masks', table.length) : [];
  return { ...table, columns: [...table.columns, ...added, ...addedMasks] };
}

function beside(column: Column, fold: string, length: number): ObjectColumn[] {
  const found = listColumn(column.name, column.path, column.value, column.feature, length);
  return found.map((it) => ({ ...it, fold }));
}

function listOfDicts(column: Column, items: readonly Dict[], isOne = false): ObjectTable {
  const feature = isOne ? column.feature : itemFeature(column.feature);
  const names = new Set<string>();
  for (const item of items) for (const name of Object.keys(item)) names.add(name);
  const columns = Array.from(names, (name) => ({
    name,
    fold: foldName(name),
    feature: fieldFeature(feature, name),
    valueAt: (index: number) => ownValue(items[index], name),
    pathAt: (index: number) => (isOne ? [...column.path, name] : [...column.path, index, name]),
  }));
  return { source: column.name, length: items.length, columns };
}

/** The legacy `Sequence` of a struct. */
function dictOfLists(column: Column, dict: Dict): ObjectTable | string | undefined {
  const members = Object.entries(dict);
  const telling = members.filter(([name, member]) => isTelling(foldName(name)) && isList(member));
  const length = lengthOf(telling[0]?.[1]) ?? 0;
  const uneven = telling.find(([, member]) => lengthOf(member) !== length);
  if (uneven) return `${telling[0]?.[0]} has ${length} items, and ${uneven[0]} ${lengthOf(uneven[1])}`;
  const columns = members.flatMap(([name, member]) =>
    listColumn(name, [...column.path, name], member, fieldFeature(column.feature, name), length),
  );
  return { source: column.name, length, columns };
}

function listColumn(
  name: string,
  path: readonly (string | number)[],
  value: unknown,
  feature: Feature | undefined,
  length: number,
): ObjectColumn[] {
  const fold = foldName(name);
  if (isList(value)) {
    if (value.length !== length) return [];
    return [{ name, fold, feature: itemFeature(feature), valueAt: (i) => value[i], pathAt: (i) => [...path, i] }];
  }
  if (!isDict(value)) return [];
  const members = Object.entries(value);
  if (members.length === 0 || !members.every(([, member]) => lengthOf(member) === length)) return [];
  const valueAt = (index: number) =>
    Object.fromEntries(members.map(([key, member]) => [key, isList(member) ? member[index] : undefined]));
  return [{ name, fold, feature: undefined, valueAt, pathAt: () => [...path] }];
}

/** A name that only objects have: of a box, a label or a mask. */
function isTelling(fold: string): boolean {
  return BOX.test(fold) || isField(fold, 'label') || isField(fold, 'mask');
}

function isParallel(fold: string): boolean {
  return PARALLEL_FIELDS.some((field) => isField(fold, field));
}

function isField(fold: string, field: ObjectField): boolean {
  return FIELDS.get(fold)?.some(({ key }) => key === field) ?? false;
}

function isSmallList(value: unknown): boolean {
  return (isList(value) && value.length === 4) || isDict(value);
}

function lengthOf(value: unknown): number | undefined {
  return isList(value) ? value.length : undefined;
}

function ownValue(item: Dict | undefined, name: string): unknown {
  return item !== undefined && Object.hasOwn(item, name) ? item[name] : undefined;
}
