import { tmpdir } from 'node:os';
import type { SchemaElement, SchemaTree } from 'hyparquet';
import { BadInputError, messageOf } from '../errors.ts';
import type { ByteSource } from '../hub/byte-source.ts';
import type { ReadRow, RowBatches } from '../jobs/row-source.ts';
import type { Log } from '../log.ts';
import { collect } from './byte-streams.ts';
import { planFetches } from './fetch-plan.ts';
import { Fetcher } from './fetcher.ts';
import type { ChunkLayout, RowGroupLayout } from './file-layout.ts';
import { loadOffsetIndexes } from './load-offset-indexes.ts';
import { oneAhead } from './one-ahead.ts';
import { type PagePosition, type PageTrail, positionCheck } from './page-trail.ts';
import { chunksToIndex, type LeafPlan, planLeaf, type RowGroupRequest, wantedRuns } from './read-plan.ts';
import { RowGroupReader } from './row-group-reader.ts';
import { type Leaf, leavesBelow, leavesOf, schemaTree } from './schema-leaves.ts';

export interface ReadRowsRequest {
  readonly schema: readonly SchemaElement[];
  /** In ascending order; `firstRow` is dataset-wide. Rows outside of them are not given. */
  readonly rowGroups: readonly { readonly layout: RowGroupLayout; readonly firstRow: number }[];
  /** Dataset-wide, from 0. */
  readonly firstRow: number;
  /** Dataset-wide, exclusive. */
  readonly endRow: number;
  /** Rows that are left out when it says `false`; pages without a wanted row are not fetched if an index tells where they lie. */
  readonly wanted?: (index: number) => boolean;
  /** Where reading goes on when it knows of pages before the first wanted row, and what remembers the pages read. */
  readonly trail?: PageTrail;
  /** Top-level columns. @default all */
  readonly columns?: readonly string[];
  /** Bound of what is held in memory at a time, in bytes, roughly. @default 32 MB */
  readonly windowBytes?: number;
  /** For pages that are larger than the window. @default the system's folder for temporary files */
  readonly scratchDir?: string;
}

const WINDOW_BYTES = 32 * 1024 * 1024;

/**
 * Reads rows of a parquet file in order. Rows that cannot be read come as `UnreadableRow`, in their place.
 * Values are lossless (see `losslessConverter`); bytes are views, structs have no prototype.
 * @throws {BadInputError} when the schema is none or lacks a column that is asked for; and what `source` throws.
 */
export function readRows(source: ByteSource, request: ReadRowsRequest, log?: Log): RowBatches {
  const abort = new AbortController();
  return oneAhead(batches(source, request, abort.signal, log), () => abort.abort());
}

async function* batches(
  source: ByteSource,
  request: ReadRowsRequest,
  signal: AbortSignal,
  log: Log | undefined,
): AsyncGenerator<readonly ReadRow[]> {
  const windowBytes = request.windowBytes ?? WINDOW_BYTES;
  const { columns, leaves } = chooseColumns(source.path, request);
  const range = { start: request.firstRow, end: request.endRow };
  const groups = request.rowGroups
    .map(({ layout, firstRow }) => ({
      layout,
      firstRow,
      runs: wantedRuns(layout.rows, firstRow, range, request.wanted),
    }))
    .filter(({ runs }) => runs.length > 0);
  const plans = await planGroups(source, groups, leaves, request.trail, log);
  const fetcher = new Fetcher(source, planFetches(plans, windowBytes), signal);
  try {
    for (const [i, group] of groups.entries()) {
      await fetcher.enter(i);
      const reader = new RowGroupReader({
        path: source.path,
        group,
        columns,
        leaves: plans[i] ?? [],
        fetcher,
        trail: request.trail,
        windowBytes,
        scratchDir: request.scratchDir ?? tmpdir(),
        log,
      });
      try {
        yield* reader.batches();
      } finally {
        await reader.close();
      }
    }
  } finally {
    await fetcher.close();
  }
}

/** A leaf that is read, with its place among the chunks of a row group. */
interface ChosenLeaf {
  readonly leaf: Leaf;
  readonly index: number;
}

function chooseColumns(
  path: string,
  { schema, columns: names }: ReadRowsRequest,
): { columns: SchemaTree[]; leaves: ChosenLeaf[] } {
  const tree = treeOf(path, schema);
  const unknown = names?.find((name) => !tree.children.some(({ element }) => element.name === name));
  if (unknown !== undefined) throw new BadInputError(`${path} has no column "${unknown}"`);
  const columns = tree.children.filter(({ element }) => !names || names.includes(element.name));
  const chosen = new Set(columns.flatMap((column) => leavesBelow(column, 0, 0)).map(({ element }) => element));
  const leaves = leavesOf(tree).map((leaf, index) => ({ leaf, index }));
  return { columns, leaves: leaves.filter(({ leaf }) => chosen.has(leaf.element)) };
}

function treeOf(path: string, schema: readonly SchemaElement[]): SchemaTree {
  try {
    return schemaTree(schema);
  } catch (error) {
    throw new BadInputError(`${path} has a corrupt schema: ${messageOf(error)}`, { cause: error });
  }
}

async function planGroups(
  source: ByteSource,
  groups: readonly RowGroupRequest[],
  leaves: readonly ChosenLeaf[],
  trail: PageTrail | undefined,
  log: Log | undefined,
): Promise<LeafPlan[][]> {
  const chosen = groups.map((group) => {
    const chunks = leaves.flatMap(({ leaf, index }) => {
      const chunk = group.layout.chunks[index];
      if (!chunk) throw new BadInputError(`${source.path}: a row group lacks the column ${leaf.path.join('.')}`);
      return [{ leaf, chunk }];
    });
    return {
      group,
      chunks,
      indexed: chunksToIndex(
        group,
        chunks.map(({ chunk }) => chunk),
      ),
    };
  });
  const toLoad = chosen.flatMap(({ group, indexed }) =>
    [...indexed].map((chunk) => ({ chunk, rows: group.layout.rows })),
  );
  const indexes = await loadOffsetIndexes(source.path, toLoad, (range) => collect(source, ...range), log);
  return chosen.map(({ group, chunks }) =>
    chunks.map(({ leaf, chunk }) =>
      planLeaf(leaf, chunk, group.runs, indexes.get(chunk), knownPosition(source.path, trail, group, chunk)),
    ),
  );
}

/** Where the chunk can be read on for the first wanted row, if the trail knows a place in it. */
function knownPosition(
  path: string,
  trail: PageTrail | undefined,
  { firstRow, runs }: RowGroupRequest,
  chunk: ChunkLayout,
): PagePosition | undefined {
  const page = trail?.find(firstRow, chunk.range[0], runs[0]?.start ?? 0);
  return page && page.check === positionCheck(path, chunk, page) ? page : undefined;
}
