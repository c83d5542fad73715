import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { imageReference, toRowImage } from '../../../../lambdas/shared/images/row-image.ts';
import { RowError } from '../../../../lambdas/shared/jobs/row-failure.ts';

const SHA = '0123456789012345678901234567890123456789';
const CONTEXT = { repo: 'modomo/rooms', revision: SHA, filePath: 'data/train-00000-of-00001.parquet' };
const file = (path: string, { revision = SHA, alternativePath = null as string | null } = {}) => ({
  kind: 'file',
  repo: 'modomo/rooms',
  revision,
  path,
  alternativePath,
});

function resolve(value: unknown): unknown {
  try {
    const image = toRowImage(value, CONTEXT);
    return image.kind === 'url' ? image.url.href : image;
  } catch (error) {
    if (error instanceof RowError) return error.reason;
    throw error;
  }
}

describe('toRowImage', () => {
  const bytes = Uint8Array.of(1, 2);
  it.each([
    { value: { bytes, path: 'room.jpg' }, expected: { kind: 'bytes', bytes, name: 'room.jpg' } },
    { value: { bytes, path: null }, expected: { kind: 'bytes', bytes, name: null } },
    { value: bytes, expected: { kind: 'bytes', bytes, name: null } },
    { value: null, expected: 'null_image' },
    { value: undefined, expected: 'null_image' },
    { value: ' ', expected: 'null_image' },
    { value: { bytes: null, path: null }, expected: 'null_image' },
    { value: { bytes: null, path: '' }, expected: 'null_image' },
    { value: { bytes: new Uint8Array(), path: 'a.jpg' }, expected: 'empty_image' },
    { value: 7n, expected: 'not_an_image' },
    { value: [{ bytes, path: null }], expected: 'not_an_image' },
    { value: { width: 3 }, expected: 'not_an_image' },
  ])('reads a cell: $value', ({ value, expected }) => {
    expect(resolve(value)).toEqual(expected);
  });

  it.each([
    ['hf://datasets/modomo/rooms@abc/images/a%20b c.jpg', file('images/a%20b c.jpg', { revision: 'abc' })],
    ['hf://datasets/modomo/rooms@refs/convert/parquet/x/0.jpg', file('x/0.jpg', { revision: 'refs/convert/parquet' })],
    ['hf://datasets/modomo/rooms@refs%2Fpr%2F1/x.jpg', file('x.jpg', { revision: 'refs/pr/1' })],
    ['hf://datasets/Modomo/Rooms/images/0.jpg', file('images/0.jpg')],
    ['images/0.jpg', file('images/0.jpg', { alternativePath: 'data/images/0.jpg' })],
    ['./0:1.jpg', file('0:1.jpg', { alternativePath: 'data/0:1.jpg' })],
    [`https://huggingface.co/datasets/modomo/rooms/resolve/${SHA}/a%20b.jpg?download=true`, file('a b.jpg')],
    ['https://hf.co/datasets/modomo/rooms/blob/refs%2Fpr%2F1/a.jpg', file('a.jpg', { revision: 'refs/pr/1' })],
    [
      'https://huggingface.co/datasets/other/set/resolve/main/a.jpg',
      'https://huggingface.co/datasets/other/set/resolve/main/a.jpg',
    ],
    ['HTTP://user:secret@example.com/a b.jpg?sig=1#top', 'http://example.com/a%20b.jpg?sig=1'],
  ])('resolves %s', (reference, expected) => {
    expect(resolve(reference)).toEqual(expected);
    expect(resolve({ bytes: null, path: reference })).toEqual(expected);
  });

  it.each([
    'hf://datasets/other/set@main/a.jpg',
    'hf://datasets/modomo/rooms-private/a.jpg',
    'hf://modomo/rooms/a.jpg',
    'hf://datasets/modomo/rooms@main',
    'hf://datasets/modomo/rooms@main/../../other/set/a.jpg',
    'hf://datasets/modomo/rooms@%2e%2e%2fother/a.jpg',
    'https://huggingface.co/datasets/modomo/rooms/resolve/main/..%2F..%2Fother/a.jpg',
    'https://huggingface.co/datasets/modomo/rooms/resolve/main/%zz.jpg',
    'zip://a.jpg::hf://datasets/modomo/rooms@main/images.zip',
    '../a.jpg',
    'images//a.jpg',
    'images\\..\\..\\a.jpg',
    'a\0.jpg',
    '/home/user/a.jpg',
    'C:\\Users\\a.jpg',
    '//example.com/a.jpg',
    's3://bucket/a.jpg',
    'file:///etc/passwd',
    'https://',
    'data:image/png;base64',
  ])('refuses %j', (reference) => {
    expect(resolve(reference)).toBe('bad_reference');
  });

  it('decodes images that are written into the string', () => {
    const jpeg = Buffer.from([0xff, 0xd8, 0xff, 0xe0, ...Array(100).fill(7)]);
    const expected = { kind: 'bytes', name: null, bytes: jpeg };
    expect(resolve(`data:image/jpeg;base64,${jpeg.toString('base64')}`)).toEqual(expected);
    expect(resolve(jpeg.toString('base64'))).toEqual(expected);
    expect(resolve('data:text/plain,a%20b')).toEqual({ kind: 'bytes', name: null, bytes: Buffer.from('a b') });
  });

  it('says what is wrong without showing what is secret', () => {
    const reference = 's3://key:secret@bucket/a.jpg?X-Amz-Signature=secret#secret';
    expect(() => toRowImage(reference, CONTEXT)).toThrow(
      /^the image's reference "s3:\/\/bucket\/a.jpg" has the scheme s3/,
    );
  });

  it('gives an image inside the repository, an address, or a reason for any text', () => {
    const part = fc.constantFrom(
      '..',
      '%2e%2e',
      '%2F',
      '/',
      '\\',
      '@',
      ':',
      'hf://datasets/',
      'modomo/rooms',
      'refs/pr/',
      'https://huggingface.co/datasets/',
      '/resolve/',
      'a',
      '.jpg',
      '\0',
      '?',
      '#',
    );
    fc.assert(
      fc.property(
        fc.array(part, { maxLength: 12 }).map((parts) => parts.join('')),
        (reference) => {
          const image = resolve(reference);
          if (typeof image === 'string') return;
          expect(image).toMatchObject({ kind: 'file', repo: 'modomo/rooms' });
          const { path } = image as { path: string };
          expect(path.split('/').some((segment) => ['', '.', '..'].includes(segment))).toBe(false);
        },
      ),
      { numRuns: 2_000 },
    );
  });
});

describe('imageReference', () => {
  it.each([
    [{ bytes: Uint8Array.of(1), path: 'room.jpg' }, 'room.jpg'],
    [{ bytes: Uint8Array.of(1), path: null }, null],
    [null, null],
    ['a room?.jpg', 'a room?.jpg'],
    ['https://u:p@example.com/a.jpg?sig=secret', 'https://example.com/a.jpg'],
    ['zip://a.jpg::https://u:p@example.com/a.zip?sig=secret', 'zip://a.jpg::https://example.com/a.zip'],
    ['hf://datasets/a/b@main/x@2.jpg', 'hf://datasets/a/b@main/x@2.jpg'],
    ['data:image/png;base64,AAAA', null],
    ['line\nbreak.jpg', 'line\ufffdbreak.jpg'],
  ])('of %j is %j', (value, expected) => {
    expect(imageReference(value)).toBe(expected);
  });
  it('has 300 characters at most', () => {
    expect(imageReference('x'.repeat(1000))).toBe(`${'x'.repeat(299)}…`);
  });
});
