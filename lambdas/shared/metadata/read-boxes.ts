import {
  type BoxForm,
  type BoxNumbers,
  boxFormOfName,
  boxOfNames,
  type Convention,
  formOfWords,
  toXywh,
} from './box-form.ts';
import { foldName } from './fold-name.ts';
import type { Box, RefusedField } from './mapped-metadata.ts';
import type { MaskShape } from './mask-shape.ts';
import { columnsOf, type ObjectColumn, type ObjectTable } from './object-table.ts';
import { isDict, isList, toNumber } from './row-values.ts';

/** The boxes of a row's objects, all read in one way. */
export interface ReadBoxes {
  /** Column of the table, or the four of them. */
  readonly field: string;
  readonly unit: 'pixel' | 'fraction';
  /** How the convention was settled. */
  readonly settledBy: string;
  /** `undefined` where an object has none that can be used. */
  readonly boxes: readonly (Box | undefined)[];
  /** Objects whose box has no area, or a number that is none. */
  readonly bad: readonly number[];
}

/** Numbers of each object's box; `null` where there is none, `undefined` where it cannot be read. */
type Candidate = {
  readonly field: string;
  readonly form: BoxForm;
  readonly settledBy: string;
  readonly numbers: readonly (BoxNumbers | null | undefined)[];
  /** The feature says whole numbers. */
  readonly isInteger: boolean;
};

/**
 * Reads the boxes of a table: those whose name or own fields tell the convention first, then a bare `bbox` when the
 * areas, the widths and heights, or the masks of all its boxes agree with one reading only.
 * @returns a refusal when there are boxes, and none can be read for sure; `undefined` when there are none
 */
export function readBoxes(
  table: ObjectTable,
  masks: readonly (MaskShape | undefined)[],
  format: string | undefined,
): ReadBoxes | RefusedField | undefined {
  let refusal: RefusedField | undefined;
  const candidates = [...boxColumns(table, format), ...separateColumns(table)];
  candidates.sort((a, b) => Number(a.form.convention === null) - Number(b.form.convention === null));
  for (const candidate of candidates) {
    if (!candidate.numbers.some((numbers) => numbers !== null)) continue;
    const field = candidate.field;
    const settled = settle(candidate, table, masks);
    if (typeof settled !== 'string') return { field, ...settled, ...toBoxes(candidate, settled) };
    refusal ??= { field, became: null, target: 'objects', reason: 'ambiguous', detail: settled };
  }
  return refusal;
}

function boxColumns(table: ObjectTable, format: string | undefined): Candidate[] {
  return table.columns.flatMap((column) => {
    const form = boxFormOfName(column.fold);
    if (!form) return [];
    const values = Array.from({ length: table.length }, (_, index) => column.valueAt(index));
    const names = namesOfDicts(values);
    if (names) return [{ ...dictBoxes(column, values, names), isInteger: false }];
    const told = format === undefined ? undefined : formOfWords(foldName(format));
    const whole: BoxForm = {
      convention: form.convention ?? told?.convention ?? null,
      unit: form.unit ?? told?.unit ?? null,
    };
    const settledBy = form.convention !== null ? 'its name' : `the format ${format}`;
    return [
      { field: column.name, form: whole, settledBy, numbers: values.map(toNumbers), isInteger: isInteger(column) },
    ];
  });
}

function namesOfDicts(values: readonly unknown[]) {
  const first = values.find((value) => value !== null && value !== undefined);
  if (!isDict(first)) return undefined;
  return boxOfNames(new Set(Object.keys(first).map(foldName)));
}

function dictBoxes(
  column: ObjectColumn,
  values: readonly unknown[],
  { convention, names }: { readonly convention: Convention; readonly names: readonly string[] },
) {
  const numbers = values.map((value) => {
    if (value === null || value === undefined) return null;
    if (!isDict(value)) return undefined;
    const byName = new Map(Object.entries(value).map(([name, member]) => [foldName(name), member]));
    return toNumbers(names.map((name) => byName.get(name)));
  });
  const form: BoxForm = { convention, unit: boxFormOfName(column.fold)?.unit ?? null };
  return { field: column.name, form, settledBy: 'the names of its numbers', numbers };
}

function separateColumns(table: ObjectTable): Candidate[] {
  const byName = new Map(table.columns.map((column) => [column.fold, column]));
  const found = boxOfNames(new Set(byName.keys()));
  if (!found) return [];
  const four = found.names.flatMap((name) => byName.get(name) ?? []);
  const numbers = Array.from({ length: table.length }, (_, index) => {
    const values = four.map((column) => column.valueAt(index));
    return values.every((value) => value === null || value === undefined) ? null : toNumbers(values);
  });
  const field = four.map(({ name }) => name).join(', ');
  const form: BoxForm = { convention: found.convention, unit: null };
  return [{ field, form, settledBy: 'the names of its numbers', numbers, isInteger: four.every(isInteger) }];
}

/** The convention and unit, or why there is none. */
function settle(
  candidate: Candidate,
  table: ObjectTable,
  masks: readonly (MaskShape | undefined)[],
): { convention: Convention; unit: 'pixel' | 'fraction'; settledBy: string } | string {
  const { form, numbers } = candidate;
  const unit = unitOf(candidate);
  if (unit === undefined) return 'it is not certain whether the numbers are pixels or fractions of the size';
  if (form.convention !== null) return { convention: form.convention, unit, settledBy: candidate.settledBy };

  const settled = new Map<Convention, string>();
  const witnesses = { area: areaWitness(table), 'width and height': sizeWitness(table), masks: maskWitness(masks) };
  for (const [name, witness] of Object.entries(witnesses)) {
    const agreeing = READINGS.filter((convention) =>
      numbers.every((box, index) => !box || witness(toXywh(convention, box), index)),
    );
    const [only, other] = agreeing;
    if (only !== undefined && (other === undefined || areSame(numbers))) settled.set(only, name);
  }
  const [found, conflicting] = settled;
  if (!found) return 'nothing tells whether the boxes are x, y, width, height or two corners';
  if (conflicting) return `${found[1]} say ${found[0]}, but ${conflicting[1]} say ${conflicting[0]}`;
  return { convention: found[0], unit, settledBy: found[1] };
}

/** What a bare `bbox` can be. */
const READINGS = ['xywh', 'xyxy'] as const;

/** Fractions are told by the name, or by numbers that would be less than one pixel. */
function unitOf({ form, numbers, isInteger }: Candidate): 'pixel' | 'fraction' | undefined {
  const known = numbers.flatMap((box) => box ?? []).filter((number) => Number.isFinite(number));
  const isSmall = known.every((number) => Math.abs(number) <= 1.001);
  if (form.unit === 'fraction') return isSmall ? 'fraction' : undefined;
  if (form.unit === 'pixel' || isInteger || !isSmall) return 'pixel';
  return known.some((number) => !Number.isInteger(number)) ? 'fraction' : undefined;
}

/** Says whether a box agrees with what else is known of its object. */
type Witness = (box: BoxNumbers, index: number) => boolean;

function areaWitness(table: ObjectTable): Witness {
  const [areas] = columnsOf(table, 'area');
  return ([, , width, height], index) => {
    const area = toNumber(areas?.valueAt(index));
    // Rounded to whole pixels, or to single precision.
    return (
      area !== undefined && width >= 0 && height >= 0 && Math.abs(area - width * height) <= Math.max(1, area / 1_000)
    );
  };
}

function sizeWitness(table: ObjectTable): Witness {
  const [widths] = columnsOf(table, 'width');
  const [heights] = columnsOf(table, 'height');
  return ([, , width, height], index) => {
    const [givenWidth, givenHeight] = [toNumber(widths?.valueAt(index)), toNumber(heights?.valueAt(index))];
    if (givenWidth === undefined || givenHeight === undefined) return false;
    return Math.abs(width - givenWidth) <= 1 && Math.abs(height - givenHeight) <= 1;
  };
}

function maskWitness(masks: readonly (MaskShape | undefined)[]): Witness {
  return ([x, y, width, height], index) => {
    const box = masks[index]?.box;
    if (!box) return false;
    const near = (a: number, b: number) => Math.abs(a - b) <= 2;
    return (
      near(x, box.bbox_x) &&
      near(y, box.bbox_y) &&
      near(x + width, box.bbox_x + box.bbox_w) &&
      near(y + height, box.bbox_y + box.bbox_h)
    );
  };
}

/** Both readings are the same box, because it begins at the corner of the image. */
function areSame(numbers: Candidate['numbers']): boolean {
  return numbers.every((box) => !box || (box[0] === 0 && box[1] === 0));
}

function toBoxes({ numbers }: Candidate, { convention }: { convention: Convention }): Pick<ReadBoxes, 'boxes' | 'bad'> {
  const bad: number[] = [];
  const boxes = numbers.map((box, index) => {
    if (box === null) return undefined;
    const [x, y, width, height] = box ? toXywh(convention, box) : [0, 0, 0, 0];
    const isGood = [x, y, width, height].every(Number.isFinite) && width > 0 && height > 0;
    if (!isGood) bad.push(index);
    return isGood ? { bbox_x: x, bbox_y: y, bbox_w: width, bbox_h: height } : undefined;
  });
  return { boxes, bad };
}

function toNumbers(value: unknown): BoxNumbers | null | undefined {
  if (value === null || value === undefined) return null;
  if (!isList(value) || value.length !== 4) return undefined;
  const [a, b, c, d] = Array.from(value, toNumber);
  return a === undefined || b === undefined || c === undefined || d === undefined ? undefined : [a, b, c, d];
}

function isInteger({ feature }: ObjectColumn): boolean {
  const value = feature?._type === 'List' || feature?._type === 'LargeList' ? feature.feature : feature;
  return value?._type === 'Value' && /^u?int\d/.test(value.dtype);
}
