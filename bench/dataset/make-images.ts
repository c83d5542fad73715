import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp, { type Sharp } from 'sharp';

/** Photos are crops of so many pictures each, as a photographer takes several of a room. */
const CROPS = 10;
const BASE = { width: 1200, height: 900 };
const CROP = { width: 1024, height: 768 };
const MIN_BYTES = 170_000;
const MAX_BYTES = 240_000;
/** Noise from coarse to fine: cells along the picture's width, and how much it shows. */
const OCTAVES = [
  [6, 0.9],
  [24, 0.6],
  [96, 0.4],
  [400, 0.3],
  [1200, 0.2],
] as const;

/**
 * Makes JPEGs like photos of rooms, of about 200 KB (`{index}.jpg`), or of about 2 KB when `small`; the same ones each
 * time. They are kept in the folder.
 */
export async function makeImages(folder: string, count: number, { small = false } = {}): Promise<void> {
  if (existsSync(folder)) return;
  const unfinished = `${folder}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true });
  for (let first = 0; first < count; first += CROPS) {
    const random = randomNumbers(first + 1);
    const picture = await drawPicture(random);
    for (let index = first; index < Math.min(count, first + CROPS); index++) {
      const left = Math.floor(random() * (BASE.width - CROP.width));
      const top = Math.floor(random() * (BASE.height - CROP.height));
      const crop = sharp(picture).extract({ left, top, ...CROP });
      const bytes = await encode(small ? crop.resize(64) : crop, small);
      writeFileSync(join(unfinished, `${String(index).padStart(6, '0')}.jpg`), bytes);
    }
  }
  renameSync(unfinished, folder);
}

/** A gradient with furniture-like shapes, under noise in octaves, as PNG. */
async function drawPicture(random: () => number): Promise<Buffer> {
  const layers = OCTAVES.map(async ([cells, opacity]) => ({
    input: await noise(cells, opacity, random),
    blend: 'overlay' as const,
  }));
  const shapes = { input: Buffer.from(drawShapes(random)) };
  return sharp({ create: { ...BASE, channels: 3, background: '#808080' } })
    .composite([shapes, ...(await Promise.all(layers))])
    .png({ compressionLevel: 0 })
    .toBuffer();
}

function drawShapes(random: () => number): string {
  const colour = (): string => `hsl(${Math.floor(random() * 360)} 40% ${20 + Math.floor(random() * 60)}%)`;
  const shapes = Array.from({ length: 20 }, () => {
    const [x, y] = [random() * BASE.width, random() * BASE.height];
    const [width, height] = [40 + random() * 400, 40 + random() * 300];
    return random() < 0.6
      ? `<rect x="${x}" y="${y}" width="${width}" height="${height}" fill="${colour()}"/>`
      : `<ellipse cx="${x}" cy="${y}" rx="${width / 2}" ry="${height / 2}" fill="${colour()}"/>`;
  });
  const gradient = `<linearGradient id="g"><stop offset="0" stop-color="${colour()}"/><stop offset="1" stop-color="${colour()}"/></linearGradient>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${BASE.width}" height="${BASE.height}"><defs>${gradient}</defs><rect width="100%" height="100%" fill="url(#g)"/>${shapes.join('')}</svg>`;
}

async function noise(cells: number, opacity: number, random: () => number): Promise<Buffer> {
  const rows = Math.round((cells * BASE.height) / BASE.width);
  const pixels = Buffer.alloc(cells * rows * 4);
  for (let at = 0; at < pixels.length; at += 4) {
    const level = Math.floor(random() * 256);
    pixels.set([level, level, level, 255 * opacity], at);
  }
  return sharp(pixels, { raw: { width: cells, height: rows, channels: 4 } })
    .resize(BASE.width, BASE.height, { kernel: 'cubic', fit: 'fill' })
    .png({ compressionLevel: 0 })
    .toBuffer();
}

/** Encodes with the quality that gives the size, as cameras' photos have it. */
async function encode(picture: Sharp, small: boolean): Promise<Buffer> {
  for (let quality = small ? 80 : 90, tries = 0; ; tries++) {
    const bytes = await picture.clone().jpeg({ quality }).toBuffer();
    if (small || tries === 8 || (bytes.length >= MIN_BYTES && bytes.length <= MAX_BYTES)) return bytes;
    quality = Math.min(96, Math.max(30, quality + (bytes.length > MAX_BYTES ? -5 : 3)));
  }
}

/** Numbers in [0, 1), the same ones for a seed (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}
