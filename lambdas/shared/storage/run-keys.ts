/**
 * Keys of the run bucket. A job's objects lie below its own prefix and expire together; locks lie apart. Numbers of
 * ranges have six digits, so that a listing is in the order of the dataset.
 */
const run = (jobId: string, path: string): string => `runs/${jobId}/${path}`;
const sixDigits = (number: number): string => String(number).padStart(6, '0');

/** What ResolveDataset found: repository, pinned revision, columns. */
export const sourceKey = (jobId: string): string => run(jobId, 'source.json');
/** The files that hold the rows, one a line, in dataset order. */
export const filesKey = (jobId: string): string => run(jobId, 'import/files.jsonl');
/** The rows of an image folder, one a line. */
export const rowsKey = (jobId: string): string => run(jobId, 'import/rows.jsonl');

export const planKey = (jobId: string): string => run(jobId, 'plan.json');
/** One row range a line. */
export const manifestKey = (jobId: string): string => run(jobId, 'import/manifest.jsonl');
/** What the plan keeps of one file's footer. @param file the file's position in the dataset, from 0 */
export const filePlanKey = (jobId: string, file: number): string => run(jobId, `import/files/${sixDigits(file)}.json`);
/** Where the pages of one file lie. @param file the file's position in the dataset, from 0 */
export const layoutKey = (jobId: string, file: number): string => run(jobId, `import/layouts/${sixDigits(file)}.jsonl`);

/** The one result of a range; a later attempt overwrites it. @param range its number in the manifest, from 0 */
export const resultKey = (jobId: string, range: number): string =>
  run(jobId, `import/results/${sixDigits(range)}.json`);
/** Results of the pieces into which a range was cut to isolate a row lie below this prefix. */
export const pieceResultsPrefix = (jobId: string, range: number): string =>
  run(jobId, `import/results/${sixDigits(range)}/`);
/** @param rows dataset-wide indexes, both inclusive */
export const pieceResultKey = (jobId: string, range: number, rows: { first: number; last: number }): string =>
  `${pieceResultsPrefix(jobId, range)}${rows.first}-${rows.last}.json`;

export const summaryKey = (jobId: string): string => run(jobId, 'summary.json');
/** One failed row a line. */
export const failuresKey = (jobId: string): string => run(jobId, 'failures.jsonl');

/** Held by the one job that may work on a dataset; the object's text is its execution's ARN. */
export const lockKey = (datasetId: string): string => `locks/${datasetId}`;
