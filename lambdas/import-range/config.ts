import { requireEnv, requireIntEnv } from '../shared/env.ts';

export interface ImportRangeConfig {
  readonly runBucket: string;
  readonly hubEndpoint: string;
  readonly hubDownloads: number;
  readonly uploads: number;
  readonly maxImageBytes: number;
  readonly maxImagePixels: number;
  readonly deadlineMarginMs: number;
  /** `host:port` of image servers that need not be public; no deployed environment sets it. */
  readonly allowedImageHosts: readonly string[];
}

/** @throws {ConfigError} naming the variable */
export function readConfig(env: NodeJS.ProcessEnv): ImportRangeConfig {
  return {
    runBucket: requireEnv(env, 'RUN_BUCKET'),
    hubEndpoint: requireEnv(env, 'HF_ENDPOINT'),
    hubDownloads: requireIntEnv(env, 'HUB_DOWNLOADS'),
    uploads: requireIntEnv(env, 'UPLOADS'),
    maxImageBytes: requireIntEnv(env, 'MAX_IMAGE_BYTES'),
    maxImagePixels: requireIntEnv(env, 'MAX_IMAGE_PIXELS'),
    deadlineMarginMs: requireIntEnv(env, 'DEADLINE_MARGIN_SECONDS', 0) * 1000,
    allowedImageHosts: env.ALLOWED_IMAGE_HOSTS?.split(',').filter(Boolean) ?? [],
  };
}
