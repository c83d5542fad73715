import type { FileMetaData, SchemaElement } from 'hyparquet';
import { type Feature, type Features, featuresOf, listOf } from './features.ts';

/**
 * The columns of a parquet file by their stored type alone, for files that say nothing of `datasets`: an image is then
 * its `struct{bytes, path}`, a class label a number.
 */
export function featuresOfSchema({ schema }: Pick<FileMetaData, 'schema'>): Features {
  const [root] = schema;
  let next = 1;
  const take = (): Node => {
    const element = schema[next++];
    if (!element) return { name: '', children: [], element: undefined };
    return { name: element.name, element, children: Array.from({ length: element.num_children ?? 0 }, take) };
  };
  const columns = Array.from({ length: root?.num_children ?? 0 }, take);
  return featuresOf(columns.map((column) => [column.name, featureOf(column)] as const));
}

interface Node {
  readonly name: string;
  readonly element: SchemaElement | undefined;
  readonly children: readonly Node[];
}

function featureOf(node: Node): Feature {
  const { element } = node;
  const repeated = element?.repetition_type === 'REPEATED';
  const type = isList(element) ? listOf('List', itemOf(node)) : plainType(node);
  return repeated ? listOf('List', type) : type;
}

/** What a list holds: the element below its repeated group, or that itself in files of old writers. */
function itemOf({ name, children }: Node): Feature {
  const [repeated] = children;
  if (!repeated) return { _type: 'Other', name: 'list' };
  const [only, ...others] = repeated.children;
  const isItem = !only || others.length > 0 || repeated.name === 'array' || repeated.name === `${name}_tuple`;
  return isItem ? plainType(repeated) : featureOf(only);
}

function plainType({ element, children }: Node): Feature {
  if (children.length === 0) return { _type: 'Value', dtype: dtypeOf(element) };
  return { _type: 'struct', fields: featuresOf(children.map((child) => [child.name, featureOf(child)] as const)) };
}

function isList(element: SchemaElement | undefined): boolean {
  return element?.converted_type === 'LIST' || element?.logical_type?.type === 'LIST';
}

function dtypeOf(element: SchemaElement | undefined): string {
  const logical = element?.logical_type?.type;
  if (element?.converted_type === 'UTF8' || logical === 'STRING') return 'string';
  if (element?.converted_type === 'JSON' || logical === 'JSON' || element?.converted_type === 'ENUM') return 'string';
  if (element?.logical_type?.type === 'INTEGER') {
    return `${element.logical_type.isSigned ? 'int' : 'uint'}${element.logical_type.bitWidth}`;
  }
  if (logical || element?.converted_type) return (logical ?? element?.converted_type ?? '').toLowerCase();
  const dtypes: Readonly<Record<string, string>> = {
    BOOLEAN: 'bool',
    INT32: 'int32',
    INT64: 'int64',
    INT96: 'timestamp[ns]',
    FLOAT: 'float32',
    DOUBLE: 'float64',
    BYTE_ARRAY: 'binary',
    FIXED_LEN_BYTE_ARRAY: 'binary',
  };
  return dtypes[element?.type ?? ''] ?? 'unknown';
}
