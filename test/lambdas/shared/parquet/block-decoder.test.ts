import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blockDecoder } from '../../../../lambdas/shared/parquet/block-decoder.ts';
import { CorruptDataError } from '../../../../lambdas/shared/parquet/corrupt-data-error.ts';
import { LzSink } from '../../../../lambdas/shared/parquet/lz-sink.ts';

/** A literal or a copy, as both formats have them. */
type Step = { literal: Uint8Array } | { distance: number; length: number };

/** Literals (long ones too), and copies that reach back at most as far as there is something, overlapping ones too. */
const steps = fc
  .array(
    fc.record({
      literal: fc.oneof(
        { weight: 9, arbitrary: fc.uint8Array({ minLength: 1, maxLength: 90 }) },
        { weight: 1, arbitrary: fc.constant(Buffer.alloc(70_000, 'long')) },
      ),
      back: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
      length: fc.integer({ min: 4, max: 64 }),
    }),
    { minLength: 1, maxLength: 12 },
  )
  .map((items) => {
    let size = 0;
    return items.flatMap(({ literal, back, length }): Step[] => {
      size += literal.length;
      const distance = 1 + Math.floor(back * Math.min(size, 65_535));
      size += length;
      return [{ literal }, { distance, length }];
    });
  });

function plain(all: readonly Step[]): Buffer {
  const bytes: number[] = [];
  for (const step of all) {
    if ('literal' in step) for (const byte of step.literal) bytes.push(byte);
    else for (let i = 0; i < step.length; i++) bytes.push(bytes[bytes.length - step.distance] ?? 0);
  }
  return Buffer.from(bytes);
}

function toSnappy(all: readonly Step[]): Buffer {
  const parts: number[] = [];
  let { length: left } = plain(all);
  for (; left > 127; left = Math.floor(left / 128)) parts.push((left & 127) | 128);
  parts.push(left);
  for (const step of all) {
    if ('literal' in step) {
      const last = step.literal.length - 1;
      if (last < 60) parts.push(last << 2);
      else parts.push(62 << 2, last & 255, (last >> 8) & 255, last >> 16);
      for (const byte of step.literal) parts.push(byte);
    } else if (step.length <= 11 && step.distance < 2048) {
      parts.push(((step.distance >> 8) << 5) | ((step.length - 4) << 2) | 1, step.distance & 255);
    } else {
      parts.push(((step.length - 1) << 2) | 2, step.distance & 255, step.distance >> 8);
    }
  }
  return Buffer.from(parts);
}

function lz4Length(length: number): number[] {
  if (length < 15) return [];
  return [...new Array<number>(Math.floor((length - 15) / 255)).fill(255), (length - 15) % 255];
}

function toLz4(all: readonly Step[]): Buffer {
  const parts: number[] = [];
  for (let i = 0; i < all.length; i += 2) {
    const [literal, copy] = [all[i], all[i + 1]];
    if (!literal || !('literal' in literal)) continue;
    const match = copy && 'distance' in copy ? copy : undefined;
    const { length } = literal.literal;
    parts.push((Math.min(15, length) << 4) | (match ? Math.min(15, match.length - 4) : 0), ...lz4Length(length));
    for (const byte of literal.literal) parts.push(byte);
    if (match) parts.push(match.distance & 255, match.distance >> 8, ...lz4Length(match.length - 4));
  }
  return Buffer.from(parts);
}

function hadoopFrame(size: number, blocks: readonly Buffer[]): Buffer {
  const uint32 = (value: number): Buffer =>
    Buffer.from([value >>> 24, (value >> 16) & 255, (value >> 8) & 255, value & 255]);
  return Buffer.concat([uint32(size), ...blocks.flatMap((block) => [uint32(block.length), block])]);
}

function encode(codec: string, all: readonly Step[]): Buffer {
  if (codec === 'SNAPPY') return toSnappy(all);
  if (codec !== 'hadoop') return toLz4(all);
  // Two frames; the first one has two blocks.
  const literal = (size: number): Step[] => [{ literal: Buffer.alloc(size, 'x') }];
  const first = hadoopFrame(plain(all).length + 20, [toLz4(all), toLz4(literal(20))]);
  return Buffer.concat([first, hadoopFrame(7, [toLz4(literal(7))])]);
}

function decode(codec: string, bytes: Uint8Array, size: number, pieces: readonly number[], capacity?: number): Buffer {
  const flushed: Uint8Array[] = [];
  const sink = capacity ? new LzSink(capacity, (part) => flushed.push(part), 65_536) : new LzSink(size);
  const decoder = blockDecoder(codec === 'SNAPPY' ? 'SNAPPY' : codec === 'LZ4_RAW' ? 'LZ4_RAW' : 'LZ4', sink, size);
  let at = 0;
  for (const piece of [...pieces, bytes.length]) {
    decoder?.push(bytes.subarray(at, at + piece));
    at = Math.min(bytes.length, at + piece);
  }
  decoder?.end();
  return Buffer.concat([...flushed, sink.rest()]);
}

describe.each(['SNAPPY', 'LZ4_RAW', 'LZ4', 'hadoop'])('%s', (codec) => {
  const tail = codec === 'hadoop' ? 'x'.repeat(27) : '';
  const isLz4 = codec !== 'SNAPPY';
  // An LZ4 block ends with literals.
  const stepsOf = steps.map((all) => (isLz4 ? all.slice(0, -1) : all));

  it('decodes what arrives in any pieces, to memory and through a small buffer', () => {
    fc.assert(
      fc.property(stepsOf, fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 20 }), (all, pieces) => {
        const expected = Buffer.concat([plain(all), Buffer.from(tail)]);
        const bytes = encode(codec, all);
        expect(decode(codec, bytes, expected.length, pieces).equals(expected)).toBe(true);
        expect(decode(codec, bytes, expected.length, pieces, 70_000).equals(expected)).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  it('refuses what is cut, and more than it was told', () => {
    fc.assert(
      fc.property(stepsOf, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (all, at) => {
        const size = plain(all).length + tail.length;
        const bytes = encode(codec, all);
        expect(() => decode(codec, bytes, size - 1, [])).toThrow(CorruptDataError);
        const cut = bytes.subarray(0, Math.floor(at * bytes.length));
        // LZ4 has no length of its own: a block that is cut between sequences is shorter, which its page's header tells.
        try {
          expect(decode(codec, cut, size, []).length).toBeLessThan(size);
        } catch (error) {
          expect(error).toBeInstanceOf(CorruptDataError);
        }
      }),
      { numRuns: 30 },
    );
  });
});
