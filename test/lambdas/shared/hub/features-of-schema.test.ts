import type { SchemaElement } from 'hyparquet';
import { expect, it } from 'vitest';
import { featuresOfSchema } from '../../../../lambdas/shared/hub/features-of-schema.ts';

const text = (name: string): SchemaElement => ({ name, type: 'BYTE_ARRAY', converted_type: 'UTF8' });
const group = (name: string, num_children: number): SchemaElement => ({ name, num_children });
const list = (name: string): SchemaElement => ({ name, num_children: 1, converted_type: 'LIST' });
const repeated = (name: string, num_children: number): SchemaElement => ({
  name,
  num_children,
  repetition_type: 'REPEATED',
});

it('reads columns, structs and lists in the layouts of today and of old writers', () => {
  const schema: SchemaElement[] = [
    group('schema', 6),
    group('image', 2),
    { name: 'bytes', type: 'BYTE_ARRAY' },
    text('path'),
    { name: 'width', type: 'INT32' },
    list('tags'),
    repeated('list', 1),
    text('element'),
    list('boxes'),
    repeated('list', 1),
    list('element'),
    repeated('list', 1),
    { name: 'element', type: 'FLOAT' },
    list('old'),
    repeated('array', 1),
    text('x'),
    { name: 'bare', type: 'DOUBLE', repetition_type: 'REPEATED' },
  ];
  const value = (dtype: string) => ({ _type: 'Value', dtype });
  const listOf = (feature: object) => ({ _type: 'List', feature });
  expect(featuresOfSchema({ schema })).toEqual({
    image: { _type: 'struct', fields: { bytes: value('binary'), path: value('string') } },
    width: value('int32'),
    tags: listOf(value('string')),
    boxes: listOf(listOf(value('float32'))),
    old: listOf({ _type: 'struct', fields: { x: value('string') } }),
    bare: listOf(value('float64')),
  });
});
