import { isTimestamp } from './choice.ts';
import { RuntimeFailure } from './failures.ts';
import type { Visit } from './interpreter.ts';
import { selectPath } from './json-path.ts';

/** A Wait state. */
export async function waitFor(visit: Visit): Promise<void> {
  const { clock } = visit.run.deps;
  const ms = visit.state.Timestamp || visit.state.TimestampPath ? until(visit) - clock.now() : seconds(visit) * 1000;
  if (ms > 0) await clock.sleep(ms, visit.signal);
}

function until({ state, input, context }: Visit): number {
  const value = state.TimestampPath ? selectPath(state.TimestampPath, input, context) : state.Timestamp;
  if (isTimestamp(value)) return Date.parse(value);
  const what = `The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format string`;
  throw new RuntimeFailure(`${what}: ${state.TimestampPath} == ${JSON.stringify(value)}`);
}

function seconds({ state, input, context }: Visit): number {
  if (!state.SecondsPath) return state.Seconds ?? 0;
  const value = selectPath(state.SecondsPath, input, context);
  const found = `${state.SecondsPath} == ${JSON.stringify(value)}`;
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) {
    throw new RuntimeFailure(`The SecondsPath parameter cannot be parsed as a long value: ${found}`);
  }
  if (value < 0) throw new RuntimeFailure(`The SecondsPath parameter references a negative value: ${found}`);
  return value;
}
