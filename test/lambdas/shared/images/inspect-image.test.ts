import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { type ImageInfo, inspectImage } from '../../../../lambdas/shared/images/inspect-image.ts';
import { RowError } from '../../../../lambdas/shared/jobs/row-failure.ts';

const LIMITS = { maxBytes: 10_000_000, maxPixels: 1_000_000 };
const FIXTURES = new URL('./fixtures/', import.meta.url);

const canvas = (width = 12, height = 8) =>
  sharp({ create: { width, height, channels: 3, background: { r: 200, g: 120, b: 40 } } });

const u16 = (value: number) => [(value >> 8) & 0xff, value & 0xff];
const segment = (marker: number, payload: readonly number[]) => [0xff, marker, ...u16(payload.length + 2), ...payload];
const SOF = segment(0xc0, [8, ...u16(8), ...u16(12), 1, 1, 0x11, 0]); // 12 x 8
const SOS = segment(0xda, [1, 1, 0, 0, 63, 0]);
const EXIF_ID = [0x45, 0x78, 0x69, 0x66, 0, 0];
const XMP = segment(0xe1, [...Buffer.from('http://ns.adobe.com/xap/1.0/\0<x/>')]);
const jpeg = (...parts: readonly (readonly number[])[]) => Uint8Array.from([0xff, 0xd8, ...parts.flat()]);

/** An EXIF segment with one tag; `type` 3 is SHORT, 4 is LONG. */
function exif(order: 'II' | 'MM', value: number, { type = 3, offset = 8, tail = [] as number[] } = {}): number[] {
  const little = order === 'II';
  const block = new DataView(new ArrayBuffer(26));
  block.setUint16(0, little ? 0x4949 : 0x4d4d);
  block.setUint16(2, 42, little);
  block.setUint32(4, offset, little);
  block.setUint16(8, 1, little);
  block.setUint16(10, 0x0112, little);
  block.setUint16(12, type, little);
  block.setUint32(14, 1, little);
  if (type === 4) block.setUint32(18, value, little);
  else block.setUint16(18, value, little);
  return segment(0xe1, [...EXIF_ID, ...new Uint8Array(block.buffer), ...tail]);
}

function bmp(width: number, height: number, headerBytes = 40): Uint8Array {
  const view = new DataView(new ArrayBuffer(54));
  view.setUint16(0, 0x424d);
  view.setUint32(14, headerBytes, true);
  if (headerBytes === 12) {
    view.setUint16(18, width, true);
    view.setUint16(20, height, true);
  } else {
    view.setInt32(18, width, true);
    view.setInt32(22, height, true);
  }
  return new Uint8Array(view.buffer);
}

function png(width: number, height: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(33));
  for (const [at, word] of [0x89504e47, 0x0d0a1a0a, 13, 0x49484452, width, height].entries())
    view.setUint32(at * 4, word);
  return new Uint8Array(view.buffer);
}

async function reasonOf(bytes: Uint8Array, limits = LIMITS): Promise<string> {
  try {
    const info = await inspectImage(bytes, limits);
    return `${info.width}x${info.height}`;
  } catch (error) {
    if (error instanceof RowError) return error.reason;
    throw error;
  }
}

describe('images as libraries write them', () => {
  const encoders = {
    jpeg: () => canvas().jpeg(),
    'progressive jpeg': () => canvas().jpeg({ progressive: true }),
    'cmyk jpeg': () => canvas().toColourspace('cmyk').jpeg(),
    png: () => canvas().png(),
    'lossy webp': () => canvas().webp(),
    'lossless webp': () => canvas().webp({ lossless: true }),
    'webp with alpha': () => canvas().ensureAlpha(0.5).webp(),
    tiff: () => canvas().tiff(),
    gif: () => canvas().gif(),
    avif: () => canvas().avif({ effort: 0 }),
  };
  it.each(
    Object.entries(encoders).flatMap(([name, encode]) =>
      [1, 2, 3, 6, 8].map((orientation) => ({ name, encode, orientation })),
    ),
  )('measures $name of orientation $orientation as libvips shows it', async ({ encode, orientation }) => {
    const bytes = await encode().withMetadata({ orientation }).toBuffer();
    const { mediaType, autoOrient } = await sharp(bytes).metadata();
    expect(await inspectImage(bytes, LIMITS)).toMatchObject({ contentType: mediaType, ...autoOrient });
  });

  it.each(['gif', 'webp'] as const)('takes one frame of an animated %s', async (format) => {
    const frames = await Promise.all([canvas().png().toBuffer(), canvas().negate().png().toBuffer()]);
    const bytes = await sharp(frames, { join: { animated: true } })
      .toFormat(format)
      .toBuffer();
    expect(await sharp(bytes).metadata()).toMatchObject({ pages: 2 });
    expect(await reasonOf(bytes)).toBe('12x8');
  });

  it.each(readdirSync(FIXTURES).filter((name) => !name.endsWith('.py')))(
    'measures %s, written by Pillow',
    async (name) => {
      expect(await reasonOf(readFileSync(new URL(name, FIXTURES)))).toBe('12x8');
    },
  );

  it('reads a view that starts inside a larger buffer', async () => {
    const bytes = await canvas().jpeg().toBuffer();
    const padded = new Uint8Array(bytes.length + 14).fill(0xff);
    padded.set(bytes, 7);
    expect(await reasonOf(padded.subarray(7, 7 + bytes.length))).toBe('12x8');
  });
});

describe('odd JPEGs', () => {
  const thumbnail = [...jpeg(segment(0xc0, [8, ...u16(1), ...u16(2), 1, 1, 0x11, 0]), SOS)];
  it.each([
    { name: 'big-endian EXIF', bytes: jpeg(exif('MM', 6), SOF, SOS), expected: '8x12' },
    { name: 'little-endian EXIF', bytes: jpeg(exif('II', 6), SOF, SOS), expected: '8x12' },
    { name: 'orientation as a LONG', bytes: jpeg(exif('MM', 6, { type: 4 }), SOF, SOS), expected: '8x12' },
    { name: 'EXIF behind XMP', bytes: jpeg(XMP, exif('II', 6), SOF, SOS), expected: '8x12' },
    { name: 'EXIF behind the frame header', bytes: jpeg(SOF, exif('II', 6), SOS), expected: '8x12' },
    {
      name: 'a thumbnail with a frame header',
      bytes: jpeg(exif('II', 6, { tail: thumbnail }), SOF, SOS),
      expected: '8x12',
    },
    { name: 'orientation 0', bytes: jpeg(exif('II', 0), SOF, SOS), expected: '12x8' },
    { name: 'orientation 9', bytes: jpeg(exif('II', 9), SOF, SOS), expected: '12x8' },
    { name: 'an EXIF offset into nowhere', bytes: jpeg(exif('II', 6, { offset: 9999 }), SOF, SOS), expected: '12x8' },
    {
      name: 'EXIF of another byte order mark',
      bytes: jpeg(segment(0xe1, [...EXIF_ID, 1, 2, 3]), SOF, SOS),
      expected: '12x8',
    },
    { name: 'fill bytes', bytes: jpeg([0xff, 0xff, 0xff], SOF, SOS), expected: '12x8' },
    { name: 'garbage between segments', bytes: jpeg(XMP, [1, 2, 3, 0xff, 0], SOF, SOS), expected: '12x8' },
    { name: 'nothing after the frame header', bytes: jpeg(SOF), expected: '12x8' },
    { name: 'no frame header', bytes: jpeg(XMP, SOS), expected: 'corrupt_image' },
    { name: 'a segment of length 0', bytes: jpeg([0xff, 0xe0, 0, 0], SOF, SOS), expected: 'corrupt_image' },
    {
      name: 'a height of 0',
      bytes: jpeg(segment(0xc0, [8, 0, 0, 0, 12, 1, 1, 0x11, 0]), SOS),
      expected: 'corrupt_image',
    },
    {
      name: 'megabytes of fill',
      bytes: new Uint8Array(8_000_000).fill(0xff, 3).fill(0xff, 0, 1).fill(0xd8, 1, 2).fill(0xff, 2, 3),
      expected: 'corrupt_image',
    },
  ])('$name: $expected', async ({ bytes, expected }) => {
    expect(await reasonOf(bytes)).toBe(expected);
  });
});

describe('BMP', () => {
  it.each([
    { name: 'top-down', bytes: bmp(12, -8) },
    { name: 'OS/2', bytes: bmp(12, 8, 12) },
  ])('measures a $name one', async ({ bytes }) => {
    expect(await inspectImage(bytes, LIMITS)).toMatchObject({ contentType: 'image/bmp', width: 12, height: 8 });
  });
  it('does not take any text that begins with BM for one', async () => {
    expect(await reasonOf(Buffer.from('BMW opens a new show room in the centre of Munich'))).toBe('not_an_image');
  });
});

describe('limits', () => {
  it.each([
    { bytes: new Uint8Array(), limits: LIMITS, expected: 'empty_image' },
    { bytes: png(12, 8), limits: { ...LIMITS, maxBytes: 32 }, expected: 'too_many_bytes' },
    { bytes: png(12, 8), limits: { maxBytes: 33, maxPixels: 96 }, expected: '12x8' },
    { bytes: png(12, 8), limits: { maxBytes: 33, maxPixels: 95 }, expected: 'too_many_pixels' },
    { bytes: png(2 ** 31, 2 ** 31), limits: LIMITS, expected: 'too_many_pixels' },
    { bytes: png(0, 8), limits: LIMITS, expected: 'corrupt_image' },
  ])('$expected', async ({ bytes, limits, expected }) => {
    expect(await reasonOf(bytes, limits)).toBe(expected);
  });
});

describe('what is no image', () => {
  it.each([
    ['<!DOCTYPE html><html><body>404</body></html>', 'an HTML page'],
    ['<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>', 'an SVG drawing'],
    ['{"error": "not found"}', 'JSON'],
    ['a bright room with a sofa — très chic', 'text'],
    ['%PDF-1.7', 'a PDF document'],
    ['version https://git-lfs.github.com/spec/v1\noid sha256:0', 'a Git LFS pointer'],
    [Uint8Array.of(0, 0, 0, 24, ...Buffer.from('ftypheic'), 0, 0, 0, 0), 'a HEIC image'],
    [Uint8Array.of(0x80, 4, 0x95, 0xff), 'a Python pickle'],
    [Uint8Array.of(1, 2, 3, 0xff), 'unknown data'],
  ])('names %j', async (content, hint) => {
    const inspected = inspectImage(typeof content === 'string' ? Buffer.from(content) : content, LIMITS);
    await expect(inspected).rejects.toMatchObject({ reason: 'not_an_image', message: expect.stringContaining(hint) });
  });
});

describe('hostile bytes', () => {
  let seeds: Uint8Array[];
  beforeAll(async () => {
    const written = [
      canvas().jpeg(),
      canvas().png(),
      canvas().webp(),
      canvas().gif(),
      canvas().tiff(),
      canvas().avif({ effort: 0 }),
    ];
    seeds = [
      ...(await Promise.all(written.map((image) => image.withMetadata({ orientation: 6 }).toBuffer()))),
      bmp(12, 8),
      jpeg(exif('II', 6), SOF, SOS),
    ].map((bytes) => Uint8Array.from(bytes));
  });

  it('end in an image or a reason, whatever is changed, cut or doubled', async () => {
    const edit = fc.record({ at: fc.nat(400), bytes: fc.uint8Array({ minLength: 1, maxLength: 8 }) });
    await fc.assert(
      fc.asyncProperty(fc.nat(7), fc.array(edit, { maxLength: 6 }), fc.nat(900), async (which, edits, cut) => {
        const bytes = Uint8Array.from(seeds[which] ?? []);
        for (const { at, bytes: patch } of edits)
          bytes.set(patch.subarray(0, Math.max(0, bytes.length - at)), Math.min(at, bytes.length));
        const info = await settle(bytes.subarray(0, cut < 450 ? undefined : cut - 450));
        if (info) expect(info.width * info.height).toBeLessThanOrEqual(LIMITS.maxPixels);
      }),
      { numRuns: 1_500 },
    );
  });

  it('end in an image or a reason, when only the first bytes are right', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(7),
        fc.integer({ min: 2, max: 16 }),
        fc.uint8Array({ maxLength: 300 }),
        async (which, kept, noise) => {
          await settle(Uint8Array.from([...(seeds[which]?.subarray(0, kept) ?? []), ...noise]));
        },
      ),
      { numRuns: 1_500 },
    );
  });

  async function settle(bytes: Uint8Array): Promise<ImageInfo | undefined> {
    try {
      return await inspectImage(bytes, LIMITS);
    } catch (error) {
      expect(error).toBeInstanceOf(RowError);
      return undefined;
    }
  }
});
