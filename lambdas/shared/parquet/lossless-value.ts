import type { SchemaElement } from 'hyparquet';
import { parseFloat16 } from 'hyparquet/src/convert.js';
import type { RawValue } from './value-list.ts';

/**
 * How a leaf's values are handed out, without loss: text as string, int64 as BigInt, decimals as decimal strings,
 * dates, times and timestamps as ISO 8601 with the precision that they were written with (`Z` only when they are in
 * UTC), UUIDs as text, all other bytes as they are.
 */
export function losslessConverter(element: SchemaElement): (raw: RawValue) => unknown {
  const { type, converted_type: converted, logical_type: logical } = element;
  if (converted === 'DECIMAL' || logical?.type === 'DECIMAL') {
    const scale = element.scale ?? (logical?.type === 'DECIMAL' ? logical.scale : 0);
    return (raw) => decimalText(toBigInt(raw), scale);
  }
  if (type === 'BYTE_ARRAY') return isText(element) ? toText : same;
  if (type === 'FIXED_LEN_BYTE_ARRAY') {
    if (logical?.type === 'UUID') return toUuid;
    if (logical?.type === 'FLOAT16') return (raw) => (raw instanceof Uint8Array ? parseFloat16(raw) : raw);
    return same;
  }
  if (type === 'INT96') return (raw) => timestampText(int96Nanos(toBigInt(raw)), 9, false);
  if (converted === 'DATE' || logical?.type === 'DATE') return dateText;
  if (logical?.type === 'TIMESTAMP') {
    return (raw) => timestampText(toBigInt(raw), DIGITS[logical.unit], logical.isAdjustedToUTC);
  }
  if (converted === 'TIMESTAMP_MILLIS') return (raw) => timestampText(toBigInt(raw), 3, true);
  if (converted === 'TIMESTAMP_MICROS') return (raw) => timestampText(toBigInt(raw), 6, true);
  if (logical?.type === 'TIME') return (raw) => timeText(toBigInt(raw), DIGITS[logical.unit]);
  if (converted === 'TIME_MILLIS') return (raw) => timeText(toBigInt(raw), 3);
  if (converted === 'TIME_MICROS') return (raw) => timeText(toBigInt(raw), 6);
  const unsigned = converted?.startsWith('UINT_') || (logical?.type === 'INTEGER' && !logical.isSigned);
  if (unsigned && type === 'INT64') return (raw) => BigInt.asUintN(64, toBigInt(raw));
  if (unsigned && type === 'INT32') return (raw) => Number(raw) >>> 0;
  return same;
}

const DIGITS = { MILLIS: 3, MICROS: 6, NANOS: 9 } as const;
const NANOS_PER_DAY = 86_400_000_000_000n;
const JULIAN_DAY_OF_EPOCH = 2_440_588n;
/** The days that `Date` can tell: 100,000,000 on either side of the epoch. */
const MAX_DATE_DAYS = 100_000_000;

function same(raw: RawValue): RawValue {
  return raw;
}

function isText({ converted_type: converted, logical_type: logical }: SchemaElement): boolean {
  if (converted === 'UTF8' || converted === 'JSON' || converted === 'ENUM') return true;
  return logical?.type === 'STRING' || logical?.type === 'JSON' || logical?.type === 'ENUM';
}

/** `ignoreBOM` keeps a byte order mark as the character that it is. */
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

function toText(raw: RawValue): unknown {
  return raw instanceof Uint8Array ? utf8.decode(raw) : raw;
}

function toUuid(raw: RawValue): unknown {
  if (!(raw instanceof Uint8Array)) return raw;
  const hex = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength).toString('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.*)$/, '$1-$2-$3-$4-$5');
}

/** Byte arrays are big-endian two's complement, as decimals are stored. */
function toBigInt(raw: RawValue): bigint {
  if (!(raw instanceof Uint8Array)) return BigInt(raw);
  if (raw.length === 0) return 0n;
  const hex = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength).toString('hex');
  return BigInt.asIntN(raw.length * 8, BigInt(`0x${hex}`));
}

function decimalText(unscaled: bigint, scale: number): string {
  if (scale <= 0) return `${unscaled * 10n ** BigInt(-scale)}`;
  const digits = `${unscaled < 0n ? -unscaled : unscaled}`.padStart(scale + 1, '0');
  return `${unscaled < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

function dateText(raw: RawValue): unknown {
  const days = Number(raw);
  return Math.abs(days) > MAX_DATE_DAYS ? raw : new Date(days * 86_400_000).toISOString().split('T')[0];
}

/** Days since 1970 sit in the upper 32 bits as a Julian day, nanoseconds of the day in the lower 64. */
function int96Nanos(value: bigint): bigint {
  return (BigInt.asIntN(32, value >> 64n) - JULIAN_DAY_OF_EPOCH) * NANOS_PER_DAY + BigInt.asUintN(64, value);
}

/** @param digits of the fraction of a second: 3, 6 or 9. */
function timestampText(value: bigint, digits: number, utc: boolean): unknown {
  const perSecond = 10n ** BigInt(digits);
  const fraction = ((value % perSecond) + perSecond) % perSecond;
  const seconds = Number((value - fraction) / perSecond);
  if (Math.abs(seconds) > MAX_DATE_DAYS * 86_400) return value;
  const whole = new Date(seconds * 1000).toISOString().slice(0, -5);
  return `${whole}.${`${fraction}`.padStart(digits, '0')}${utc ? 'Z' : ''}`;
}

function timeText(value: bigint, digits: number): unknown {
  const perSecond = 10n ** BigInt(digits);
  const seconds = Number(value / perSecond);
  if (value < 0n || seconds >= 86_400) return value;
  const whole = new Date(seconds * 1000).toISOString().slice(11, 19);
  return `${whole}.${`${value % perSecond}`.padStart(digits, '0')}`;
}
