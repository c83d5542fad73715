import type { SchemaTree } from 'hyparquet';
import { messageOf } from '../errors.ts';
import { RowError } from '../jobs/row-failure.ts';
import type { ReadRow } from '../jobs/row-source.ts';
import type { Log } from '../log.ts';
import { rangesBytes } from './coalesce.ts';
import type { Fetcher } from './fetcher.ts';
import type { ChunkLayout } from './file-layout.ts';
import { LeafCursor } from './leaf-cursor.ts';
import { LeafReader } from './leaf-reader.ts';
import { loadOffsetIndexes } from './load-offset-indexes.ts';
import type { IndexedPage } from './offset-index.ts';
import { type PageTrail, positionCheck } from './page-trail.ts';
import type { LeafPlan, RowGroupRequest } from './read-plan.ts';
import { columnReader, type ReadValue } from './row-assembler.ts';

export interface RowGroupContext {
  readonly path: string;
  readonly group: RowGroupRequest;
  /** Top-level columns to read. */
  readonly columns: readonly SchemaTree[];
  /** Their leaves, in schema order. */
  readonly leaves: readonly LeafPlan[];
  readonly fetcher: Fetcher;
  readonly trail: PageTrail | undefined;
  readonly windowBytes: number;
  readonly scratchDir: string;
  readonly log: Log | undefined;
}

/** Enough for the database's bulk writes, and few enough for bookkeeping to stay small. */
const MAX_BATCH_ROWS = 256;

interface ReadLeaf {
  readonly reader: LeafReader;
  readonly cursor: LeafCursor;
}

/** Reads the wanted rows of one row group: its leaves advance together, in batches that the window bounds. */
export class RowGroupReader {
  readonly #context: RowGroupContext;
  readonly #leaves: readonly ReadLeaf[];
  readonly #columns: readonly (readonly [name: string, read: ReadValue])[];

  constructor(context: RowGroupContext) {
    this.#context = context;
    const leaves = context.leaves.map((plan) => ({
      reader: this.#leafReader(plan),
      cursor: new LeafCursor(plan.leaf.maxDefinition),
    }));
    this.#leaves = leaves;
    let next = 0;
    const cursorOf = (node: SchemaTree): LeafCursor => {
      const leaf = leaves[next++];
      if (!leaf) throw new Error(`no leaf for ${node.path.join('.')}`);
      return leaf.cursor;
    };
    this.#columns = context.columns.map((column) => [column.element.name, columnReader(column, cursorOf)]);
  }

  async *batches(): AsyncGenerator<readonly ReadRow[]> {
    const maxBytes = this.#context.windowBytes / 8;
    let batch: ReadRow[] = [];
    let bytes = 0;
    for (const run of this.#context.group.runs) {
      for (let { start } = run; start < run.end; ) {
        for (const { reader } of this.#leaves) await reader.queue.skipTo(start);
        let end = Math.min(run.end, start + MAX_BATCH_ROWS - batch.length);
        for (const { reader } of this.#leaves) end = await reader.fit(end, maxBytes - bytes);
        for (const { reader } of this.#leaves) await reader.queue.loadTo(end);
        bytes += this.#append(batch, start, end);
        start = end;
        if (bytes < maxBytes && batch.length < MAX_BATCH_ROWS) continue;
        yield batch;
        batch = [];
        bytes = 0;
      }
    }
    if (batch.length > 0) yield batch;
  }

  async close(): Promise<void> {
    for (const { reader } of this.#leaves) await reader.close();
  }

  /** Appends rows that `fit` has found uniform: all readable, or none. @returns their bytes, roughly. */
  #append(batch: ReadRow[], start: number, end: number): number {
    const { firstRow } = this.#context.group;
    const broken = this.#leaves.find(({ reader }) => reader.queue.error);
    if (broken?.reader.queue.error) {
      for (let row = start; row < end; row++) batch.push({ index: firstRow + row, error: broken.reader.queue.error });
      return 0;
    }
    for (let row = start; row < end; row++) batch.push(this.#read(row));
    return this.#leaves.reduce((sum, { reader }) => sum + reader.queue.bytesTo(end), 0);
  }

  #read(row: number): ReadRow {
    const index = this.#context.group.firstRow + row;
    try {
      for (const { reader, cursor } of this.#leaves) reader.queue.seek(row, cursor);
      const values: Record<string, unknown> = Object.create(null);
      for (const [name, read] of this.#columns) values[name] = read();
      if (this.#leaves.some(({ cursor }) => !cursor.done)) throw new Error('its columns have different lengths');
      return { index, values };
    } catch (error) {
      const message = `${this.#context.path}: row ${index} cannot be read: ${messageOf(error)}`;
      return { index, error: new RowError('unreadable_row', message, { cause: error }) };
    }
  }

  #leafReader({ leaf, chunk, pages, from }: LeafPlan): LeafReader {
    const { path, group, fetcher, trail, scratchDir } = this.#context;
    return new LeafReader({
      leaf,
      chunk,
      pages,
      from,
      remember: (page) => trail?.add(group.firstRow, { ...page, check: positionCheck(path, chunk, page) }),
      rows: group.layout.rows,
      endRow: group.runs.at(-1)?.end ?? 0,
      name: `${path}: column ${leaf.path.join('.')} of the row group from row ${group.firstRow}`,
      open: (range) => fetcher.open(range),
      readIndex: () => this.#readIndex(chunk),
      maxPageBytes: this.#maxPageBytes(),
      scratchDir,
    });
  }

  /** Leaves that may have large pages share the window. */
  #maxPageBytes(): number {
    const { leaves, windowBytes } = this.#context;
    const large = leaves.filter(({ ranges }) => rangesBytes(ranges) > windowBytes / 4).length;
    return windowBytes / Math.max(1, large);
  }

  /** The offset index of a chunk that was to be read without it. */
  async #readIndex(chunk: ChunkLayout): Promise<readonly IndexedPage[] | undefined> {
    const { path, group, fetcher, log } = this.#context;
    const indexes = await loadOffsetIndexes(
      path,
      [{ chunk, rows: group.layout.rows }],
      (range) => fetcher.gather(range),
      log,
    );
    return indexes.get(chunk);
  }
}
