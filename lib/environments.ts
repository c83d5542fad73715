/** `dev`, `staging` and `prod` are deployed to AWS; `embedded` is what the stack on a laptop synthesizes. */
export type EnvironmentName = 'dev' | 'staging' | 'prod' | 'embedded';

/** CPU architecture of the Lambdas and of the native libraries bundled with them. */
export type Architecture = 'arm64' | 'x64';

export interface Environment {
  readonly name: EnvironmentName;
  readonly architecture: Architecture;
  /** Base URL of the Hub, as in `HF_ENDPOINT`. */
  readonly hubEndpoint: string;
  /** Row ranges that are imported at once; MaxConcurrency of the ImportRows map. */
  readonly importConcurrency: number;
  /** Downloads from the Hub at once, of one invocation; a job's limit is `importConcurrency` times this. */
  readonly hubDownloads: number;
  /** Uploads to the bucket at once, of one invocation. */
  readonly uploads: number;
  /** Memory of ImportRange, which also sets its share of CPU and network. */
  readonly importMemoryMb: number;
  /** Scratch disk of ImportRange: a parquet page that is larger than its memory window lies there whole. 512 to 10,240. */
  readonly importScratchMb: number;
  /** How long one invocation of ImportRange may take. At most 900, Lambda's own limit. */
  readonly importTimeoutSeconds: number;
  /** So long before its time-out an invocation starts no new row and hands on its cursor. */
  readonly deadlineMarginSeconds: number;
  /** Images above either limit fail with `too_many_bytes` or `too_many_pixels`. */
  readonly maxImageBytes: number;
  readonly maxImagePixels: number;
  /** After so many days the objects of a run (plans, results, failures) expire. */
  readonly runRetentionDays: number;
  /** Whether the run bucket outlives its stack. */
  readonly retainRuns: boolean;
}

const AWS = {
  architecture: 'arm64',
  hubEndpoint: 'https://huggingface.co',
  hubDownloads: 4,
  uploads: 16,
  importMemoryMb: 1769, // one whole vCPU
  importScratchMb: 4096,
  importTimeoutSeconds: 600,
  deadlineMarginSeconds: 120, // a pause of a minute that the Hub asks for, and the rows under way,
  maxImageBytes: 100 * 1024 * 1024,
  maxImagePixels: 300_000_000,
} as const;

const ENVIRONMENTS: Readonly<Record<EnvironmentName, Environment>> = {
  dev: { ...AWS, name: 'dev', importConcurrency: 4, runRetentionDays: 14, retainRuns: false },
  staging: { ...AWS, name: 'staging', importConcurrency: 8, runRetentionDays: 30, retainRuns: false },
  prod: { ...AWS, name: 'prod', importConcurrency: 16, runRetentionDays: 90, retainRuns: true },
  embedded: {
    ...AWS,
    name: 'embedded',
    architecture: process.arch === 'arm64' ? 'arm64' : 'x64',
    importConcurrency: 2,
    importMemoryMb: 1024,
    runRetentionDays: 90,
    retainRuns: false,
  },
};

/** @throws Error naming the environments that exist. */
export function environmentOf(name: string): Environment {
  if (Object.hasOwn(ENVIRONMENTS, name)) return ENVIRONMENTS[name as EnvironmentName];
  throw new Error(`unknown environment "${name}"; choose one of ${Object.keys(ENVIRONMENTS).join(', ')} with -c env=…`);
}
