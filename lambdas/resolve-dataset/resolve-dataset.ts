import { BadInputError } from '../shared/errors.ts';
import { featuresOfFooter } from '../shared/hub/features-of-json.ts';
import { featuresOfSchema } from '../shared/hub/features-of-schema.ts';
import { findDatasetFiles, type ParquetFiles } from '../shared/hub/find-dataset-files.ts';
import { findImageColumn } from '../shared/hub/find-image-column.ts';
import type { HubClient } from '../shared/hub/hub-client.ts';
import type { ImageFolder } from '../shared/hub/image-folder.ts';
import { parseDatasetUrl } from '../shared/hub/parse-dataset-url.ts';
import { type FolderDeps, readFolderFeatures, readFolderRows } from '../shared/hub/read-folder-rows.ts';
import { acquireLock } from '../shared/jobs/dataset-lock.ts';
import { type ImportInput, parseImportInput } from '../shared/jobs/import-input.ts';
import type { ImportSource, SourceFile, SourceFolderRow } from '../shared/jobs/import-source.ts';
import { toJsonLine } from '../shared/jobs/json-lines.ts';
import type { Log } from '../shared/log.ts';
import { toJsonObject } from '../shared/metadata/to-json-object.ts';
import { featuresJson } from '../shared/parquet/columns.ts';
import { readFooter, UnreadableFooter } from '../shared/parquet/read-footer.ts';
import type { SceneStore } from '../shared/scenes/scene-record.ts';
import type { RunBucket } from '../shared/storage/object-store.ts';
import { filesKey, rowsKey, sourceKey } from '../shared/storage/run-keys.ts';

export interface ResolveDatasetDeps {
  readonly hub: HubClient;
  readonly runs: RunBucket;
  readonly scenes: Pick<SceneStore, 'datasetExists'>;
  /** @throws {ConfigError} when the bucket of the images refuses our keys */
  readonly checkImageBucket: (jobId: string) => Promise<void>;
  readonly isRunning: (executionArn: string) => Promise<boolean>;
  readonly readParquetRows: FolderDeps['readParquetRows'];
  readonly log: Log;
}

interface Job {
  readonly jobId: string;
  readonly executionArn: string;
  /** As it was handed to StartExecution, unchecked. */
  readonly input: unknown;
}

/** Where the rows are: the list of files or rows is written, and this is its size. */
type Listing = Pick<ImportSource, 'config' | 'split' | 'kind' | 'image_column' | 'list_lines' | 'list_bytes'>;

/**
 * Settles what a job imports, and writes it down for the steps after it: `source.json`, and the list of its files or of
 * its rows. Takes the dataset's lock.
 * @throws {BadInputError} for an input, URL, dataset, revision, config, split or column that is not there, or not ours
 * @throws {ConfigError} when the database or the bucket refuses our keys
 */
export async function resolveDataset(
  job: Job,
  deps: ResolveDatasetDeps,
): Promise<{ job_id: string; dataset_id: string }> {
  const input = parseImportInput(job.input);
  const named = parseDatasetUrl(input.hf_dataset_url);
  if (!(await deps.scenes.datasetExists(input.dataset_id))) {
    throw new BadInputError(`dataset_id ${input.dataset_id} is not in the table datasets; create its row first`);
  }
  await deps.checkImageBucket(job.jobId);
  await acquireLock(deps.runs, { datasetId: input.dataset_id, holder: job.executionArn }, deps.isRunning);

  const revision = input.revision ?? named.revision;
  const head = await deps.hub.datasetInfo({ repo: named.repo, revision });
  const wanted = { config: input.subset ?? named.config, split: input.split ?? named.split, revision };
  const found = await findDatasetFiles(deps.hub, head, wanted);
  const listing =
    found.kind === 'parquet'
      ? await listFiles(job.jobId, found, input, deps)
      : await listFolder(job.jobId, found, input, deps);

  const source: ImportSource = {
    job_id: job.jobId,
    dataset_id: input.dataset_id,
    repo: head.repo,
    revision: head.sha,
    ...listing,
    on_existing: input.on_existing,
    ...(input.max_images === undefined ? {} : { max_images: input.max_images }),
  };
  await deps.runs.put(sourceKey(job.jobId), JSON.stringify(source), 'application/json');
  deps.log.info('dataset resolved', { ...source });
  return { job_id: job.jobId, dataset_id: input.dataset_id };
}

async function listFiles(
  jobId: string,
  found: ParquetFiles,
  input: ImportInput,
  { hub, runs }: ResolveDatasetDeps,
): Promise<Listing> {
  const footer = await firstFooter(found, hub);
  const { column } = findImageColumn({
    features: featuresOfFooter(featuresJson(footer)) ?? found.features,
    schema: featuresOfSchema(footer),
    requested: input.image_column,
  });
  const lines = found.files.map(({ repo, revision, path }) =>
    toJsonLine({ repo, revision, path } satisfies SourceFile),
  );
  const list = lines.join('');
  await runs.put(filesKey(jobId), list, 'application/jsonl');
  return {
    config: found.config,
    split: found.split,
    kind: 'parquet',
    image_column: column,
    list_lines: lines.length,
    list_bytes: Buffer.byteLength(list),
  };
}

/** The metadata of the first file that can be read; files that cannot are told by the plan. */
async function firstFooter(found: ParquetFiles, hub: HubClient) {
  let unreadable: UnreadableFooter | undefined;
  for (const file of found.files) {
    try {
      return (await readFooter(hub.openFile(file))).metadata;
    } catch (error) {
      if (!(error instanceof UnreadableFooter)) throw error;
      unreadable ??= error;
    }
  }
  throw unreadable ?? new BadInputError(`split "${found.split}" of config "${found.config}" has no files`);
}

async function listFolder(
  jobId: string,
  folder: ImageFolder,
  input: ImportInput,
  { hub, runs, readParquetRows }: ResolveDatasetDeps,
): Promise<Listing> {
  const reading = { openFile: hub.openFile, readParquetRows };
  const features = await readFolderFeatures(folder, reading);
  const { column } = findImageColumn({ features, schema: features, requested: input.image_column });
  const size = { list_lines: 0, list_bytes: 0 };
  async function* lines(): AsyncGenerator<string> {
    for await (const { path, sizeBytes, metadata } of readFolderRows(folder, column, reading)) {
      const row: SourceFolderRow = { path, size_bytes: sizeBytes ?? 0, metadata: toJsonObject(metadata).attrs };
      const line = toJsonLine(row);
      size.list_lines += 1;
      size.list_bytes += Buffer.byteLength(line);
      yield line;
    }
  }
  await runs.putStream(rowsKey(jobId), lines(), 'application/jsonl');
  return { config: folder.config, split: folder.split, kind: 'rows', image_column: column, ...size };
}
