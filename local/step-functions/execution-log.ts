import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import type { Execution } from '../states/execution.ts';
import type { HistoryEvent } from '../states/history.ts';
import type { MapRun } from '../states/map-run.ts';

type Entry = { readonly start: Execution } | { readonly end: Execution; readonly mapRuns: readonly MapRun[] };

/** What the log knows of an execution. */
export interface LoggedExecution {
  execution: Execution;
  mapRuns: readonly MapRun[];
}

/**
 * Executions on disk, without the children of map runs: `executions.jsonl` has a line when one starts and one when it
 * has ended, `history/` a file of events for each. Lines are appended before a client is told, and never changed.
 */
export class ExecutionLog {
  readonly #folder: string;
  readonly #index: string;

  constructor(folder: string) {
    this.#folder = folder;
    this.#index = join(folder, 'executions.jsonl');
    mkdirSync(join(folder, 'history'), { recursive: true });
  }

  /** Every execution, oldest first. @throws Error that names the file and the line when it is corrupt. */
  load(): Map<string, LoggedExecution> {
    const known = new Map<string, LoggedExecution>();
    for (const entry of readLines<Entry>(this.#index)) {
      if ('start' in entry) known.set(entry.start.arn, { execution: entry.start, mapRuns: [] });
      else known.set(entry.end.arn, { execution: entry.end, mapRuns: entry.mapRuns });
    }
    return known;
  }

  started(execution: Execution): void {
    append(this.#index, { start: execution } satisfies Entry);
  }

  ended(execution: Execution, mapRuns: readonly MapRun[]): void {
    append(this.#index, { end: execution, mapRuns } satisfies Entry);
  }

  /** A function that appends events to the execution's history. */
  historyWriter(arn: string): (event: HistoryEvent) => void {
    const file = this.#historyFile(arn);
    return (event) => append(file, event);
  }

  history(arn: string): readonly HistoryEvent[] {
    return readLines<HistoryEvent>(this.#historyFile(arn));
  }

  /** Names may hold characters that file names may not. */
  #historyFile(arn: string): string {
    return join(this.#folder, 'history', `${createHash('sha256').update(arn).digest('hex').slice(0, 32)}.jsonl`);
  }
}

function append(file: string, value: unknown): void {
  appendFileSync(file, `${JSON.stringify(value)}\n`);
}

/** A last line without its end was being written when the process died: it is cut off. */
function readLines<T>(file: string): T[] {
  if (!existsSync(file)) return [];
  const bytes = readFileSync(file);
  const end = bytes.lastIndexOf('\n') + 1;
  if (end < bytes.length) truncateSync(file, end);
  const lines = bytes.toString('utf8', 0, end).split('\n').slice(0, -1);
  return lines.map((line, i) => {
    try {
      return JSON.parse(line);
    } catch (error) {
      throw new Error(`${file} is corrupt: line ${i + 1} is not JSON; move it away to start without it`, {
        cause: error,
      });
    }
  });
}
