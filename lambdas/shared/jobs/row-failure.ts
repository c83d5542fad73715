/** Why a row was not imported; the closed set that `failures.jsonl` uses. */
export type FailureReason =
  | 'null_image' // the image is null, or its struct has neither bytes nor path
  | 'empty_image' // zero bytes
  | 'not_an_image' // the bytes are text, HTML, or a format that we do not store
  | 'corrupt_image' // the type is known, but the header cannot be read
  | 'too_many_bytes'
  | 'too_many_pixels'
  | 'missing_file' // a path into the repository, or a URL, that does not exist (404, 410)
  | 'bad_reference' // a path or URL that is malformed or leaves the repository
  | 'forbidden_address' // a URL that resolves to an address that is not public
  | 'unreachable' // a URL whose server fails or does not answer in time
  | 'unreadable_row' // the parquet page of the row is cut or corrupt
  | 'rejected_by_database' // Postgres refused the scene
  | 'crash' // the worker died on this row
  | 'out_of_memory'
  | 'timeout'
  | 'range_failed' // the whole range failed: the source, the bucket or the database was out of reach
  | 'no_result'; // the range left no result

/** One line of `failures.jsonl`. */
export interface RowFailure {
  /** Dataset-wide row index, from 0. */
  readonly index: number;
  readonly reason: FailureReason;
  /** One sentence for a person; never holds a secret or a signed URL. */
  readonly message: string;
  /** Which image: its path or URL without query, or `null` when the row does not say. */
  readonly image: string | null;
}

/** A row that cannot be imported, for a reason that another try will not change. Costs this row alone. */
export class RowError extends Error {
  override readonly name = 'RowError';
  readonly reason: FailureReason;

  constructor(reason: FailureReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}
