import { coalesce, rangesBytes } from './coalesce.ts';
import type { Range } from './file-layout.ts';
import type { LeafPlan } from './read-plan.ts';

/** Row groups that are entered together, and what is fetched to memory for them. */
export interface FetchBatch {
  /** Position of the last one. */
  readonly lastGroup: number;
  readonly requests: readonly Range[];
}

export interface FetchPlan {
  readonly batches: readonly FetchBatch[];
  /** Requests that are streamed, ascending as they will be read. */
  readonly streamed: readonly Range[];
  /** What is neither in memory nor streamed comes by pieces of this size. */
  readonly pieceBytes: number;
}

/** Part of the bytes used that may be fetched for nothing, to save requests. */
const WASTE = 0.02;
const MIN_PIECE_BYTES = 1024 * 1024;

/**
 * Decides which bytes come by which request. Small row groups come together, whole. Of a large one, the leaf with the most
 * bytes (the images) is streamed, by one request as far as its bytes lie close together; small leaves are fetched beside
 * it, as many as the window allows; other large leaves come in pieces.
 * @param groups the leaves of each row group, in the order in which they will be read.
 */
export function planFetches(groups: readonly (readonly LeafPlan[])[], windowBytes: number): FetchPlan {
  const besideBytes = windowBytes / 4;
  const main = mainLeaf(groups);
  const streamed: Range[] = [];
  const batches: FetchBatch[] = [];
  let inPieces = 0;
  for (let first = 0; first < groups.length; ) {
    const count = smallGroups(groups, first, besideBytes);
    const leaves = groups.slice(first, first + Math.max(1, count)).flat();
    const others = leaves.filter((_, i) => i !== main);
    const beside = count > 0 ? leaves : smallest(others, besideBytes);
    const ranges = beside.flatMap((leaf) => leaf.ranges);
    first += Math.max(1, count);
    batches.push({ lastGroup: first - 1, requests: coalesce(ranges, bytesOf(leaves) * WASTE) });
    if (count > 0) continue;
    streamed.push(...(leaves[main]?.ranges ?? []));
    inPieces = Math.max(inPieces, others.length - beside.length);
  }
  return {
    batches,
    streamed: coalesce(streamed, rangesBytes(streamed) * WASTE),
    pieceBytes: Math.max(MIN_PIECE_BYTES, Math.floor(besideBytes / Math.max(1, inPieces))),
  };
}

/** How many row groups from `first` fit into `maxBytes` together. */
function smallGroups(groups: readonly (readonly LeafPlan[])[], first: number, maxBytes: number): number {
  let bytes = 0;
  const end = groups.findIndex((leaves, i) => {
    if (i >= first) bytes += bytesOf(leaves);
    return bytes > maxBytes;
  });
  return (end < 0 ? groups.length : end) - first;
}

function bytesOf(leaves: readonly LeafPlan[]): number {
  return leaves.reduce((sum, { ranges }) => sum + rangesBytes(ranges), 0);
}

/** Position of the leaf with the most bytes. */
function mainLeaf(groups: readonly (readonly LeafPlan[])[]): number {
  const totals: number[] = [];
  for (const leaves of groups) {
    for (const [i, { ranges }] of leaves.entries()) totals[i] = (totals[i] ?? 0) + rangesBytes(ranges);
  }
  return totals.indexOf(Math.max(0, ...totals));
}

/** As many of the leaves, small ones first, as fit into `maxBytes`. */
function smallest(leaves: readonly LeafPlan[], maxBytes: number): LeafPlan[] {
  let bytes = 0;
  return leaves
    .toSorted((a, b) => rangesBytes(a.ranges) - rangesBytes(b.ranges))
    .filter(({ ranges }) => {
      bytes += rangesBytes(ranges);
      return bytes <= maxBytes;
    });
}
