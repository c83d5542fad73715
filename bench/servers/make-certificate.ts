import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { TlsPaths } from './start-server.ts';

/** A self-signed certificate for the loopback address, by openssl; clients trust it by `NODE_EXTRA_CA_CERTS`. */
export function makeCertificate(folder: string): TlsPaths {
  const paths = { key: join(folder, 'key.pem'), cert: join(folder, 'cert.pem') };
  if (!existsSync(paths.cert)) {
    const names = 'subjectAltName=IP:127.0.0.1,DNS:localhost';
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', paths.key];
    const certificate = ['-x509', '-days', '30', '-subj', '/CN=localhost', '-addext', names, '-out', paths.cert];
    execFileSync('openssl', ['req', ...key, ...certificate], { stdio: 'ignore' });
  }
  return paths;
}
