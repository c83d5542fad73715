import { RuntimeFailure } from './failures.ts';
import { isObject, type Json } from './json.ts';
import { select } from './json-path.ts';

/** A rule of a Choice state, or a part of one. */
export interface ChoiceRule {
  readonly Next?: string;
  readonly Variable?: string;
  readonly And?: readonly ChoiceRule[];
  readonly Or?: readonly ChoiceRule[];
  readonly Not?: ChoiceRule;
  readonly [operator: string]: unknown;
}

const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;

/** Whether `value` is a timestamp as the States language has it: RFC 3339 with capital T and Z. */
export function isTimestamp(value: unknown): value is string {
  return typeof value === 'string' && TIMESTAMP.test(value) && !Number.isNaN(Date.parse(value));
}

const TYPE_TESTS: Record<string, (value: Json | undefined) => boolean> = {
  IsPresent: (value) => value !== undefined,
  IsNull: (value) => value === null,
  IsString: (value) => typeof value === 'string',
  IsNumeric: (value) => typeof value === 'number',
  IsBoolean: (value) => typeof value === 'boolean',
  IsTimestamp: isTimestamp,
};

/** What makes a value comparable with one of its kind; `undefined` for a value of another kind. */
const KINDS: Record<string, (value: unknown) => string | number | boolean | undefined> = {
  String: (value) => (typeof value === 'string' ? value : undefined),
  Numeric: (value) => (typeof value === 'number' ? value : undefined),
  Boolean: (value) => (typeof value === 'boolean' ? value : undefined),
  Timestamp: (value) => (isTimestamp(value) ? Date.parse(value) : undefined),
};

type Comparable = string | number | boolean;
const COMPARISONS: Record<string, (left: Comparable, right: Comparable) => boolean> = {
  Equals: (left, right) => left === right,
  LessThan: (left, right) => left < right,
  LessThanEquals: (left, right) => left <= right,
  GreaterThan: (left, right) => left > right,
  GreaterThanEquals: (left, right) => left >= right,
};
const COMPARISON = /^(String|Numeric|Boolean|Timestamp)(Equals|(?:Less|Greater)Than(?:Equals)?)(Path)?$/;

/** Whether a rule holds for the state's input. */
export function holds(rule: ChoiceRule, input: Json, context: Json): boolean {
  if (rule.And) return rule.And.every((part) => holds(part, input, context));
  if (rule.Or) return rule.Or.some((part) => holds(part, input, context));
  if (rule.Not) return !holds(rule.Not, input, context);
  const operator = Object.keys(rule).find(
    (key) => key in TYPE_TESTS || key === 'StringMatches' || COMPARISON.test(key),
  );
  if (operator === undefined) throw new RuntimeFailure('The choice rule has no operator.');
  const value = valueAt(rule.Variable ?? '$', input, context, operator === 'IsPresent');
  const wanted = rule[operator];
  const typeTest = TYPE_TESTS[operator];
  if (typeTest) return typeTest(value) === wanted;
  if (operator === 'StringMatches') {
    return typeof value === 'string' && typeof wanted === 'string' && matcher(wanted).test(value);
  }
  const [, kind = '', comparison = '', byPath] = COMPARISON.exec(operator) ?? [];
  const left = KINDS[kind]?.(value);
  const right = KINDS[kind]?.(byPath ? valueAt(String(wanted), input, context, false) : wanted);
  return left !== undefined && right !== undefined && COMPARISONS[comparison]?.(left, right) === true;
}

function valueAt(path: string, input: Json, context: Json, optional: boolean): Json | undefined {
  const found = select(path, input, context);
  if ('value' in found) return found.value;
  if (optional) return undefined;
  throw new RuntimeFailure(`Invalid path '${path}': The choice state's condition path references an invalid value.`);
}

/** `*` stands for any characters, `\*` for itself. */
function matcher(pattern: string): RegExp {
  const source = pattern.replace(/\\([*\\])|\*|[\^$+?.()|[\]{}/\\-]/g, (char, escaped: string | undefined) => {
    if (escaped !== undefined) return `\\${escaped}`;
    return char === '*' ? '[^]*' : `\\${char}`;
  });
  return new RegExp(`^${source}$`);
}

/** The state that the first rule that holds leads to. */
export function choose(rules: readonly ChoiceRule[], input: Json, context: Json): string | undefined {
  return rules.find((rule) => isObject(rule) && holds(rule, input, context))?.Next;
}
