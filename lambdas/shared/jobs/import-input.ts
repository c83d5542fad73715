import { z } from 'zod';
import { BadInputError } from '../errors.ts';

// Messages read behind the name of the field.
const isText = 'must be a text that is not empty';
const isCount = 'must be a whole number of at least 1';
const isBatchSize = 'must be a whole number from 1 to 10';
const text = z.string(isText).min(1, isText);

const ImportInput = z.strictObject({
  dataset_id: z.uuid('must be a UUID'),
  hf_dataset_url: text,
  subset: text.optional(),
  split: text.optional(),
  revision: text.optional(),
  image_column: text.optional(),
  max_images: z.int(isCount).min(1, isCount).optional(),
  on_existing: z.enum(['skip', 'refresh'], 'must be "skip" or "refresh"').default('skip'),
  process: z.boolean('must be true or false').default(true),
  batch_size: z.int(isBatchSize).min(1, isBatchSize).max(10, isBatchSize).default(3),
});

/** The input of ImportDataset; `subset`, `split` and `revision` win over what the URL says. */
export type ImportInput = z.infer<typeof ImportInput>;

/** Characters of a wrong value that a message shows. */
const MAX_SHOWN = 100;

/** A field that is null counts as not given. @throws {BadInputError} naming every field that is wrong, missing or unknown. */
export function parseImportInput(json: unknown): ImportInput {
  const given = isObject(json) ? Object.fromEntries(Object.entries(json).filter(([, value]) => value !== null)) : json;
  const parsed = ImportInput.safeParse(given);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => problemOf(issue, given));
  throw new BadInputError(`the input of the import is wrong: ${problems.join('; ')}`);
}

function problemOf(issue: z.core.$ZodIssue, given: unknown): string {
  if (issue.code === 'unrecognized_keys') {
    const fields = Object.keys(ImportInput.shape).join(', ');
    return `there is no field ${issue.keys.map(shown).join(', ')}; the fields are ${fields}`;
  }
  const field = issue.path.join('.');
  if (!isObject(given)) return `it must be a JSON object with dataset_id and hf_dataset_url, not ${shown(given)}`;
  const value = given[field];
  return value === undefined ? `${field} is missing` : `${field} ${issue.message}, not ${shown(value)}`;
}

function isObject(json: unknown): json is Readonly<Record<string, unknown>> {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

function shown(value: unknown): string {
  const json = JSON.stringify(value);
  return json.length > MAX_SHOWN ? `${json.slice(0, MAX_SHOWN)}…` : json;
}
