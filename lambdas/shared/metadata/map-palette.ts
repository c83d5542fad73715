import type { PaletteColor } from './mapped-metadata.ts';
import { type Dict, isDict, isList, toNumber, unpack } from './row-values.ts';

/** Colours of a palette that are kept. */
const MAX_COLORS = 64;
const COLORS = ['hex', 'color', 'colour', 'rgb', 'code', 'value'] as const;
const SHARES = [
  'p',
  'percentage',
  'percent',
  'proportion',
  'share',
  'ratio',
  'weight',
  'frequency',
  'fraction',
] as const;

/**
 * `[{hex, p}]` of a list of such or of `{rgb, percentage}`, of hex texts, of `[r, g, b]`, of `{hex: share}`, or of a text
 * with commas. Shares above 1 are percent, and then all are; where none are given they are equal.
 * @returns `undefined` when one is no colour: part of a palette is none
 */
export function readPalette(value: unknown): { palette: PaletteColor[]; hasShares: boolean } | undefined {
  const items = itemsOf(unpack(value));
  if (!items || items.length === 0 || items.length > MAX_COLORS) return undefined;
  const shares = items.map(({ share }) => toNumber(share));
  const hasShares = items.every(({ share }) => share !== undefined);
  const isPercent = shares.some((share) => share !== undefined && share > 1);
  const palette = items.map(({ color }, index) => {
    const share = hasShares ? (shares[index] ?? -1) / (isPercent ? 100 : 1) : 1 / items.length;
    return { hex: toHex(color), p: share };
  });
  const isComplete = palette.every(
    (color): color is PaletteColor => color.hex !== undefined && color.p >= 0 && color.p <= 1,
  );
  return isComplete ? { palette, hasShares } : undefined;
}

function itemsOf(value: unknown): { color: unknown; share?: unknown }[] | undefined {
  if (typeof value === 'string') return value.split(/[\s,;]+/).map((color) => ({ color }));
  if (isDict(value)) return Object.entries(value).map(([color, share]) => ({ color, share }));
  if (!isList(value)) return undefined;
  return Array.from(value, (item) =>
    isDict(item) ? { color: first(item, COLORS), share: first(item, SHARES) } : { color: item },
  );
}

function first(dict: Dict, names: readonly string[]): unknown {
  const name = names.find((known) => Object.hasOwn(dict, known));
  return name === undefined ? undefined : (dict[name] ?? null);
}

function toHex(color: unknown): string | undefined {
  if (typeof color === 'string') {
    const digits = /^#?([0-9a-f]{3}|[0-9a-f]{6})$/i.exec(color.trim())?.[1]?.toLowerCase();
    return digits?.length === 3 ? `#${digits.replace(/./g, '$&$&')}` : digits && `#${digits}`;
  }
  if (!isList(color) || color.length !== 3) return undefined;
  const channels = Array.from(color, toNumber);
  const isByte = (channel: number | undefined) => channel !== undefined && channel >= 0 && channel <= 255;
  if (!channels.every(isByte) || !channels.every(Number.isInteger)) return undefined;
  return `#${channels.map((channel) => (channel ?? 0).toString(16).padStart(2, '0')).join('')}`;
}
