import type { Execution } from '../states/execution.ts';
import type { History } from '../states/history.ts';

/** The children that ended last keep their input, output and history. */
const DETAILED = 1_000;
/** Those that ended before them are still listed and described, without; beyond this many they are forgotten. */
const LISTED = 100_000;
const CAUSE_LENGTH = 256;

export interface Child {
  readonly execution: Omit<Execution, 'input'> & { readonly input?: string };
  readonly history?: History;
}

/** The child executions of all map runs, in memory only, in a bounded amount of it. */
export class ChildExecutions {
  readonly #children = new Map<string, Child>();
  readonly #detailed = new Set<string>();
  readonly #brief = new Set<string>();

  start(execution: Execution, history: History): void {
    this.#children.set(execution.arn, { execution, history });
  }

  end({ arn }: Execution): void {
    this.#detailed.add(arn);
    const old = takeFirst(this.#detailed, DETAILED);
    const child = old === undefined ? undefined : this.#children.get(old);
    if (old === undefined || !child) return;
    const { input, output, cause, ...rest } = child.execution;
    this.#children.set(old, { execution: { ...rest, cause: cause?.slice(0, CAUSE_LENGTH) } });
    this.#brief.add(old);
    const oldest = takeFirst(this.#brief, LISTED);
    if (oldest !== undefined) this.#children.delete(oldest);
  }

  get(arn: string): Child | undefined {
    return this.#children.get(arn);
  }

  of(mapRunArn: string): Child['execution'][] {
    return [...this.#children.values()].map((one) => one.execution).filter((one) => one.mapRunArn === mapRunArn);
  }
}

function takeFirst(set: Set<string>, limit: number): string | undefined {
  if (set.size <= limit) return undefined;
  const [first] = set;
  if (first !== undefined) set.delete(first);
  return first;
}
