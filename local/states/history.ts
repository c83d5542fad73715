import { StatesFailure } from './failures.ts';
import type { Json } from './json.ts';

/** An event as GetExecutionHistory gives it; the timestamp is in seconds since the epoch. */
export interface HistoryEvent {
  readonly timestamp: number;
  readonly type: string;
  readonly id: number;
  readonly previousEventId: number;
  readonly [details: string]: unknown;
}

/** The service's limit for a standard execution. */
const MAX_EVENTS = 25_000;
const NO_DETAILS = new Set(['LambdaFunctionStarted', 'ParallelStateStarted', 'ParallelStateSucceeded']);

function detailsKey(type: string): string {
  const shared = /State(Entered|Exited)$/.exec(type)?.[1];
  return `${shared ? `state${shared}` : type.charAt(0).toLowerCase() + type.slice(1)}EventDetails`;
}

/** An execution's events, in order. */
export class History {
  #events: HistoryEvent[] = [];
  readonly #now: () => number;
  readonly #written: ((event: HistoryEvent) => void) | undefined;

  /** `written` is told of each event as it is recorded. */
  constructor(now: () => number, written?: (event: HistoryEvent) => void) {
    this.#now = now;
    this.#written = written;
  }

  get events(): readonly HistoryEvent[] {
    return this.#events;
  }

  add(type: string, details: object | undefined, previousEventId: number): number {
    if (this.#events.length >= MAX_EVENTS) return MAX_EVENTS;
    if (this.#events.length === MAX_EVENTS - 1 && !type.startsWith('Execution')) {
      const cause = `The execution reached the maximum number of history events (${MAX_EVENTS}).`;
      throw new StatesFailure('States.Runtime', cause, 'never');
    }
    const id = this.#events.length + 1;
    const hasDetails = details !== undefined && !NO_DETAILS.has(type);
    const event: HistoryEvent = {
      timestamp: this.#now() / 1000,
      type,
      id,
      previousEventId,
      ...(hasDetails ? { [detailsKey(type)]: details } : {}),
    };
    this.#events.push(event);
    this.#written?.(event);
    return id;
  }
}

/** A line of events that follow one another: an execution has one, and each branch or iteration another. */
export class Trail {
  readonly history: History;
  last: number;

  constructor(history: History, last = 0) {
    this.history = history;
    this.last = last;
  }

  record(type: string, details?: object): number {
    this.last = this.history.add(type, details, this.last);
    return this.last;
  }

  fork(): Trail {
    return new Trail(this.history, this.last);
  }
}

/** A payload in an event's details. */
export function payload(key: 'input' | 'output', value: Json, text = JSON.stringify(value)): object {
  return { [key]: text, [`${key}Details`]: { truncated: false } };
}

/** An error in an event's details, without what it has not. */
export function faultOf({ error, cause }: { error?: string | undefined; cause?: string | undefined }): object {
  return { ...(error === undefined ? {} : { error }), ...(cause === undefined ? {} : { cause }) };
}
