import type { PostgrestError, SupabaseClient } from '@supabase/supabase-js';
import { parseDatasetUrl } from '../lambdas/shared/hub/parse-dataset-url.ts';
import { CliError } from './cli-error.ts';

/** The address of a repository's page, whichever form it was given in: what `datasets.source_url` holds. */
export function datasetPage(url: string): string {
  return `https://huggingface.co/datasets/${parseDatasetUrl(url).repo}`;
}

/**
 * The dataset that a URL is imported into: the oldest row with that source, so that a second import is a rerun of the
 * first, or else a new row.
 * @param name of a new row; given, it also tells rows of the same source apart. @default the repository's
 * @returns the row's id
 * @throws {CliError} when the database refuses
 */
export async function findOrCreateDataset(
  supabase: SupabaseClient,
  { url, name }: { url: string; name?: string },
): Promise<string> {
  const page = datasetPage(url);
  let rows = supabase.from('datasets').select('id').in('source_url', [page, url.trim()]);
  if (name !== undefined) rows = rows.eq('name', name);
  const found = await rows.order('created_at').limit(1);
  if (found.error) throw refused('looked up', found.error);
  const id: unknown = found.data[0]?.id;
  if (typeof id === 'string') return id;

  const row = { name: name ?? page.split('/').at(-1), source_url: page };
  const created = await supabase.from('datasets').insert(row).select('id').single();
  if (created.error) throw refused('created', created.error);
  return String(created.data.id);
}

function refused(what: string, error: PostgrestError): CliError {
  return new CliError(`the dataset could not be ${what} in the database: ${error.message || 'no answer'}`, {
    cause: error,
  });
}
