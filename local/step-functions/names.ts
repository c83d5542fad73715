import { ApiError } from './api-error.ts';

/** What the service refuses in the name of a state machine or an execution, which is 80 characters long at most. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
const REFUSED = /[\s<>{}[\]?*"#%\\^|~`$&,;:/\u0000-\u001f\u007f-\u009f\ufffe\uffff]|\p{Surrogate}/u;

/** @throws {ApiError} `InvalidName` */
export function checkName(name: unknown): string {
  if (typeof name === 'string' && name.length >= 1 && name.length <= 80 && !REFUSED.test(name)) return name;
  throw new ApiError('InvalidName', `Invalid Name: '${name}'`);
}

/** Kinds of resources, as their ARNs name them. */
export type ArnKind = 'stateMachine' | 'execution' | 'mapRun';

const PARTS: Record<ArnKind, RegExp> = {
  stateMachine: /^[^:]+$/,
  execution: /^[^:]+:[^:]+$/,
  mapRun: /^[^:/]+\/[^:]+:[^:]+$/,
};

/** @throws {ApiError} `InvalidArn` when `arn` is not one of its kind. */
export function checkArn(arn: unknown, kind: ArnKind): string {
  const [, found, rest = ''] = /^arn:aws[\w-]*:states:[\w-]+:\d{12}:(\w+):(.+)$/s.exec(String(arn)) ?? [];
  if (typeof arn === 'string' && found === kind && PARTS[kind].test(rest)) return arn;
  throw new ApiError('InvalidArn', `Invalid Arn: '${arn}'`);
}
