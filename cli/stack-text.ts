import { posix } from 'node:path';
import type { Endpoints } from '../local/stack/endpoints.ts';
import { formatTable } from './format.ts';
import { commandLine } from './program-name.ts';

/** Where everything of a running stack is. @param stop how it is ended */
export function stackText(endpoints: Endpoints, dataDir: string, stop: string): string {
  const { supabase, bucket, runBucket, stepFunctions, hub } = endpoints;
  const sample = 'https://huggingface.co/datasets/modomo/sample-rooms';
  return [
    `The stack runs on ${dataDir} (process ${endpoints.pid}).`,
    '',
    ...formatTable([
      ['  Database', supabase.url, 'PostgREST, as Supabase serves it'],
      ['  Bucket', bucket.endpoint, `${bucket.name}, in ${posix.join(dataDir, 'buckets', bucket.name)}`],
      ['  Run bucket', runBucket.endpoint, `${runBucket.name}, in ${posix.join(dataDir, 'buckets', runBucket.name)}`],
      ['  Step Functions', stepFunctions.endpoint, stepFunctions.importDatasetArn],
      ['  Hub', hub.url, 'set HF_ENDPOINT to it'],
    ]),
    '',
    ...formatTable([
      ['  Keys', posix.join(dataDir, 'endpoints.json')],
      ['  Import', commandLine(`import ${sample}`, dataDir)],
      ['  Stop', stop],
    ]),
    '',
  ].join('\n');
}
