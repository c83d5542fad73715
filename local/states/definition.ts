import validateAsl from 'asl-validator';
import { type ChoiceRule, isTimestamp } from './choice.ts';
import { InvalidDefinition } from './failures.ts';
import { isArray, isObject, type Json, type JsonObject } from './json.ts';

export interface Retrier {
  readonly ErrorEquals: readonly string[];
  readonly IntervalSeconds?: number;
  readonly MaxAttempts?: number;
  readonly BackoffRate?: number;
  readonly MaxDelaySeconds?: number;
  readonly JitterStrategy?: 'FULL' | 'NONE';
}

export interface Catcher {
  readonly ErrorEquals: readonly string[];
  readonly ResultPath?: string | null;
  readonly Next: string;
}

/** A field that may come as a path: `MaxConcurrency`, `MaxConcurrencyPath`. */
type OrPath<Name extends string> = { readonly [K in Name]?: number } & { readonly [K in `${Name}Path`]?: string };

export interface StateGraph {
  readonly StartAt: string;
  readonly States: { readonly [name: string]: State };
}

export interface ItemProcessor extends StateGraph {
  readonly ProcessorConfig?: { readonly Mode?: 'INLINE' | 'DISTRIBUTED' };
}

export interface State
  extends OrPath<'TimeoutSeconds' | 'MaxConcurrency' | 'ToleratedFailureCount' | 'ToleratedFailurePercentage'> {
  readonly Type: 'Task' | 'Pass' | 'Choice' | 'Wait' | 'Succeed' | 'Fail' | 'Parallel' | 'Map';
  readonly Next?: string;
  readonly InputPath?: string | null;
  readonly OutputPath?: string | null;
  readonly ResultPath?: string | null;
  readonly Parameters?: JsonObject;
  readonly ResultSelector?: JsonObject;
  readonly Retry?: readonly Retrier[];
  readonly Catch?: readonly Catcher[];
  readonly Result?: Json;
  readonly Resource?: string;
  readonly Choices?: readonly ChoiceRule[];
  readonly Default?: string;
  readonly Seconds?: number;
  readonly SecondsPath?: string;
  readonly Timestamp?: string;
  readonly TimestampPath?: string;
  readonly Error?: string;
  readonly ErrorPath?: string;
  readonly Cause?: string;
  readonly CausePath?: string;
  readonly Branches?: readonly StateGraph[];
  readonly ItemProcessor?: ItemProcessor;
  readonly Iterator?: ItemProcessor;
  readonly ItemsPath?: string;
  readonly ItemSelector?: JsonObject;
  readonly Label?: string;
  readonly ItemReader?: {
    readonly Resource: string;
    readonly Parameters?: JsonObject;
    readonly ReaderConfig?: ReaderConfig;
  };
  readonly ItemBatcher?: { readonly BatchInput?: JsonObject } & OrPath<'MaxItemsPerBatch' | 'MaxInputBytesPerBatch'>;
  readonly ResultWriter?: { readonly Resource: string; readonly Parameters: JsonObject };
}

export interface ReaderConfig extends OrPath<'MaxItems'> {
  readonly InputType?: 'JSON' | 'JSONL' | 'CSV';
  readonly CSVHeaderLocation?: 'FIRST_ROW' | 'GIVEN';
  readonly CSVHeaders?: readonly string[];
  readonly CSVDelimiter?: 'COMMA' | 'PIPE' | 'SEMICOLON' | 'SPACE' | 'TAB';
}

export interface Definition extends StateGraph {
  readonly TimeoutSeconds?: number;
}

/** What a Task may call. */
export const LAMBDA_ARN = /^arn:aws[\w-]*:lambda:[^:]*:[^:]*:function:/;
export const INTEGRATION = /^arn:aws[\w-]*:states:::(lambda:invoke|states:startExecution(?:\.sync(?::2)?)?)$/;
const READER = /^arn:aws[\w-]*:states:::s3:(getObject|listObjectsV2)$/;
const WRITER = /^arn:aws[\w-]*:states:::s3:putObject$/;
/** The service takes no white space, wildcards, brackets, special or control characters in a map's label. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
export const LABEL_REFUSED = /[\s?*<>{}[\]:;,\\|^~$#%&`"\u0000-\u001f\u007f-\u009f]/;

/**
 * Reads a definition, checks it against the language, and refuses what the engine does not do.
 * @throws {InvalidDefinition} that names what is wrong, and where.
 */
export function loadDefinition(text: string): Definition {
  let definition: unknown;
  try {
    definition = JSON.parse(text);
  } catch (error) {
    throw invalid('INVALID_JSON_DESCRIPTION', error instanceof Error ? error.message : String(error));
  }
  if (!isObject(definition)) throw invalid('INVALID_JSON_DESCRIPTION', 'the definition is not an object');
  refuse(definition, '');
  // The validator fills its argument in, and is stricter than the service with two numbers.
  const copy: object = JSON.parse(text, (key, value) => {
    if (key === 'ToleratedFailurePercentage' && typeof value === 'number') return Math.ceil(value);
    return key === 'MaxItems' && value === 0 ? 1 : value;
  });
  const validation = validateAsl(copy);
  if (!validation.isValid)
    throw new InvalidDefinition(`Invalid State Machine Definition: '${validation.errorsText('; ')}'`);
  checkGraph(definition as unknown as StateGraph, '');
  return definition as unknown as Definition; // the validator has checked it against the language's schema
}

function invalid(code: string, message: string): InvalidDefinition {
  return new InvalidDefinition(`Invalid State Machine Definition: '${code}: ${message}'`);
}

/** Features that the engine has not, looked for before the schema is, so that the message names them. */
function refuse(node: JsonObject, path: string): void {
  const language = node.QueryLanguage;
  if (language !== undefined && language !== 'JSONPath') {
    throw invalid('UNSUPPORTED', `QueryLanguage ${JSON.stringify(language)} at ${path || '/'}`);
  }
  for (const key of ['Assign', 'Arguments', 'Output', 'Items', 'Condition', 'Credentials']) {
    if (key in node) throw invalid('UNSUPPORTED', `${key} at ${path}/${key}`);
  }
  if (isObject(node.States)) {
    for (const [name, state] of Object.entries(node.States)) {
      if (!isObject(state)) continue;
      refuse(state, `${path}/States/${name}`);
      const rules = isArray(state.Choices) ? state.Choices : [];
      const catchers = isArray(state.Catch) ? state.Catch : [];
      for (const part of [...rules, ...catchers]) if (isObject(part)) refuse(part, `${path}/States/${name}`);
    }
  }
  for (const [i, branch] of (isArray(node.Branches) ? node.Branches : []).entries()) {
    if (isObject(branch)) refuse(branch, `${path}/Branches[${i}]`);
  }
  for (const key of ['ItemProcessor', 'Iterator']) {
    const inner = node[key];
    if (isObject(inner)) refuse(inner, `${path}/${key}`);
  }
}

function checkGraph(graph: StateGraph, path: string): void {
  for (const [name, state] of Object.entries(graph.States)) {
    const at = `${path}/States/${name}`;
    checkState(state, at);
    for (const [i, branch] of (state.Branches ?? []).entries()) checkGraph(branch, `${at}/Branches[${i}]`);
    const processor = state.ItemProcessor ?? state.Iterator;
    if (processor) checkGraph(processor, `${at}/${state.ItemProcessor ? 'ItemProcessor' : 'Iterator'}`);
  }
}

function checkState(state: State, at: string): void {
  if (state.Type === 'Task') {
    const resource = state.Resource ?? '';
    if (!LAMBDA_ARN.test(resource) && !INTEGRATION.test(resource)) {
      throw invalid('UNSUPPORTED', `Resource ${resource} at ${at}/Resource`);
    }
  }
  if (state.Timestamp !== undefined && !isTimestamp(state.Timestamp)) {
    throw invalid('SCHEMA_VALIDATION_FAILED', `String does not match RFC3339 timestamp at ${at}/Timestamp`);
  }
  if (state.Label !== undefined && (LABEL_REFUSED.test(state.Label) || state.Label.length > 40)) {
    throw invalid('INVALID_LABEL', `Label ${JSON.stringify(state.Label)} at ${at}/Label`);
  }
  const { ItemReader: reader, ResultWriter: writer } = state;
  if (reader && !READER.test(reader.Resource)) throw invalid('UNSUPPORTED', `${reader.Resource} at ${at}/ItemReader`);
  const type = reader?.ReaderConfig?.InputType;
  if (type !== undefined && !['JSON', 'JSONL', 'CSV'].includes(type)) {
    throw invalid('UNSUPPORTED', `InputType ${type} at ${at}/ItemReader/ReaderConfig`);
  }
  if (writer && (!WRITER.test(writer.Resource) || 'WriterConfig' in writer)) {
    throw invalid(
      'UNSUPPORTED',
      `${'WriterConfig' in writer ? 'WriterConfig' : writer.Resource} at ${at}/ResultWriter`,
    );
  }
  const { Result, Branches, ItemProcessor, Iterator: iterator, ...fields } = state;
  checkVariables(fields, at);
}

/** Without Assign there are no variables; a path that names one would select nothing. */
function checkVariables(node: unknown, at: string): void {
  if (typeof node !== 'object' || node === null) return;
  for (const [key, value] of Object.entries(node)) {
    if (typeof value !== 'string') checkVariables(value, `${at}/${key}`);
    else if (/^\$[A-Za-z_]/.test(value) && /(?:\.\$|Path|Variable)$/.test(key)) {
      throw invalid('UNSUPPORTED', `variable ${value} at ${at}/${key}`);
    }
  }
}
