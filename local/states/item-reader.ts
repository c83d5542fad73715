import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { json as readJson } from 'node:stream/consumers';
import { parse as parseCsv } from 'csv-parse';
import type { ReaderConfig } from './definition.ts';
import { StatesFailure } from './failures.ts';
import type { Visit } from './interpreter.ts';
import { isArray, isObject, type Json } from './json.ts';
import { numberIn } from './map.ts';
import { fillTemplate } from './payload-template.ts';

const DELIMITERS = { COMMA: ',', PIPE: '|', SEMICOLON: ';', SPACE: ' ', TAB: '\t' };

/**
 * Where a distributed map's `ItemReader` has its items from. Each call reads them anew, as a stream.
 * The iteration throws a `StatesFailure` `States.ItemReaderFailed`.
 */
export function itemReader(visit: Visit): (() => AsyncIterable<Json>) | undefined {
  const reader = visit.state.ItemReader;
  if (!reader) return undefined;
  const { input, context } = visit;
  const parameters = fillTemplate(reader.Parameters ?? {}, input, context);
  const config = reader.ReaderConfig ?? {};
  const max = numberIn(config.MaxItems, config.MaxItemsPath, 'MaxItems', input, context) || Number.POSITIVE_INFINITY;
  const { Bucket, Key, Prefix } = isObject(parameters) ? parameters : {};
  const lists = reader.Resource.endsWith('listObjectsV2');
  const source = () =>
    lists
      ? listed(visit, String(Bucket), typeof Prefix === 'string' ? Prefix : undefined)
      : objectItems(visit, String(Bucket), String(Key), config);
  return async function* read() {
    let left = max;
    try {
      for await (const item of source()) {
        yield item;
        left -= 1;
        if (left <= 0) return;
      }
    } catch (error) {
      if (error instanceof StatesFailure || visit.signal.aborted) throw error;
      throw readerFailed(error instanceof Error ? `${error.name}: ${error.message}` : String(error));
    }
  };
}

function readerFailed(cause: string): StatesFailure {
  return new StatesFailure('States.ItemReaderFailed', cause);
}

async function* listed({ run, signal }: Visit, bucket: string, prefix: string | undefined): AsyncIterable<Json> {
  for await (const object of run.deps.objects.list(bucket, prefix, signal)) yield { ...object };
}

async function* objectItems(visit: Visit, bucket: string, key: string, config: ReaderConfig): AsyncIterable<Json> {
  const stream = Readable.from(await visit.run.deps.objects.read(bucket, key, visit.signal));
  try {
    if (config.InputType === 'CSV') yield* csvItems(stream, config);
    else if (config.InputType === 'JSONL') yield* lineItems(stream);
    else yield* arrayItems((await readJson(stream)) as Json);
  } finally {
    stream.destroy();
  }
}

function arrayItems(value: Json): readonly Json[] {
  if (isArray(value)) return value;
  throw readerFailed('Attempting to map over non-iterable node.');
}

async function* lineItems(stream: Readable): AsyncIterable<Json> {
  let number = 0;
  for await (const line of createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })) {
    number += 1;
    if (line.trim() === '') continue;
    let item: Json;
    try {
      item = JSON.parse(line);
    } catch (error) {
      throw readerFailed(`Line ${number} is not JSON: ${error instanceof Error ? error.message : error}`);
    }
    yield item;
  }
}

async function* csvItems(stream: Readable, config: ReaderConfig): AsyncIterable<Json> {
  const delimiter = DELIMITERS[config.CSVDelimiter ?? 'COMMA'];
  const rows = stream.pipe(parseCsv({ delimiter, bom: true, relax_column_count: true, skip_empty_lines: true }));
  stream.once('error', (error) => rows.destroy(error));
  let headers = config.CSVHeaderLocation === 'GIVEN' ? config.CSVHeaders : undefined;
  for await (const row of rows as AsyncIterable<string[]>) {
    if (headers) yield Object.fromEntries(headers.map((header, i) => [header, row[i] ?? '']));
    else headers = row;
  }
}
