import type { FileMetaData, SchemaElement, SchemaTree } from 'hyparquet';
import { listItem, mapEntry } from './nested-types.ts';
import { schemaTree } from './schema-leaves.ts';

/** What a column holds, as far as it matters for telling images from metadata. */
export type ColumnShape =
  | { readonly kind: 'struct'; readonly fields: readonly NamedColumn[] }
  | { readonly kind: 'list'; readonly item: ColumnShape }
  | { readonly kind: 'map'; readonly key: ColumnShape; readonly value: ColumnShape }
  | {
      readonly kind: 'binary' | 'string' | 'boolean' | 'integer' | 'number' | 'decimal' | 'date' | 'time' | 'timestamp';
    };

export interface NamedColumn {
  readonly name: string;
  readonly nullable: boolean;
  readonly shape: ColumnShape;
}

/** Top-level columns in file order. `struct{bytes: binary, path: string}` is how `datasets` writes an image. */
export function topLevelColumns(schema: readonly SchemaElement[]): NamedColumn[] {
  return schemaTree(schema).children.map(toColumn);
}

/** The JSON text that `datasets` stores under the footer key `huggingface`: `{"info":{"features":{…}}}`. */
export function featuresJson(metadata: FileMetaData): string | undefined {
  return metadata.key_value_metadata?.find(({ key }) => key === 'huggingface')?.value;
}

function toColumn(node: SchemaTree): NamedColumn {
  const repeated = node.element.repetition_type === 'REPEATED';
  const shape = toShape(node);
  return {
    name: node.element.name,
    nullable: node.element.repetition_type === 'OPTIONAL',
    shape: repeated ? { kind: 'list', item: shape } : shape,
  };
}

function toShape(node: SchemaTree): ColumnShape {
  const item = listItem(node);
  if (item) return { kind: 'list', item: toShape(item.element) };
  const entry = mapEntry(node);
  if (entry) return { kind: 'map', key: toShape(entry.key), value: toShape(entry.value) };
  if (node.element.type === undefined) return { kind: 'struct', fields: node.children.map(toColumn) };
  return { kind: leafKind(node.element) };
}

type LeafKind = Exclude<ColumnShape['kind'], 'struct' | 'list' | 'map'>;

function leafKind({ type, converted_type: converted, logical_type: logical }: SchemaElement): LeafKind {
  if (converted === 'DECIMAL' || logical?.type === 'DECIMAL') return 'decimal';
  if (converted === 'DATE' || logical?.type === 'DATE') return 'date';
  if (converted?.startsWith('TIMESTAMP') || logical?.type === 'TIMESTAMP' || type === 'INT96') return 'timestamp';
  if (converted?.startsWith('TIME_') || logical?.type === 'TIME') return 'time';
  if (converted === 'UTF8' || converted === 'JSON' || converted === 'ENUM') return 'string';
  if (logical?.type === 'STRING' || logical?.type === 'JSON' || logical?.type === 'ENUM' || logical?.type === 'UUID') {
    return 'string';
  }
  if (type === 'BOOLEAN') return 'boolean';
  if (type === 'INT32' || type === 'INT64') return 'integer';
  return type === 'FLOAT' || type === 'DOUBLE' || logical?.type === 'FLOAT16' ? 'number' : 'binary';
}
