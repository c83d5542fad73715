import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Paths of PEM files. */
export interface TlsPaths {
  readonly key: string;
  readonly cert: string;
}

export interface BucketKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export type ServerPlan =
  | { readonly kind: 'hub'; readonly folder: string; readonly tls?: TlsPaths }
  | {
      readonly kind: 'bucket';
      readonly folder: string;
      readonly bucket: string;
      readonly credentials: BucketKeys;
      readonly tls?: TlsPaths;
    };

export interface ServerProcess {
  readonly url: string;
  readonly pid: number;
  close(): Promise<void>;
}

/** Starts a stand-in in a process of its own. @throws Error when it ends before it listens */
export async function startServer(plan: ServerPlan): Promise<ServerProcess> {
  const child = fork(join(import.meta.dirname, 'serve.ts'), [JSON.stringify(plan)], { stdio: 'inherit' });
  const started = await Promise.race([once(child, 'message'), once(child, 'exit').then(() => undefined)]);
  if (!started) throw new Error(`the ${plan.kind} did not start`);
  return processOf(child, String(started[0]));
}

/** Starts versitygw, a server in Go, on the same folder that the stand-in would use. @param program path of its binary */
export async function startVersitygw(
  program: string,
  plan: Extract<ServerPlan, { kind: 'bucket' }>,
): Promise<ServerProcess> {
  const port = await freePort();
  mkdirSync(join(plan.folder, plan.bucket), { recursive: true }); // a bucket is a folder
  const tls = plan.tls ? ['--cert', plan.tls.cert, '--key', plan.tls.key] : [];
  const child = spawn(
    program,
    ['--port', `127.0.0.1:${port}`, '--region', 'auto', '--quiet', '--keep-alive', ...tls, 'posix', plan.folder],
    {
      env: { ROOT_ACCESS_KEY: plan.credentials.accessKeyId, ROOT_SECRET_KEY: plan.credentials.secretAccessKey },
      stdio: 'ignore',
    },
  );
  const url = `${plan.tls ? 'https' : 'http'}://127.0.0.1:${port}`;
  while (!(await fetch(url).catch((error) => error.cause?.code !== 'ECONNREFUSED'))) {
    if (child.exitCode !== null) throw new Error(`${program} did not start`);
    await sleep(50);
  }
  return processOf(child, url);
}

function processOf(child: ChildProcess, url: string): ServerProcess {
  return {
    url,
    pid: child.pid ?? 0,
    async close() {
      if (child.exitCode !== null) return;
      child.kill();
      await once(child, 'exit');
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address ? address.port : 0;
}
