import { z } from 'zod';
import { BadInputError, TransientError } from '../errors.ts';
import type { DatasetHead, HubClient, ListedFile } from './hub-client.ts';
import { isRepoPath } from './hub-names.ts';
import { PassingFailure } from './tries.ts';

/** The branch to which the Hub converts datasets of other formats. */
export const CONVERTED_BRANCH = 'refs/convert/parquet';

const Job = z.object({ config: z.string() });
const Answer = z.object({
  parquet_files: z.array(z.object({ config: z.string(), split: z.string(), url: z.string(), size: z.number() })),
  partial: z.boolean().default(false),
  pending: z.array(Job).default([]),
  failed: z.array(Job).default([]),
});

/** A file of the conversion. */
export interface ConvertedFile {
  readonly config: string;
  readonly split: string;
  readonly path: string;
  readonly sizeBytes: number;
}

export interface UsableConversion {
  readonly usable: true;
  /** Commit of the converted branch. */
  readonly revision: string;
  readonly files: readonly ConvertedFile[];
}

export type Conversion =
  | UsableConversion
  /** `reason` goes on from "the Hub's conversion to parquet". */
  | { readonly usable: false; readonly reason: string };

/**
 * What the Hub has converted of a dataset. Taken only when it belongs to the pinned commit and is whole: the Hub stops
 * at about 5 GB a split (`partial`), and converts again some time after each commit.
 */
export async function convertedParquet(client: HubClient, head: DatasetHead): Promise<Conversion> {
  const no = (reason: string): Conversion => ({ usable: false, reason });
  const viewed = await client.viewer('parquet', { dataset: head.repo }).catch((error: unknown) => {
    if (isNotReady(error)) return undefined;
    throw error;
  });
  if (!viewed) return no('is not finished');
  const { status, revision, body } = viewed;
  if (status !== 200) return no(status === 401 || status === 403 ? 'may not be read' : 'does not exist');
  if (revision !== head.sha) return no('belongs to another commit of the dataset');
  const answer = Answer.safeParse(body);
  if (!answer.success) return no('is described in a form that cannot be read');
  const { parquet_files: found, partial, pending, failed } = answer.data;
  if (partial) return no('is partial, because the dataset is too large for it');
  if (pending.length > 0) return no('is not finished');
  if (failed.length > 0) return no('failed');
  const files = found.flatMap(({ config, split, url, size }) => {
    const path = pathOf(url);
    return path === undefined ? [] : [{ config, split, path, sizeBytes: size }];
  });
  if (files.length === 0 || files.length < found.length) return no('has no files that can be read');
  if (files.some(({ path }) => path.includes('/partial-')))
    return no('is partial, because the dataset is too large for it');
  const branch = await client.datasetInfo({ repo: head.repo, revision: CONVERTED_BRANCH });
  return { usable: true, revision: branch.sha, files };
}

/**
 * The files of the converted branch itself, by its layout `{config}/{split}/0000.parquet`.
 * @throws {BadInputError} when a split is partial
 */
export function convertedLayout(files: readonly ListedFile[]): ConvertedFile[] {
  return files.flatMap(({ path, sizeBytes }) => {
    const [, config, partial, split] = /^(.+)\/(partial-)?([^/]+?)(?:-part\d+)?\/\d+\.parquet$/.exec(path) ?? [];
    if (config === undefined || split === undefined) return [];
    if (partial) throw new BadInputError(`the Hub's conversion to parquet is partial: ${path}`);
    return [{ config, split, path, sizeBytes }];
  });
}

/** The conversion is being made: the client has tried some seconds, and it may take hours. */
function isNotReady(error: unknown): boolean {
  return (
    error instanceof TransientError && error.cause instanceof PassingFailure && error.cause.code === 'ResponseNotReady'
  );
}

/** The path behind `/resolve/{revision}/`. */
function pathOf(url: string): string | undefined {
  const path = /\/resolve\/(?:refs\/convert\/parquet|[^/]+)\/([^?#]+)/.exec(url)?.[1];
  if (path === undefined) return undefined;
  let decoded = path;
  try {
    decoded = decodeURIComponent(path);
  } catch {
    // a path that was never encoded
  }
  return isRepoPath(decoded) ? decoded : undefined;
}
