import { expect, it } from 'vitest';
import {
  layoutKey,
  lockKey,
  manifestKey,
  pieceResultKey,
  pieceResultsPrefix,
  resultKey,
} from '../../../../lambdas/shared/storage/run-keys.ts';

it('lays out a job below its own prefix, in the order of the ranges', () => {
  expect(manifestKey('j')).toBe('runs/j/import/manifest.jsonl');
  expect(layoutKey('j', 12)).toBe('runs/j/import/layouts/000012.jsonl');
  expect([resultKey('j', 10), resultKey('j', 9)].sort()).toEqual([resultKey('j', 9), resultKey('j', 10)]);
  expect(pieceResultKey('j', 7, { first: 500, last: 524 })).toBe('runs/j/import/results/000007/500-524.json');
  expect(resultKey('j', 7).startsWith(pieceResultsPrefix('j', 7))).toBe(false);
  expect(lockKey('d')).toBe('locks/d');
});
