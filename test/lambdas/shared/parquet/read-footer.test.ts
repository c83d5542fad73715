import { describe, expect, it } from 'vitest';
import { BadInputError, TransientError } from '../../../../lambdas/shared/errors.ts';
import { featuresJson } from '../../../../lambdas/shared/parquet/columns.ts';
import { readFooter } from '../../../../lambdas/shared/parquet/read-footer.ts';
import { fixtureBytes } from './fixtures.ts';
import { MemorySource } from './memory-source.ts';

const bytes = fixtureBytes('hub.library.parquet');

/** The same file with `size` bytes more of footer: a field that no reader knows, as a newer writer might add. */
function withLargeFooter(file: Buffer, size: number): Buffer {
  const length = file.readUInt32LE(file.length - 8);
  const metadata = file.subarray(file.length - 8 - length, file.length - 8);
  const varint = [size & 0x7f, (size >> 7) & 0x7f, (size >> 14) & 0x7f, size >> 21].map((b, i) =>
    i < 3 ? b | 0x80 : b,
  );
  const field = Buffer.concat([Buffer.from([0x08, 0x90, 0x03, ...varint]), Buffer.alloc(size), Buffer.from([0])]);
  const trailer = Buffer.from(file.subarray(-8));
  trailer.writeUInt32LE(length - 1 + field.length);
  return Buffer.concat([file.subarray(0, file.length - 8 - length), metadata.subarray(0, -1), field, trailer]);
}

describe('readFooter', () => {
  it('reads a footer by one request', async () => {
    const source = new MemorySource(bytes);
    const footer = await readFooter(source);
    expect(source.requests).toHaveLength(1);
    expect(footer).toMatchObject({ sizeBytes: bytes.length, footerBytes: bytes.readUInt32LE(bytes.length - 8) });
    expect(footer.metadata.num_rows).toBe(5n);
    expect(JSON.parse(featuresJson(footer.metadata) ?? '')).toMatchObject({
      info: { features: { image: { _type: 'Image' } } },
    });
  });

  it('reads a footer of 20 MB by two requests, no byte twice', async () => {
    const size = 20 * 1024 * 1024;
    const large = withLargeFooter(bytes, size);
    const source = new MemorySource(large, { chunkBytes: 1024 * 1024 });
    const footer = await readFooter(source);
    expect(footer.metadata.num_rows).toBe(5n);
    expect(footer.footerBytes).toBeGreaterThan(size);
    expect(source.requests).toHaveLength(2);
    expect(source.bytesRead).toBe(footer.footerBytes + 8);
  });

  const encrypted = Buffer.concat([bytes.subarray(0, -4), Buffer.from('PARE')]);
  const longFooter = Buffer.from(bytes);
  longFooter.writeUInt32LE(0xfffffff0, bytes.length - 8);
  const wrongFooter = Buffer.from(bytes);
  wrongFooter.fill(0xff, bytes.length - 200, bytes.length - 8);

  it.each([
    ['an empty file', Buffer.alloc(0), 'not a parquet file'],
    ['four bytes', Buffer.from('PAR1'), 'not a parquet file'],
    ['a page of HTML', Buffer.from('<html>Not found</html>'), 'not a parquet file'],
    ['a cut file', bytes.subarray(0, -10), 'not a parquet file'],
    ['the end of a file only', bytes.subarray(-300), 'claims a footer of'],
    ['an encrypted file', encrypted, 'encrypted'],
    ['a footer longer than its file', longFooter, 'claims a footer of'],
    ['a footer of rubbish', wrongFooter, 'corrupt parquet footer'],
  ])('refuses %s and names it', async (_, file, message) => {
    const reading = readFooter(new MemorySource(file, { path: 'data/x.parquet' }));
    await expect(reading).rejects.toThrow(BadInputError);
    await expect(reading).rejects.toThrow(new RegExp(`^data/x\\.parquet .*${message}`));
  });

  it('lets errors of the source through', async () => {
    const error = new TransientError('down');
    const source = {
      path: 'x',
      readTail: () => Promise.reject(error),
      stream: () => new MemorySource(bytes).stream(0, 1),
    };
    await expect(readFooter(source)).rejects.toBe(error);
  });
});
