import type { Range } from './file-layout.ts';

/** A gap that is cheaper to read over than to ask anew for, at any budget. */
const MAX_GAP_BYTES = 1024 * 1024;

/**
 * Merges ranges into few requests: those that touch or overlap, and across the smallest gaps as long as the bytes that
 * nobody asked for stay within `wasteBytes` in all.
 */
export function coalesce(ranges: readonly Range[], wasteBytes: number): Range[] {
  const merged = mergeAcross(ranges, 0);
  const gaps = merged.slice(1).map(([start], i) => start - (merged[i]?.[1] ?? start));
  let spent = 0;
  let maxGap = 0;
  for (const gap of gaps.toSorted((a, b) => a - b)) {
    spent += gap;
    if (spent > wasteBytes || gap > MAX_GAP_BYTES) break;
    maxGap = gap;
  }
  // Gaps of the same size as the last affordable one might break the budget together.
  while (gaps.reduce((sum, gap) => (gap <= maxGap ? sum + gap : sum), 0) > wasteBytes) maxGap--;
  return mergeAcross(merged, maxGap);
}

export function rangesBytes(ranges: readonly Range[]): number {
  return ranges.reduce((sum, [start, end]) => sum + end - start, 0);
}

function mergeAcross(ranges: readonly Range[], maxGap: number): Range[] {
  const merged: Range[] = [];
  for (const [start, end] of ranges.toSorted(([a], [b]) => a - b)) {
    const last = merged.at(-1);
    if (end <= start) continue;
    if (last && start <= last[1] + maxGap) merged[merged.length - 1] = [last[0], Math.max(last[1], end)];
    else merged.push([start, end]);
  }
  return merged;
}
