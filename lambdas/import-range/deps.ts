import { createHubClient, type HubClient } from '../shared/hub/hub-client.ts';
import { createImageFetcher, type ImageFetcher } from '../shared/images/fetch-public-image.ts';
import { inspectImage } from '../shared/images/inspect-image.ts';
import type { RowImage } from '../shared/images/row-image.ts';
import { checkLock } from '../shared/jobs/dataset-lock.ts';
import { loadSource } from '../shared/jobs/import-source.ts';
import { rangeRecords } from '../shared/jobs/range-records.ts';
import { RowError } from '../shared/jobs/row-failure.ts';
import type { Log } from '../shared/log.ts';
import { createSceneStore } from '../shared/scenes/scene-store.ts';
import type { Settings } from '../shared/settings.ts';
import { createImageBucket } from '../shared/storage/image-bucket.ts';
import { createRunBucket } from '../shared/storage/run-bucket.ts';
import type { ImportRangeConfig } from './config.ts';
import type { ImportRangeDeps } from './import-range-deps.ts';
import { openRows } from './open-rows.ts';

/** An image behind a URL: one download, all tries of it with their pauses, and how often it may be sent on. */
const FETCH_TIMEOUT_MS = 30_000;
const FETCH_PATIENCE_MS = 90_000; // less than the deadline's margin, so that a slow site is no time-out of ours
const MAX_REDIRECTS = 5;

export function createDeps(config: ImportRangeConfig, settings: Settings, log: Log): ImportRangeDeps {
  const limits = { maxBytes: config.maxImageBytes, maxPixels: config.maxImagePixels };
  const runs = createRunBucket({ bucket: config.runBucket, log });
  const hub = createHubClient({
    endpoint: config.hubEndpoint,
    token: settings.hubToken,
    maxConcurrent: config.hubDownloads,
    log,
  });
  const fetcher = createImageFetcher({
    allowedHosts: config.allowedImageHosts,
    maxBytes: limits.maxBytes,
    timeoutMs: FETCH_TIMEOUT_MS,
    maxRedirects: MAX_REDIRECTS,
    maxConcurrent: config.hubDownloads,
    log,
  });
  return {
    ...rangeRecords(runs),
    loadSource: (jobId) => loadSource(runs, jobId),
    checkLock: (source) => checkLock(runs, source),
    scenes: createSceneStore({ url: settings.supabaseUrl, serviceKey: settings.supabaseServiceKey, log }),
    images: createImageBucket({
      endpoint: settings.r2Endpoint,
      region: settings.r2Region,
      bucket: settings.r2Bucket,
      accessKeyId: settings.r2AccessKeyId,
      secretAccessKey: settings.r2SecretAccessKey,
      maxSockets: config.uploads,
      log,
    }),
    openRows: (event, source, wanted) => openRows({ event, source, wanted, runs, hub, log }),
    loadImage: (image) => loadImage(image, limits.maxBytes, hub, fetcher),
    inspectImage: (bytes) => inspectImage(bytes, limits),
    hubTraffic: () => ({ requests: hub.stats().requests, bytes: hub.stats().bytesFetched }),
    now: Date.now,
    log,
    uploads: config.uploads,
  };
}

async function loadImage(
  image: RowImage,
  maxBytes: number,
  hub: HubClient,
  fetcher: ImageFetcher,
): Promise<Uint8Array> {
  if (image.kind === 'bytes') return image.bytes;
  if (image.kind === 'url') return fetchImage(image.url, fetcher);
  try {
    return await hub.readFile(image, maxBytes);
  } catch (error) {
    const isElsewhere = error instanceof RowError && error.reason === 'missing_file' && image.alternativePath !== null;
    if (!isElsewhere) throw error;
    return hub.readFile({ ...image, path: image.alternativePath ?? image.path }, maxBytes);
  }
}

async function fetchImage(url: URL, fetcher: ImageFetcher): Promise<Uint8Array> {
  const signal = AbortSignal.timeout(FETCH_PATIENCE_MS);
  try {
    return await fetcher.fetchImage(url, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new RowError('unreachable', `${url.host} did not give the image in ${FETCH_PATIENCE_MS / 1000} s`);
  }
}
