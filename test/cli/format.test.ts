import { describe, expect, it } from 'vitest';
import {
  formatBytes,
  formatDuration,
  formatPercent,
  formatRate,
  formatReasons,
  formatTable,
  plural,
  printable,
} from '../../cli/format.ts';

describe('numbers', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.0 kB'],
    [999_949, '999.9 kB'],
    [999_950, '1.0 MB'],
    [4_600_000, '4.6 MB'],
    [2_500_000_000_000_000, '2,500.0 TB'],
  ])('%d bytes are %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text));

  it.each([
    [0, '0.0 s'],
    [9.94, '9.9 s'],
    [9.96, '10 s'],
    [59.4, '59 s'],
    [59.6, '1 min 00 s'],
    [3599.6, '1 h 00 min'],
    [7500, '2 h 05 min'],
    [86_400 * 3 + 3600 * 4, '3 d 04 h'],
  ])('%d seconds are %s', (seconds, text) => expect(formatDuration(seconds)).toBe(text));

  it.each([
    [0, 1000, '0 %'],
    [1, 1000, '1 %'],
    [500, 1000, '50 %'],
    [999, 1000, '99 %'],
    [1000, 1000, '100 %'],
    [0, 0, '100 %'],
  ])('%d of %d are %s', (part, whole, text) => expect(formatPercent(part, whole)).toBe(text));

  it.each([
    [0, '0.0'],
    [99.94, '99.9'],
    [99.96, '100'],
    [2345.6, '2,346'],
  ])('a rate of %d is %s', (rate, text) => expect(formatRate(rate)).toBe(text));

  it('says one row and many rows', () => {
    expect([plural(0, 'row'), plural(1, 'row'), plural(1200, 'row')]).toEqual(['0 rows', '1 row', '1,200 rows']);
  });
});

describe('text', () => {
  it('lists the most frequent reason first', () => {
    expect(formatReasons({ timeout: 1, null_image: 0, crash: 1, corrupt_image: 12 })).toBe(
      '12 corrupt_image, 1 crash, 1 timeout',
    );
  });

  it.each([
    ['room-0017.jpg', 'room-0017.jpg'],
    ['a\u001b[2Jb\u001b]0;title\u0007c', 'abc'],
    ['two\nlines\r\n', 'two lines'],
    ['txt.\u202egpj', 'txt. gpj'],
    ['Wohnzimmer – 客厅 🛋', 'Wohnzimmer – 客厅 🛋'],
  ])('shows %j as %j', (text, shown) => expect(printable(text)).toBe(shown));

  it('aligns columns, with nothing behind the last', () => {
    expect(
      formatTable([
        ['a', 'b'],
        ['long', 'c', 'd'],
      ]),
    ).toEqual(['a     b', 'long  c  d']);
  });
});
