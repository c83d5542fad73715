import { messageOf } from '../errors.ts';

/**
 * The bytes of a file contradict the format. Internal to the reader: it becomes the `RowError` of the rows that it costs,
 * or a `BadInputError` when the footer itself is wrong.
 */
export class CorruptDataError extends Error {
  override readonly name = 'CorruptDataError';
}

/** Makes whatever corrupt bytes can do to a decoder an error of our own. */
export function asCorrupt<T>(decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    if (error instanceof CorruptDataError) throw error;
    throw new CorruptDataError(messageOf(error), { cause: error });
  }
}
