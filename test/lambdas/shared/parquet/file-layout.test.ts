import { describe, expect, it } from 'vitest';
import { topLevelColumns } from '../../../../lambdas/shared/parquet/columns.ts';
import {
  decodeRowGroup,
  decodeSchema,
  encodeLayout,
  hasPageIndex,
  rowGroupImageBytes,
} from '../../../../lambdas/shared/parquet/file-layout.ts';
import { fixtureBytes, layoutOf, readAll, requestAll } from './fixtures.ts';
import { MemorySource } from './memory-source.ts';

async function layoutOfFixture(name: string) {
  return layoutOf(new MemorySource(fixtureBytes(name)));
}

describe('encodeLayout', () => {
  it('comes back from the byte ranges of its parts, and reads the same rows', async () => {
    const source = new MemorySource(fixtureBytes('images.none-plain-v1-index.parquet'));
    const layout = await layoutOf(source);
    const renamed = { ...layout, schema: layout.schema.map((it, i) => (i === 0 ? { ...it, name: 'schéma' } : it)) };
    const encoded = encodeLayout(renamed);
    const body = Buffer.from(encoded.body);
    const schema = decodeSchema(body.toString('utf8', ...encoded.schema));
    const rowGroups = encoded.rowGroups.map((range) => decodeRowGroup(body.toString('utf8', ...range)));
    expect({ schema, rowGroups }).toEqual(JSON.parse(JSON.stringify(renamed)));
    const last = rowGroups.at(-1);
    if (!last) throw new Error('no row groups');
    const rows = await readAll(source, {
      schema,
      rowGroups: [{ layout: last, firstRow: 50 }],
      firstRow: 50,
      endRow: 60,
    });
    expect(rows).toEqual((await readAll(source, requestAll(layout))).slice(50));
  });
});

describe('a row group', () => {
  it.each([
    ['images.none-plain-v1-index.parquet', true],
    ['images.offset-index-only.parquet', true],
    ['hub.library.parquet', true],
    ['images.none-plain-v1.parquet', false],
    ['images.one-dictionary-page.parquet', false],
  ])('of %s tells whether rows can be located by its index: %s', async (name, expected) => {
    const [rowGroup] = (await layoutOfFixture(name)).rowGroups;
    if (!rowGroup) throw new Error('no row groups');
    expect(hasPageIndex(rowGroup, 'image')).toBe(expected);
  });

  it('counts the compressed bytes of all leaves of a column', async () => {
    const [rowGroup] = (await layoutOfFixture('big.plain-index.parquet')).rowGroups;
    if (!rowGroup) throw new Error('no row groups');
    const bytes = ['image', 'caption', 'depth'].map((column) => rowGroupImageBytes(rowGroup, column));
    expect(bytes[0]).toBeGreaterThan(100_000);
    expect(bytes[2]).toBeGreaterThan(50 * 300);
    const [[start = 0] = [], end] = [rowGroup.chunks[0]?.range, rowGroup.chunks.at(-1)?.range[1]];
    expect(bytes.reduce((sum, it) => sum + it, 0)).toBe((end ?? 0) - start);
  });
});

describe('topLevelColumns', () => {
  it('tells images, texts and nesting apart', async () => {
    const columns = topLevelColumns((await layoutOfFixture('images.none-plain-v1.parquet')).schema);
    const image = {
      kind: 'struct',
      fields: [
        { name: 'bytes', nullable: true, shape: { kind: 'binary' } },
        { name: 'path', nullable: true, shape: { kind: 'string' } },
      ],
    };
    expect(Object.fromEntries(columns.slice(0, 6).map(({ name, shape }) => [name, shape]))).toEqual({
      image,
      caption: { kind: 'string' },
      label: { kind: 'integer' },
      tags: { kind: 'list', item: { kind: 'string' } },
      objects: {
        kind: 'list',
        item: {
          kind: 'struct',
          fields: [
            { name: 'bbox', nullable: true, shape: { kind: 'list', item: { kind: 'number' } } },
            { name: 'category', nullable: true, shape: { kind: 'integer' } },
          ],
        },
      },
      attributes: { kind: 'map', key: { kind: 'string' }, value: { kind: 'string' } },
    });
    const nested = topLevelColumns((await layoutOfFixture('nested.plain-v1.parquet')).schema);
    expect(nested.find(({ name }) => name === 'masks')?.shape).toEqual({ kind: 'list', item: image });
    const binary = topLevelColumns((await layoutOfFixture('binary.plain-v1.parquet')).schema);
    expect(binary).toEqual([
      { name: 'image', nullable: true, shape: { kind: 'binary' } },
      { name: 'second', nullable: false, shape: { kind: 'binary' } },
    ]);
  });
});
