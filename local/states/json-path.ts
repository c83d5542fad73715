import { JSONPath } from 'jsonpath-plus';
import { RuntimeFailure } from './failures.ts';
import { isArray, isObject, type Json } from './json.ts';

type Path =
  | { readonly kind: 'definite'; readonly segments: readonly (string | number)[] }
  | { readonly kind: 'query'; readonly text: string };

const SEGMENT = /\.([^.[\]*()?@,'"\s]+)|\[\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|(-?\d+))\s*\]/y;
const parsed = new Map<string, Path>();

/** Paths come from definitions, so that keeping them parsed is bounded. */
function parse(path: string): Path {
  const known = parsed.get(path);
  if (known) return known;
  const result = parseDefinite(path) ?? { kind: 'query', text: path };
  parsed.set(path, result);
  return result;
}

function parseDefinite(path: string): Path | undefined {
  const segments: (string | number)[] = [];
  let at = 1;
  while (at < path.length) {
    SEGMENT.lastIndex = at;
    const match = SEGMENT.exec(path);
    if (!match) return undefined;
    const [, name, single, double, index] = match;
    segments.push(index === undefined ? (name ?? (single ?? double ?? '').replace(/\\(.)/g, '$1')) : Number(index));
    at = SEGMENT.lastIndex;
  }
  return { kind: 'definite', segments };
}

function step(value: Json | undefined, segment: string | number): Json | undefined {
  if (typeof segment === 'number') return isArray(value) ? value.at(segment) : undefined;
  return isObject(value) && Object.hasOwn(value, segment) ? value[segment] : undefined;
}

/**
 * What `path` (`$…`, or `$$…` for the context object) selects, or a text that says what is missing. A path with a
 * wildcard, slice, filter or `..` selects an array, empty when nothing matches.
 */
export function select(path: string, input: Json, context: Json): { value: Json } | { missing: string } {
  const root = path.startsWith('$$') ? context : input;
  const compiled = parse(path.startsWith('$$') ? path.slice(1) : path);
  if (compiled.kind === 'query') {
    const value: Json = isObject(root) || isArray(root) ? matches(compiled.text, root) : [];
    return { value };
  }
  let value: Json | undefined = root;
  let trace = '$';
  for (const [i, segment] of compiled.segments.entries()) {
    value = step(value, segment);
    trace += typeof segment === 'number' ? `[${segment}]` : `['${segment}']`;
    if (value === undefined) {
      const last = i === compiled.segments.length - 1;
      return { missing: `${last ? 'No results for path:' : 'Missing property in path'} ${trace}` };
    }
  }
  return { value: value ?? null };
}

function matches(path: string, json: object): Json {
  try {
    return JSONPath({ path, json, wrap: true, eval: 'safe' }) as Json; // with `wrap` always an array of parts of `json`
  } catch (error) {
    throw new RuntimeFailure(`Invalid path '${path}' : ${error instanceof Error ? error.message : error}`);
  }
}

/** For `InputPath`, `OutputPath`, `ItemsPath` and their like; `null` selects an empty object. */
export function selectPath(path: string | null | undefined, input: Json, context: Json): Json {
  if (path === undefined || path === '$') return input;
  if (path === null) return {};
  const found = select(path, input, context);
  if ('missing' in found) throw new RuntimeFailure(`Invalid path '${path}' : ${found.missing}`);
  return found.value;
}

/** For a path in a field that needs one: a payload template's `x.$`, `CausePath`. */
export function selectField(path: string, field: string, input: Json, context: Json): Json {
  const found = select(path, input, context);
  if ('value' in found) return found.value;
  const where = `specified for the field '${field}' could not be found in the input '${JSON.stringify(input)}'`;
  throw new RuntimeFailure(`The JSONPath '${path}' ${where}`);
}

/** `input` with `value` at a reference path; `undefined` when something that holds no fields is in the way. */
export function place(path: string | null | undefined, input: Json, value: Json): Json | undefined {
  if (path === null) return input;
  if (path === undefined || path === '$') return value;
  const compiled = parse(path);
  return compiled.kind === 'definite' ? placeAt(input, compiled.segments, value) : undefined;
}

function placeAt(input: Json | undefined, segments: readonly (string | number)[], value: Json): Json | undefined {
  const [segment, ...rest] = segments;
  if (segment === undefined) return value;
  const inner = placeAt(step(input, segment), rest, value);
  if (inner === undefined) return undefined;
  if (typeof segment === 'number') {
    return isArray(input) && segment >= 0 && segment < input.length ? input.with(segment, inner) : undefined;
  }
  if (input !== undefined && !isObject(input)) return undefined;
  return { ...input, [segment]: inner };
}
