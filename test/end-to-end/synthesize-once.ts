import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { type Synthesized, synthesize } from '../../local/stack/synthesize.ts';

declare module 'vitest' {
  interface ProvidedContext {
    synthesized: Synthesized;
  }
}

/** Bundles the handlers once for all test files. */
export default function setup(project: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'modomo-synth-'));
  project.provide('synthesized', synthesize(folder));
  return () => rmSync(folder, { recursive: true });
}
