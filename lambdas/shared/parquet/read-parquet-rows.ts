import { BadInputError } from '../errors.ts';
import type { ByteSource } from '../hub/byte-source.ts';
import { toLayout } from './file-layout.ts';
import { readFooter } from './read-footer.ts';
import { readRows } from './read-rows.ts';

/** Every row of a small parquet file. @throws {BadInputError} for a row that cannot be read, too */
export async function* readParquetRows(source: ByteSource): AsyncGenerator<Readonly<Record<string, unknown>>> {
  const { schema, rowGroups } = toLayout((await readFooter(source)).metadata);
  let endRow = 0;
  const groups = rowGroups.map((layout) => {
    const firstRow = endRow;
    endRow += layout.rows;
    return { layout, firstRow };
  });
  for await (const batch of readRows(source, { schema, rowGroups: groups, firstRow: 0, endRow })) {
    for (const row of batch) {
      if ('error' in row) throw new BadInputError(`${source.path}: ${row.error.message}`, { cause: row.error });
      yield row.values;
    }
  }
}
