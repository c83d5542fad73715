import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toJsonObject } from '../../../../lambdas/shared/metadata/to-json-object.ts';

/** As a person reads it in the database; prototypes do not matter. */
const stored = (values: Record<string, unknown>) => JSON.parse(JSON.stringify(toJsonObject(values).attrs));

describe('toJsonObject', () => {
  it.each([
    { name: 'a small BigInt', value: 7n, expected: 7 },
    { name: 'the largest exact BigInt', value: 9007199254740991n, expected: 9007199254740991 },
    { name: 'a BigInt that a double would change', value: -9007199254740993n, expected: '-9007199254740993' },
    {
      name: 'NaN and infinities',
      value: [Number.NaN, Infinity, -Infinity, -0],
      expected: ['NaN', 'Infinity', '-Infinity', 0],
    },
    { name: 'a date', value: new Date(0), expected: '1970-01-01T00:00:00.000Z' },
    { name: 'an invalid date', value: new Date(Number.NaN), expected: null },
    { name: 'what JSON leaves out', value: [undefined, () => 1, Symbol('x')], expected: [null, null, null] },
    { name: 'few bytes', value: Uint8Array.of(1, 2, 3), expected: { _base64: 'AQID' } },
    {
      name: 'a view into a larger buffer',
      value: Uint8Array.of(9, 1, 2, 3, 9).subarray(1, 4),
      expected: { _base64: 'AQID' },
    },
    {
      name: 'an image in another column',
      value: { bytes: new Uint8Array(2000), path: 'depth.png' },
      expected: {
        bytes: { _bytes: 2000, sha256: '2da42fb1d7bd8524e83d5a1e332bad697c8769ba430770a19bec630eb8ffcaa8' },
        path: 'depth.png',
      },
    },
    { name: 'a float array', value: Float32Array.of(0.5, Number.NaN), expected: [0.5, 'NaN'] },
    { name: 'a BigInt array', value: BigInt64Array.of(1n, 2n), expected: [1, 2] },
    { name: 'a list with holes', value: Array(2), expected: [null, null] },
    { name: 'a set', value: new Set([1n]), expected: [1] },
    { name: 'a map with text keys', value: new Map([['__proto__', 1n]]), expected: JSON.parse('{"__proto__": 1}') },
    { name: 'a map with other keys', value: new Map([[1n, 'a']]), expected: [[1, 'a']] },
    { name: 'NUL and a lone surrogate', value: 'a\0b\ud800', expected: 'a\ufffdb\ufffd' },
    {
      name: 'NUL in keys that become equal',
      value: { 'a\0': 1, 'a\ufffd': 2 },
      expected: { 'a\ufffd_': 1, 'a\ufffd': 2 },
    },
  ])('keeps $name', ({ value, expected }) => {
    expect(stored({ value })).toEqual({ value: expected });
  });

  it('keeps columns with hostile names', () => {
    const row = JSON.parse('{"__proto__": {"admin": true}, "constructor": {"prototype": 1}, "toString": "x"}');
    expect(Object.entries(stored(row))).toEqual(Object.entries(row));
  });

  it('moves a column with our own name aside, and loses none', () => {
    expect(stored({ _modomo: 1, '_modomo.column': 2 })).toEqual({ '_modomo.column_': 1, '_modomo.column': 2 });
  });

  it('cuts what contains itself, and says so', () => {
    const loop: Record<string, unknown> = { name: 'sofa' };
    loop.self = { again: loop };
    const { attrs, truncated } = toJsonObject({ loop, twice: [loop.name, loop.name] });
    expect(JSON.parse(JSON.stringify(attrs))).toEqual({
      loop: { name: 'sofa', self: { again: '[inside itself]' } },
      twice: ['sofa', 'sofa'],
    });
    expect(truncated).toEqual(['loop']);
  });

  it('cuts 100,000 levels of nesting to what a parser takes', () => {
    let deep: unknown = 'bottom';
    for (let level = 0; level < 100_000; level += 1) deep = level % 2 ? [deep] : { deep };
    const { attrs, truncated } = toJsonObject({ deep, caption: 'a room' });
    expect(truncated).toEqual(['deep']);
    expect(JSON.stringify(attrs)).toMatch(/\[deeper than 64 levels\]/);
    expect(attrs.caption).toBe('a room');
  });

  it('ends for values that share their parts without end', () => {
    let shared: unknown[] = [1];
    for (let level = 0; level < 60; level += 1) shared = [shared, shared, shared];
    expect(toJsonObject({ shared }, { maxBytes: 10_000 }).truncated).toEqual(['shared']);
  });

  it('shortens the largest columns and leaves the others whole', () => {
    const objects = { bbox: Array.from({ length: 5000 }, (_, index) => [index, 0, 1, 1]), count: 5000n };
    const row = { caption: 'a bright room', label: new Int32Array(100_000), objects, text: 'é"\n'.repeat(20_000) };
    const { attrs, sizeBytes, truncated } = toJsonObject(row, { maxBytes: 20_000 });
    expect(sizeBytes).toBe(Buffer.byteLength(JSON.stringify(attrs)));
    expect(sizeBytes).toBeLessThanOrEqual(20_000);
    expect(sizeBytes).toBeGreaterThan(15_000);
    expect(truncated.toSorted()).toEqual(['label', 'objects', 'text']);
    expect(attrs).toMatchObject({ caption: 'a bright room', objects: { count: 5000 } });
    expect(attrs.text).toMatch(/… \[cut: \d+ of 60000 characters\]$/);
    expect(attrs.label).toEqual(expect.arrayContaining([0, '[cut: 100000 items in all]']));
  });

  it('is JSON that Postgres takes, for any input, and stays the same when applied again', () => {
    const anything = fc.dictionary(
      fc.string({ unit: fc.constantFrom('a', '\0', '\ud800', '_', 'é') }),
      fc.anything({
        withBigInt: true,
        withDate: true,
        withMap: true,
        withSet: true,
        withTypedArray: true,
        withSparseArray: true,
        withNullPrototype: true,
        withUnicodeString: true,
      }),
    );
    fc.assert(
      fc.property(anything, (values) => {
        const { attrs } = toJsonObject(values);
        const text = JSON.stringify(attrs);
        const parsed = JSON.parse(text);
        expect(JSON.stringify(parsed)).toBe(text);
        expect(parsed).toEqual(attrs);
        expect(text).not.toMatch(/\\u0000|\\ud[89a-f]/i);
        expect(Object.keys(attrs)).toHaveLength(Object.keys(values).length);
        expect(JSON.stringify(toJsonObject(parsed).attrs)).toBe(text);
      }),
      { numRuns: 500 },
    );
  });

  it('keeps what JSON can hold as it is', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (values) => {
        const json = JSON.parse(JSON.stringify(values).replaceAll('\\u0000', 'x'));
        expect(stored(json)).toEqual(json);
      }),
    );
  });
});
