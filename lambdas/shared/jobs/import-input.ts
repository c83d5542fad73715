import { z } from 'zod';
import { BadInputError } from '../errors.ts';

const ImportInput = z.strictObject({
  dataset_id: z.uuid(),
  hf_dataset_url: z.string().min(1),
  subset: z.string().min(1).optional(),
  split: z.string().min(1).optional(),
  revision: z.string().min(1).optional(),
  image_column: z.string().min(1).optional(),
  max_images: z.int().positive().optional(),
  on_existing: z.enum(['skip', 'refresh']).default('skip'),
  process: z.boolean().default(true),
  batch_size: z.int().min(1).max(10).default(3),
});

/** The input of ImportDataset; `subset`, `split` and `revision` win over what the URL says. */
export type ImportInput = z.infer<typeof ImportInput>;

/** @throws {BadInputError} naming every field that is wrong, missing or unknown. */
export function parseImportInput(json: unknown): ImportInput {
  const parsed = ImportInput.safeParse(json);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => [path.join('.'), message].filter(Boolean).join(': '));
  throw new BadInputError(`the input of the import is wrong: ${problems.join('; ')}`);
}
