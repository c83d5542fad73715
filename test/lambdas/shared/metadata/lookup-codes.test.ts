import { readdirSync, readFileSync } from 'node:fs';
import { createPgliteConnection, type PgliteConnection } from '@supabase/lite/pglite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CATEGORY_ALIASES } from '../../../../lambdas/shared/metadata/category-aliases.ts';
import { foldName } from '../../../../lambdas/shared/metadata/fold-name.ts';
import {
  CATEGORY_CODES,
  MATERIAL_CODES,
  SCENE_CODES,
  STYLE_CODES,
} from '../../../../lambdas/shared/metadata/lookup-codes.ts';
import { categoryCode } from '../../../../lambdas/shared/metadata/to-code.ts';
import { MATERIAL_ALIASES, SCENE_ALIASES, STYLE_ALIASES } from '../../../../lambdas/shared/metadata/value-aliases.ts';

const MIGRATIONS = new URL('../../../../supabase/migrations/', import.meta.url);

let connection: PgliteConnection;
beforeAll(async () => {
  connection = await createPgliteConnection();
  await connection.driver.waitReady;
  for (const name of readdirSync(MIGRATIONS).sort()) {
    await connection.driver.exec(readFileSync(new URL(name, MIGRATIONS), 'utf8'));
  }
});
afterAll(() => connection.close());

describe('the lookup tables in code are those of the seed', () => {
  it.each([
    ['scene_labels', SCENE_CODES],
    ['style_labels', STYLE_CODES],
    ['material_labels', MATERIAL_CODES],
    ['categories', CATEGORY_CODES],
  ])('%s', async (table, codes) => {
    const { rows } = await connection.driver.query<{ code: string }>(`select code from public.${table}`);
    expect([...codes].sort()).toEqual(rows.map(({ code }) => code).sort());
  });

  it('category_aliases, each of which leads to its category', async () => {
    const sql = 'select alias, canonical from public.category_aliases';
    const { rows } = await connection.driver.query<{ alias: string; canonical: string }>(sql);
    const inCode = Object.entries(CATEGORY_ALIASES).flatMap(([code, aliases]) => aliases.map((alias) => [alias, code]));
    expect(inCode.sort()).toEqual(rows.map(({ alias, canonical }) => [alias, canonical]).sort());
    const isCode = new Set(CATEGORY_CODES.map(foldName));
    for (const { alias, canonical } of rows) {
      if (!isCode.has(foldName(alias))) expect(categoryCode(alias), alias).toBe(canonical);
    }
  });
});

it.each([
  ['rooms', SCENE_ALIASES],
  ['styles', STYLE_ALIASES],
  ['materials', MATERIAL_ALIASES],
  ['categories', CATEGORY_ALIASES],
])('no name means two %s', (_, aliases) => {
  const meanings = new Map<string, string>();
  for (const [code, names] of Object.entries(aliases)) {
    for (const name of [code, ...names].map(foldName)) {
      expect([code, undefined], name).toContain(meanings.get(name));
      meanings.set(name, code);
    }
  }
});
