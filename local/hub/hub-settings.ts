import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

export const SETTINGS_FILE = '.hub.json';

const Folder = z
  .string()
  .regex(/^(?!\/)(?!.*(^|\/)\.\.(\/|$)).+$/, { error: 'must be a folder inside the repository, without ".."' });

/**
 * What a folder cannot say by its files. `.hub.json` in the repository's folder is read at each request, and not served.
 * The folders that it names are not part of `main`.
 *
 *     { "gated": "manual", "acceptedTokens": ["hf_reader"],
 *       "revisions": { "v1.0": "old" },
 *       "converted": { "folder": "converted", "partial": true } }
 */
const HubSettings = z.strictObject({
  /** Seen by accepted tokens only. */
  private: z.boolean().default(false),
  /** Information and listing are public, files are for accepted tokens. */
  gated: z.union([z.literal(false), z.enum(['auto', 'manual'])]).default(false),
  /** Bearer tokens that may read a private or gated repository. Any other token is a user without access. */
  acceptedTokens: z.array(z.string()).default([]),
  /** Also known by its name without namespace, which is redirected. */
  canonical: z.boolean().default(false),
  /** Folder of each further branch or tag; `main` is the whole folder unless it is named here. */
  revisions: z.record(z.string(), Folder).default({}),
  /** The parquet that the Hub made of it: branch `refs/convert/parquet`, laid out `{config}/[partial-]{split}/0000.parquet`. */
  converted: z
    .strictObject({
      folder: Folder,
      /** Commit that was converted. @default what `main` is at the request */
      revision: z.string().optional(),
      partial: z.boolean().default(false),
      /** Configs that are not converted yet. */
      pending: z.array(z.string()).default([]),
      /** Configs whose conversion failed. */
      failed: z.array(z.string()).default([]),
    })
    .optional(),
});
export type HubSettings = z.infer<typeof HubSettings>;

/** @throws Error that names the file and what is wrong in it. */
export async function readHubSettings(folder: string): Promise<HubSettings> {
  const path = join(folder, SETTINGS_FILE);
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '{}';
    throw error;
  });
  const parsed = HubSettings.safeParse(parseJson(text));
  if (!parsed.success) throw new Error(`${path}: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text; // refused by the schema, which names the file
  }
}
