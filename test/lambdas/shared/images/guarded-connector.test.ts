import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Agent } from 'undici';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { guardedConnector, type ResolveAll } from '../../../../lambdas/shared/images/guarded-connector.ts';
import { RowError } from '../../../../lambdas/shared/jobs/row-failure.ts';

/** A resolver that gives the next of its answers at each question. */
function resolverOf(...answers: readonly string[][]): ResolveAll & { asked: number } {
  const resolve = Object.assign(
    (...[, , callback]: Parameters<ResolveAll>) => {
      const addresses = answers[resolve.asked++] ?? [];
      callback(
        null,
        addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      );
    },
    { asked: 0 },
  );
  return resolve;
}

describe('guardedConnector', () => {
  const server = createServer((_request, response) => response.end('inside'));
  let agent: Agent;
  let port: number;
  beforeEach(async () => {
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    port = (server.address() as AddressInfo).port;
  });
  afterEach(async () => {
    await agent.destroy();
    await new Promise((closed) => server.close(closed));
  });
  const get = async (lookup: ResolveAll, isAllowed?: (address: string) => boolean) => {
    agent = new Agent({ connect: guardedConnector({ connectTimeoutMs: 5_000, lookup, isAllowed }) });
    const { body } = await agent.request({ origin: `http://images.example:${port}`, path: '/', method: 'GET' });
    return body.text();
  };

  it('refuses a name that resolves to addresses inside', async () => {
    const refused = get(resolverOf(['127.0.0.1', '::1']));
    await expect(refused).rejects.toThrow(RowError);
    await expect(refused).rejects.toThrow('images.example (127.0.0.1, ::1) is not an address of the public internet');
  });

  it('connects to the address that it checked, however the name resolves a moment later', async () => {
    const rebinding = resolverOf(['127.0.0.1'], ['10.0.0.1']);
    const checked: string[] = [];
    const isAllowed = (address: string) => checked.push(address) === 1;
    expect(await get(rebinding, isAllowed)).toBe('inside');
    expect({ checked, asked: rebinding.asked }).toEqual({ checked: ['127.0.0.1'], asked: 1 });
  });

  it('leaves out the forbidden among several addresses', async () => {
    expect(await get(resolverOf(['10.255.255.1', '127.0.0.1']), (address) => address === '127.0.0.1')).toBe('inside');
  });
});
