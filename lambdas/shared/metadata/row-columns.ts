import type { Features } from '../hub/features.ts';
import { COLUMN_ALIASES, CONFIDENCE_SUFFIXES, CONTAINERS, SIZE_ALIASES } from './column-aliases.ts';
import { foldAliases, foldName } from './fold-name.ts';
import type { Size, Target } from './mapped-metadata.ts';
import type { Column } from './object-table.ts';
import { type Dict, fieldFeature, isDict, isList, toNumber, toText, unpack } from './row-values.ts';

const TARGETS = foldAliases(COLUMN_ALIASES);
const CONTAINER_NAMES = new Set(CONTAINERS.map(foldName));

/** The columns of a row that hold something, by what their names say they are. */
export class RowColumns {
  readonly all: readonly Column[];
  readonly #byTarget = new Map<Target, { column: Column; rank: number }[]>();
  readonly #byFold = new Map<string, Column>();

  readonly #hasConfidences: boolean;

  constructor(metadata: Dict, features: Features | undefined) {
    this.all = columnsOf(metadata, features);
    for (const column of this.all) {
      if (!this.#byFold.has(column.fold)) this.#byFold.set(column.fold, column);
      for (const { key, rank } of TARGETS.get(column.fold) ?? []) {
        const columns = this.#byTarget.get(key) ?? [];
        columns.push({ column, rank });
        this.#byTarget.set(key, columns);
      }
    }
    this.#hasConfidences = this.all.some(({ fold }) => CONFIDENCE_SUFFIXES.some((suffix) => fold.endsWith(suffix)));
    for (const columns of this.#byTarget.values()) columns.sort((a, b) => a.rank - b.rank);
  }

  /** The plainest name first. */
  of(target: Target): Column[] {
    return (this.#byTarget.get(target) ?? []).map(({ column }) => column);
  }

  /** What the row gives as confidence of a column, 0 to 1; 0 when it cannot be read, 1 when there is none. */
  confidenceOf({ fold }: Column, also: string): number {
    if (!this.#hasConfidences) return 1;
    for (const suffix of CONFIDENCE_SUFFIXES) {
      const column = this.#byFold.get(fold + suffix) ?? this.#byFold.get(also + suffix);
      if (!column) continue;
      const number = toNumber(column.value) ?? -1;
      const share = number > 1 ? number / 100 : number; // percent
      return share >= 0 && share <= 1 ? share : 0;
    }
    return 1;
  }

  get declaredSize(): Size | undefined {
    const [width, height] = [this.#number(SIZE_ALIASES.width), this.#number(SIZE_ALIASES.height)];
    return width === undefined || height === undefined ? undefined : { width, height };
  }

  /** What a column says of the boxes' form. */
  get boxFormat(): string | undefined {
    for (const name of ['bboxformat', 'boxformat', 'bboxmode', 'bboxesformat', 'bboxtype']) {
      const text = toText(this.#byFold.get(name)?.value, 40);
      if (text !== undefined) return text;
    }
    return undefined;
  }

  #number(names: readonly string[]): number | undefined {
    for (const name of names) {
      const number = toNumber(this.#byFold.get(foldName(name))?.value);
      if (number !== undefined && Number.isSafeInteger(number) && number > 0) return number;
    }
    return undefined;
  }
}

function columnsOf(metadata: Dict, features: Features | undefined): Column[] {
  const columns: Column[] = [];
  const inside: Column[] = [];
  for (const name of Object.keys(metadata)) {
    const value = unpack(metadata[name]);
    if (isNothing(value)) continue;
    const feature = features && Object.hasOwn(features, name) ? features[name] : undefined;
    const column = { name, fold: foldName(name), path: [name], value, feature };
    columns.push(column);
    if (!CONTAINER_NAMES.has(column.fold) || !isDict(value)) continue;
    for (const [key, member] of Object.entries(value)) {
      const unpacked = unpack(member);
      if (isNothing(unpacked)) continue;
      const path = [name, key];
      inside.push({
        name: path.join('.'),
        fold: foldName(key),
        path,
        value: unpacked,
        feature: fieldFeature(feature, key),
      });
    }
  }
  return [...columns, ...inside];
}

/** A known absence: nothing is recognised, and nothing is refused. */
function isNothing(value: unknown): boolean {
  return value === null || value === undefined || value === '' || (isList(value) && value.length === 0);
}
