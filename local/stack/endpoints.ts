import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** `endpoints.json`: everything that a client of the embedded stack needs. */
export interface Endpoints {
  /** Process that runs the stack. */
  readonly pid: number;
  readonly supabase: { readonly url: string; readonly key: string };
  /** Where the images go; R2's place. */
  readonly bucket: {
    readonly endpoint: string;
    readonly name: string;
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly region: string;
  };
  readonly stepFunctions: { readonly endpoint: string; readonly region: string; readonly importDatasetArn: string };
  /** Same keys as `bucket`. */
  readonly runBucket: { readonly endpoint: string; readonly name: string };
  readonly hub: { readonly url: string };
}

export function endpointsPath(dataDir: string): string {
  return join(dataDir, 'endpoints.json');
}

/** The endpoints of the stack that runs on this folder; `undefined` when none does. */
export function readEndpoints(dataDir: string): Endpoints | undefined {
  try {
    const endpoints = JSON.parse(readFileSync(endpointsPath(dataDir), 'utf8')) as Endpoints;
    process.kill(endpoints.pid, 0); // throws when there is no such process
    return endpoints;
  } catch {
    return undefined;
  }
}
