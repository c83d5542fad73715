import { readFileSync } from 'node:fs';
import { serveHub } from '../../local/hub/serve-hub.ts';
import { serveS3 } from '../../local/s3/serve-s3.ts';
import type { ServerPlan } from './start-server.ts';

// One stand-in in a process of its own, so that it does not share a client's thread; ends with its parent.
const plan = JSON.parse(process.argv[2] ?? '') as ServerPlan;
const tls = plan.tls && { key: readFileSync(plan.tls.key), cert: readFileSync(plan.tls.cert) };
const server =
  plan.kind === 'hub'
    ? await serveHub({ datasetsDirs: [plan.folder], upstream: null, tls })
    : await serveS3({ dataDir: plan.folder, buckets: [plan.bucket], credentials: plan.credentials, tls });
process.send?.(server.url);
process.on('disconnect', () => process.exit(0));
