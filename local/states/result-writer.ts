import { StatesFailure } from './failures.ts';
import type { Visit } from './interpreter.ts';
import { isObject, type Json } from './json.ts';
import type { MapRun } from './map-run.ts';
import { fillTemplate } from './payload-template.ts';

export type ResultStatus = 'SUCCEEDED' | 'FAILED' | 'PENDING';

/** A file of results is closed when it holds about this much; the service's are larger. */
const FILE_BYTES = 4 << 20;

/** Writes a map run's results to a bucket as they come: `{prefix}/{run}/manifest.json` and the files that it lists. */
export interface ResultWriter {
  add(status: ResultStatus, record: Json): Promise<void>;
  /** @returns the state's result. */
  finish(): Promise<Json>;
}

/** @throws {StatesFailure} `States.ResultWriterFailed`, from the writer's methods. */
export function resultWriter(visit: Visit, run: MapRun): ResultWriter | undefined {
  const template = visit.state.ResultWriter?.Parameters;
  if (!template) return undefined;
  const parameters = fillTemplate(template, visit.input, visit.context);
  const { Bucket, Prefix } = isObject(parameters) ? parameters : {};
  const bucket = String(Bucket);
  const folder = [Prefix, run.arn.split(':').at(-1)]
    .filter(Boolean)
    .join('/')
    .replace(/\/{2,}/g, '/');
  const files: Record<ResultStatus, { Key: string; Size: number }[]> = { FAILED: [], PENDING: [], SUCCEEDED: [] };
  const open: Record<ResultStatus, { texts: string[]; size: number }> = {
    FAILED: { texts: [], size: 0 },
    PENDING: { texts: [], size: 0 },
    SUCCEEDED: { texts: [], size: 0 },
  };

  async function write(key: string, body: string): Promise<void> {
    try {
      await visit.run.deps.objects.write(bucket, key, body);
    } catch (error) {
      throw new StatesFailure('States.ResultWriterFailed', error instanceof Error ? error.message : String(error));
    }
  }

  async function close(status: ResultStatus): Promise<void> {
    const { texts } = open[status];
    if (texts.length === 0) return;
    open[status] = { texts: [], size: 0 };
    const body = `[${texts.join(',')}]`;
    const Key = `${folder}/${status}_${files[status].length}.json`;
    files[status].push({ Key, Size: Buffer.byteLength(body) });
    await write(Key, body);
  }

  return {
    async add(status, record) {
      const file = open[status];
      const text = JSON.stringify(record);
      file.texts.push(text);
      file.size += text.length;
      if (file.size >= FILE_BYTES) await close(status);
    },
    async finish() {
      for (const status of ['FAILED', 'PENDING', 'SUCCEEDED'] as const) await close(status);
      const Key = `${folder}/manifest.json`;
      await write(Key, JSON.stringify({ DestinationBucket: bucket, MapRunArn: run.arn, ResultFiles: files }));
      return { MapRunArn: run.arn, ResultWriterDetails: { Bucket: bucket, Key } };
    },
  };
}
