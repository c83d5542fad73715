import { CATEGORY_ALIASES } from './category-aliases.ts';
import { foldName } from './fold-name.ts';
import {
  CATEGORY_CODES,
  type CategoryCode,
  MATERIAL_CODES,
  type MaterialCode,
  SCENE_CODES,
  type SceneCode,
  STYLE_CODES,
  type StyleCode,
} from './lookup-codes.ts';
import { MATERIAL_ALIASES, SCENE_ALIASES, STYLE_ALIASES } from './value-aliases.ts';

const SCENES = codesByName(SCENE_CODES, SCENE_ALIASES);
const STYLES = codesByName(STYLE_CODES, STYLE_ALIASES);
const MATERIALS = codesByName(MATERIAL_CODES, MATERIAL_ALIASES);
const CATEGORIES = codesByName(CATEGORY_CODES, CATEGORY_ALIASES);

/** Longer texts are sentences, not labels. */
const MAX_LABEL = 120;

/**
 * The code of a room: "Living Room", "livingroom", "living_room_0012" (a scene of NYU), "/k/kitchen" and
 * "home_or_hotel/bedroom" (paths of Places and ADE20K). Of a path that names several, the inner room counts before
 * "outdoor"; two rooms are none.
 */
export function sceneCode(label: string): SceneCode | undefined {
  if (label.length > MAX_LABEL) return undefined;
  return SCENES.get(foldName(label)) ?? SCENES.get(foldName(withoutEnding(label))) ?? onlyRoom(label.split('/'));
}

/** The one room among several labels. */
export function onlyRoom(labels: readonly string[]): SceneCode | undefined {
  const codes = new Set<SceneCode>();
  for (const label of labels) {
    const code = SCENES.get(foldName(label)) ?? SCENES.get(foldName(withoutEnding(label)));
    if (code !== undefined) codes.add(code);
  }
  if (codes.size > 1) codes.delete('outdoor');
  return codes.size === 1 ? [...codes][0] : undefined;
}

/** "Scandinavian", "scandi style", "Boho interior design". */
export function styleCode(label: string): StyleCode | undefined {
  if (label.length > MAX_LABEL) return undefined;
  return STYLES.get(foldName(label)) ?? STYLES.get(foldName(withoutEnding(label)));
}

export function materialCode(label: string): MaterialCode | undefined {
  return label.length > MAX_LABEL ? undefined : MATERIALS.get(foldName(label));
}

/** Synonyms with commas, as ADE20K has them ("sofa, couch, lounge"), go by the first that has a code. */
export function categoryCode(label: string): CategoryCode | undefined {
  if (label.length > MAX_LABEL) return undefined;
  const code = oneCategory(label);
  if (code !== undefined || !/[,;]/.test(label)) return code;
  for (const synonym of label.split(/[,;]/)) {
    const found = oneCategory(synonym);
    if (found !== undefined) return found;
  }
  return undefined;
}

function oneCategory(label: string): CategoryCode | undefined {
  const name = foldName(label);
  const found = CATEGORIES.get(name);
  if (found !== undefined) return found;
  const bare = foldName(label.replace(/[\s_-]+\d+$/, '')); // chair_2
  return CATEGORIES.get(bare) ?? (bare.endsWith('s') ? CATEGORIES.get(bare.slice(0, -1)) : undefined);
}

/** Without the number of a place, and without words that every label could have. */
function withoutEnding(label: string): string {
  return label
    .trim()
    .replace(/[\s_-]+\d+[a-z]?$/i, '')
    .replace(/(?:[\s_-]+(?:interior|design|style|styled|decor|scene))+$/i, '');
}

function codesByName<Code extends string>(
  codes: readonly Code[],
  aliases: { readonly [code in Code]?: readonly string[] },
): ReadonlyMap<string, Code> {
  const byName = new Map<string, Code>();
  for (const code of codes) for (const alias of aliases[code] ?? []) byName.set(foldName(alias), code);
  for (const code of codes) byName.set(foldName(code), code); // a code's own name wins
  return byName;
}
