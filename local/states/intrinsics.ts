import { createHash, randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { IntrinsicFailure, RuntimeFailure } from './failures.ts';
import { isArray, isObject, type Json } from './json.ts';
import { select } from './json-path.ts';

type Expression =
  | { readonly kind: 'value'; readonly value: Json }
  | { readonly kind: 'path'; readonly path: string }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Expression[]; readonly text: string };

const MAX_TEXT = 10_000;
const parsed = new Map<string, Expression>();

/** Whether `text` calls an intrinsic function rather than being a path. */
export function isIntrinsic(text: string): boolean {
  return text.startsWith('States.');
}

/** @throws {IntrinsicFailure} when `text` is not a call of a function that exists. */
function parseIntrinsic(text: string): Expression {
  const known = parsed.get(text);
  if (known) return known;
  const tokens = text.match(/'(?:[^'\\]|\\.)*'|[(),]|[^\s(),'[]+(?:\[[^\]]*\][^\s(),'[]*)*|\S/gs) ?? [];
  let at = 0;
  const fail = (): never => {
    throw new IntrinsicFailure(`'${text}' is not a valid intrinsic function`);
  };
  function expression(): Expression {
    const token = tokens[at++] ?? fail();
    if (token.startsWith("'")) return { kind: 'value', value: unquote(token) };
    if (token.startsWith('$')) return { kind: 'path', path: token };
    if (isIntrinsic(token) && tokens[at] === '(') {
      const start = at++ - 1;
      const args: Expression[] = [];
      while (tokens[at] !== ')') {
        if (args.length > 0 && tokens[at++] !== ',') fail();
        args.push(expression());
      }
      at += 1;
      if (!Object.hasOwn(FUNCTIONS, token)) fail();
      return { kind: 'call', name: token, args, text: start === 0 ? text : tokens.slice(start, at).join('') };
    }
    if (!/^(?:null|true|false|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)$/.test(token)) fail();
    return { kind: 'value', value: JSON.parse(token) };
  }
  const result = expression();
  if (at !== tokens.length) fail();
  parsed.set(text, result);
  return result;
}

/** In a quoted argument `\'`, `\{`, `\}` and `\\` stand for themselves; `States.Format` sees to its braces later. */
function unquote(token: string): string {
  return token.slice(1, -1).replace(/\\(['\\])/g, '$1');
}

/** The value of an intrinsic function call. */
export function callIntrinsic(text: string, input: Json, context: Json): Json {
  return evaluate(parseIntrinsic(text), input, context, text);
}

function evaluate(expression: Expression, input: Json, context: Json, whole: string): Json {
  if (expression.kind === 'value') return expression.value;
  if (expression.kind === 'path') {
    const found = select(expression.path, input, context);
    if ('value' in found) return found.value;
    const missing = `The JsonPath argument for the field '${expression.path}' could not be found in the input`;
    throw new RuntimeFailure(`The function '${whole}' had the following error: ${missing} '${JSON.stringify(input)}'`);
  }
  const args = expression.args.map((arg) => evaluate(arg, input, context, whole));
  try {
    const value = FUNCTIONS[expression.name]?.(args);
    if (value !== undefined) return value;
    throw new Error(`Invalid arguments in ${expression.name}`);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new IntrinsicFailure(`The function '${expression.text}' had the following error: ${message}`);
  }
}

const isInteger = (value: Json | undefined): value is number => Number.isSafeInteger(value);
const isText = (value: Json | undefined): value is string => typeof value === 'string';
const textOf = (value: Json): string => (isText(value) ? value : JSON.stringify(value));

/** A number as the service takes it: rounded to a whole one, halves away from zero upwards (Java's `Math.round`). */
function whole(value: Json | undefined): number | undefined {
  return typeof value === 'number' ? Math.round(value) + 0 : undefined;
}

function short(text: string): string {
  if (text.length > MAX_TEXT) throw new Error(`a text is longer than ${MAX_TEXT} characters`);
  return text;
}

const HASHES = ['MD5', 'SHA-1', 'SHA-256', 'SHA-384', 'SHA-512'];

/** `undefined` says that the arguments do not fit. */
const FUNCTIONS: Record<string, (args: readonly Json[]) => Json | undefined> = {
  'States.Format': ([template, ...values]) => (isText(template) ? format(template, values) : undefined),
  'States.StringToJson': ([text]) => (isText(text) ? (text.trim() === '' ? null : JSON.parse(text)) : undefined),
  'States.JsonToString': ([value]) => JSON.stringify(value),
  'States.Array': (args) => args,
  'States.ArrayPartition': ([array, size]) => {
    const length = whole(size);
    if (!isArray(array) || length === undefined || length <= 0) return undefined;
    return Array.from({ length: Math.ceil(array.length / length) }, (_, i) =>
      array.slice(i * length, (i + 1) * length),
    );
  },
  'States.ArrayContains': ([array, value]) =>
    isArray(array) ? array.some((one) => isDeepStrictEqual(one, value)) : undefined,
  'States.ArrayRange': (args) => {
    const [first, last, by] = args.map(whole);
    if (first === undefined || last === undefined || !by) return undefined;
    const length = Math.max(0, Math.floor((last - first) / by) + 1);
    if (length > 1000) throw new Error('the array would have more than 1000 elements');
    return Array.from({ length }, (_, i) => first + i * by);
  },
  'States.ArrayGetItem': ([array, index]) => (isArray(array) && isInteger(index) ? array[index] : undefined),
  'States.ArrayLength': ([array]) => (isArray(array) ? array.length : undefined),
  'States.ArrayUnique': ([array]) => {
    if (!isArray(array)) return undefined;
    return array.filter((one, i) => array.findIndex((other) => isDeepStrictEqual(one, other)) === i);
  },
  'States.Base64Encode': ([text]) => (isText(text) ? Buffer.from(short(text)).toString('base64') : undefined),
  'States.Base64Decode': ([text]) => (isText(text) ? Buffer.from(short(text), 'base64').toString() : undefined),
  'States.Hash': ([value, algorithm]) => {
    if (value === undefined || !isText(algorithm) || !HASHES.includes(algorithm)) return undefined;
    return createHash(algorithm.replace('SHA-1', 'sha1'))
      .update(short(textOf(value)))
      .digest('hex');
  },
  'States.JsonMerge': ([first, second, deep]) => {
    if (deep !== false) throw new Error('deep merging is not supported');
    return isObject(first) && isObject(second) ? { ...first, ...second } : undefined;
  },
  'States.MathRandom': ([from, to, seed]) => {
    const [first, last] = [whole(from), whole(to)];
    if (first === undefined || last === undefined || first >= last) return undefined;
    const random = typeof seed === 'number' ? seeded(seed) : Math.random();
    return first + Math.floor(random * (last - first));
  },
  'States.MathAdd': (args) => {
    const [first, second] = args.map(whole);
    return first === undefined || second === undefined ? undefined : first + second;
  },
  'States.StringSplit': ([text, separators]) => {
    if (!isText(text) || !isText(separators)) return undefined;
    const parts: string[] = [''];
    for (const char of text) {
      if (separators.includes(char)) parts.push('');
      else parts.push((parts.pop() ?? '') + char);
    }
    return parts.filter((part) => part !== '');
  },
  'States.UUID': () => randomUUID(),
};

/** The same seed gives the same number, in [0, 1). The service's own sequence is not known. */
function seeded(seed: number): number {
  return createHash('sha256').update(String(seed)).digest().readUInt32BE() / 2 ** 32;
}

function format(template: string, values: readonly Json[]): string {
  let next = 0;
  const result = template.replace(/\\([{}\\])|\{\}/g, (_, escaped: string | undefined) => {
    if (escaped !== undefined) return escaped;
    const value = values[next++];
    if (value === undefined) throw new Error('there are fewer arguments than {}');
    return textOf(value);
  });
  if (next !== values.length) throw new Error('there are more arguments than {}');
  return result;
}
