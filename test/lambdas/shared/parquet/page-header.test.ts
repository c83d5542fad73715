import { describe, expect, it } from 'vitest';
import { ByteCursor } from '../../../../lambdas/shared/parquet/byte-cursor.ts';
import { readPageHeader } from '../../../../lambdas/shared/parquet/page-header.ts';

function zigzag(value: number): number[] {
  const bytes = [];
  let left = BigInt(value) * 2n;
  for (; left > 127n; left >>= 7n) bytes.push(Number(left & 127n) | 128);
  return [...bytes, Number(left)];
}

/** A data page of version 1, followed by `page`. */
function header(uncompressed: number, compressed: number, values: number, extra: number[] = []): number[] {
  const data = [0x15, ...zigzag(values), 0x15, 0, 0x15, 6, 0x15, 6, 0];
  return [0x15, 0, 0x15, ...zigzag(uncompressed), 0x15, ...zigzag(compressed), 0x2c, ...data, ...extra, 0];
}

async function read(bytes: number[], valuesLeft = 1000) {
  async function* stream() {
    for (const byte of bytes) yield Uint8Array.of(byte);
  }
  return readPageHeader(new ByteCursor(stream(), bytes.length), valuesLeft);
}

describe('readPageHeader', () => {
  it('reads a header that arrives byte by byte', async () => {
    expect(await read([...header(20, 10, 7), ...new Array<number>(10).fill(0)])).toMatchObject({
      type: 'DATA_PAGE',
      uncompressed_page_size: 20,
      compressed_page_size: 10,
      values: 7,
    });
  });

  const list = (size: number): number[] => [
    0x49,
    0xfc,
    ...[size & 127, (size >> 7) & 127, (size >> 14) & 127].map((b) => b | 128),
    size >> 21,
  ];
  it.each([
    ['more bytes than the chunk has', header(20, 11, 7)],
    ['2 GB of values', header(20, 10, 2 ** 31 - 1)],
    ['more values than the chunk has left', header(20, 10, 1001)],
    ['a negative size', [0x15, 0, 0x15, 1, 0x15, 1, 0]],
    ['a list of 30 million elements', header(20, 10, 7, list(30_000_000))],
    ['a text of 2 GB', [0x18, 0xff, 0xff, 0xff, 0xff, 0x07]],
    ['nothing known', [0xff, 0xff, 0xff, 0xff]],
    ['no end', new Array<number>(40).fill(0x1c)],
  ])('refuses one that claims %s', async (_, bytes) => {
    await expect(read([...bytes, ...new Array<number>(10).fill(0)])).rejects.toMatchObject({
      name: 'CorruptDataError',
    });
  });
});
