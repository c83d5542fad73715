import { ONLY_ROOMS } from './column-aliases.ts';
import { foldName } from './fold-name.ts';
import type { SceneCode } from './lookup-codes.ts';
import { readPalette } from './map-palette.ts';
import { type ReadShares, readShares } from './map-shares.ts';
import type { Decision, SceneUpdates, Target } from './mapped-metadata.ts';
import type { Column } from './object-table.ts';
import type { RowColumns } from './row-columns.ts';
import { isImageValue, isList, toLabel, toLabels, toText, valueFeature } from './row-values.ts';
import { materialCode, onlyRoom, sceneCode, styleCode } from './to-code.ts';

/** What a rule makes of one column: a value, or why none; `undefined`: the column is none of its business. */
type Reading<T> =
  | { readonly value: T; readonly note?: string }
  | { readonly reason: 'no_code' | 'bad_value'; readonly detail: string }
  | undefined;

const MAX_DESCRIPTION = 10_000;
const MAX_TAGS = 200;
const QUIET = new Set(ONLY_ROOMS.map(foldName));

/** Everything about the scene as a whole, except depth and masks. */
export function mapScene(row: RowColumns): { updates: SceneUpdates; decisions: Decision[] } {
  const decisions: Decision[] = [];
  const pick = <T>(target: Target, read: (column: Column) => Reading<T>) => pickColumn(row, target, read, decisions);

  const description = pick('description', readDescription);
  const tags = pick('tags', readTags)?.value ?? tagsOfText(description, decisions);
  const room = pick('scene_type', readScene) ?? sceneOfTags(tags, decisions);
  const styles =
    pick('styles', (column) => readCodes(column, styleCode, row.confidenceOf(column, 'style'))) ??
    stylesOfTags(tags, decisions);
  const materials = pick('materials', (column) =>
    readCodes(column, materialCode, row.confidenceOf(column, 'material')),
  );
  const palette = pick('palette', readColors);

  const updates: SceneUpdates = {
    ...(description && { description: description.value }),
    ...(room && { scene_type: room.value, scene_conf: 'column' in room ? row.confidenceOf(room.column, 'scene') : 1 }),
    ...(palette && { palette: palette.value }),
    ...(styles && { styles: styles.value.map(({ code, conf }) => ({ style_code: code, conf })) }),
    ...(materials && { materials: materials.value.map(({ code, conf }) => ({ material_code: code, conf })) }),
    ...(tags && { tags }),
  };
  return { updates, decisions };
}

interface Picked<T> {
  readonly value: T;
  readonly column: Column;
}

/** Takes the first column that can be read, and says what became of each. */
function pickColumn<T>(
  row: RowColumns,
  target: Target,
  read: (column: Column) => Reading<T>,
  decisions: Decision[],
): Picked<T> | undefined {
  let picked: Picked<T> | undefined;
  for (const column of row.of(target)) {
    const reading = read(column);
    if (!reading) continue;
    const field = column.name;
    if ('reason' in reading) decisions.push({ field, became: null, target, ...reading });
    else if (picked) {
      const detail = `${picked.column.name} became the ${target} already`;
      decisions.push({ field, became: null, target, reason: 'already_known', detail });
    } else {
      picked = { value: reading.value, column };
      decisions.push({ field, became: target, ...(reading.note !== undefined && { note: reading.note }) });
    }
  }
  return picked;
}

function readDescription({ value }: Column): Reading<string> {
  const isOfSeveral = isList(value) && value.length > 1;
  const text = toText(isList(value) ? value[0] : value, MAX_DESCRIPTION);
  if (text !== undefined) return { value: text, ...(isOfSeveral && { note: `the first of ${value.length}` }) };
  return typeof value === 'string' ? undefined : { reason: 'bad_value', detail: 'it is no text' };
}

function readTags({ value, feature }: Column): Reading<readonly string[]> {
  const tags = toLabels(value, feature);
  if (tags.length === 0) return { reason: 'bad_value', detail: 'it holds no words' };
  return { value: [...new Set(tags)].slice(0, MAX_TAGS) };
}

/** Three or more short phrases with commas are tags, when none begins like a part of a sentence. */
function tagsOfText(text: Picked<string> | undefined, decisions: Decision[]): readonly string[] | undefined {
  if (!text || text.value.length > 2_000 || /[.!?:\n]/.test(text.value)) return undefined;
  const parts = text.value.split(',').map((part) => part.trim());
  const isTag = (part: string) =>
    /^(?:[^\s]+\s?){1,4}$/.test(part) && !/^(?:an?|the|and|or|with|in|on|of)\s/i.test(part);
  if (parts.length < 3 || !parts.every(isTag)) return undefined;
  decisions.push({ field: text.column.name, became: 'tags', note: 'phrases with commas' });
  return [...new Set(parts)].slice(0, MAX_TAGS);
}

function readScene(column: Column): Reading<SceneCode> {
  const { value, feature, fold } = column;
  const labels = isList(value) ? toLabels(value, feature) : [toLabel(value, feature)].filter((it) => it !== undefined);
  const [label] = labels;
  const code = labels.length > 1 ? onlyRoom(labels.flatMap((it) => it.split('/'))) : label && sceneCode(label);
  if (QUIET.has(fold) && (!code || !isAboutRooms(column))) return undefined;
  if (code) return { value: code };
  if (label !== undefined)
    return { reason: 'no_code', detail: `"${labels.join(', ').slice(0, 100)}" is none of the scene labels` };
  const isNumber = typeof value === 'number' || typeof value === 'bigint';
  if (isNumber) return { reason: 'no_code', detail: 'the number has no name' };
  return { reason: 'bad_value', detail: 'it holds no label' };
}

/** Where all the names of a class are known, half of them are rooms at least: "balcony" alone can be a thing. */
function isAboutRooms({ feature }: Column): boolean {
  const labels = valueFeature(feature);
  if (labels?._type !== 'ClassLabel') return true;
  return labels.names.filter((name) => sceneCode(name) !== undefined).length * 2 >= labels.names.length;
}

function sceneOfTags(tags: readonly string[] | undefined, decisions: Decision[]): { value: SceneCode } | undefined {
  const code = tags && onlyRoom(tags);
  if (!code) return undefined;
  decisions.push({ field: 'tags', became: 'scene_type', note: 'the one tag that is a room' });
  return { value: code };
}

function readCodes<Code extends string>(
  { value, feature }: Column,
  toCode: (label: string) => Code | undefined,
  conf: number,
): Reading<ReadShares<Code>['shares']> {
  if (isImageValue(value)) return { reason: 'bad_value', detail: 'it is an image' };
  const { shares, unknown } = readShares(value, feature, toCode, conf);
  const without = unknown
    .slice(0, 10)
    .map((label) => `"${label.slice(0, 60)}"`)
    .join(', ');
  if (shares.length > 0) return { value: shares, ...(without !== '' && { note: `no code for ${without}` }) };
  if (without !== '') return { reason: 'no_code', detail: `no code for ${without}` };
  return { reason: 'bad_value', detail: 'it holds no label' };
}

function stylesOfTags(tags: readonly string[] | undefined, decisions: Decision[]) {
  const { shares } = readShares(tags ?? [], undefined, styleCode, 1);
  if (shares.length === 0) return undefined;
  decisions.push({ field: 'tags', became: 'styles', note: 'tags that are styles' });
  return { value: shares };
}

function readColors({ value }: Column): Reading<NonNullable<SceneUpdates['palette']>> {
  if (isImageValue(value)) return undefined;
  const read = readPalette(value);
  if (!read) return { reason: 'bad_value', detail: 'not all of it are colours that can be read' };
  return { value: read.palette, ...(!read.hasShares && { note: 'no shares are given: taken as equal' }) };
}
