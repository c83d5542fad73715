import {
  type HistoryEvent,
  ListMapRunsCommand,
  paginateGetExecutionHistory,
  paginateListExecutions,
} from '@aws-sdk/client-sfn';
import type { TestStack } from './test-stack.ts';

export interface Visits {
  /** How often each state was entered. */
  readonly entered: Readonly<Record<string, number>>;
  /** Lambda invocations, tries again included. */
  readonly invocations: number;
}

/** What an execution itself went through. */
export async function visits({ states }: TestStack, executionArn: string): Promise<Visits> {
  const events: HistoryEvent[] = [];
  for await (const page of paginateGetExecutionHistory({ client: states }, { executionArn })) {
    events.push(...(page.events ?? []));
  }
  const names = events.flatMap(({ stateEnteredEventDetails }) => stateEnteredEventDetails?.name ?? []);
  const entered = Object.entries(Object.groupBy(names, (name) => name)).map(([name, all]) => [name, all?.length ?? 0]);
  return {
    entered: Object.fromEntries(entered),
    invocations: events.filter(({ type }) => type === 'LambdaFunctionScheduled').length,
  };
}

/** What each child execution of an import went through; one a range. */
export async function childVisits(stack: TestStack, executionArn: string): Promise<Visits[]> {
  const { states } = stack;
  const { mapRuns = [] } = await states.send(new ListMapRunsCommand({ executionArn }));
  const children: Visits[] = [];
  for (const { mapRunArn } of mapRuns) {
    for await (const { executions = [] } of paginateListExecutions({ client: states }, { mapRunArn })) {
      for (const child of executions) children.push(await visits(stack, child.executionArn ?? ''));
    }
  }
  return children;
}
