import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CorruptDataError } from '../../../../lambdas/shared/parquet/corrupt-data-error.ts';
import { decodeHybrid } from '../../../../lambdas/shared/parquet/hybrid-runs.ts';

type Run = { value: number; count: number } | { packed: number[] };

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) | 128, ...varint(Math.floor(value / 128))];
}

function encode(runs: readonly Run[], bitWidth: number): Buffer {
  return Buffer.concat(
    runs.map((run) => {
      if ('count' in run) {
        const bytes = Buffer.alloc(4);
        bytes.writeUInt32LE(run.value);
        return Buffer.concat([Buffer.from(varint(run.count * 2)), bytes.subarray(0, Math.ceil(bitWidth / 8))]);
      }
      const groups = Math.ceil(run.packed.length / 8);
      const bits = run.packed.reduce((sum, value, i) => sum | (BigInt(value) << BigInt(i * bitWidth)), 0n);
      const bytes = Array.from({ length: groups * bitWidth }, (_, i) => Number((bits >> BigInt(i * 8)) & 255n));
      return Buffer.from([...varint(groups * 2 + 1), ...bytes]);
    }),
  );
}

const cases = fc.integer({ min: 0, max: 32 }).chain((bitWidth) => {
  const value = fc.integer({ min: 0, max: 2 ** bitWidth - 1 });
  const run = fc.oneof(
    fc.record({ value, count: fc.integer({ min: 1, max: 300 }) }),
    fc
      .integer({ min: 1, max: 5 })
      .chain((groups) => fc.record({ packed: fc.array(value, { minLength: groups * 8, maxLength: groups * 8 }) })),
  );
  return fc.record({ bitWidth: fc.constant(bitWidth), runs: fc.array(run, { minLength: 1, maxLength: 6 }) });
});

describe('decodeHybrid', () => {
  it('decodes runs of both kinds in any bit width, and the padding of the last', () => {
    fc.assert(
      fc.property(cases, fc.integer({ min: 0, max: 7 }), ({ bitWidth, runs }, padding) => {
        const values = runs.flatMap((run) =>
          'count' in run ? new Array<number>(run.count).fill(run.value) : run.packed,
        );
        const last = runs.at(-1);
        const expected = last && 'packed' in last ? values.slice(0, values.length - padding) : values;
        const out = new Int32Array(expected.length);
        decodeHybrid(encode(runs, bitWidth), bitWidth, out);
        expect(Array.from(out, (value) => value >>> 0)).toEqual(expected);
      }),
    );
  });

  it('refuses runs that are cut or longer than what is asked for', () => {
    const run = encode([{ value: 3, count: 100 }], 2);
    expect(() => decodeHybrid(run, 2, new Uint8Array(99))).toThrow(CorruptDataError);
    expect(() => decodeHybrid(run, 2, new Uint8Array(101))).toThrow(CorruptDataError);
    const packed = encode([{ packed: [1, 2, 3, 0, 1, 2, 3, 0] }], 2);
    expect(() => decodeHybrid(packed.subarray(0, -1), 2, new Uint8Array(8))).toThrow(CorruptDataError);
  });
});
