/**
 * The bytes of a file contradict the format. Internal to the reader: it becomes the `RowError` of the rows that it costs,
 * or a `BadInputError` when the footer itself is wrong.
 */
export class CorruptDataError extends Error {
  override readonly name = 'CorruptDataError';
}
