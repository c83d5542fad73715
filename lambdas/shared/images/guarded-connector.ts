import { lookup as dnsLookup, type LookupAddress } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { buildConnector } from 'undici';
import { RowError } from '../jobs/row-failure.ts';
import { isPublicAddress } from './public-address.ts';

export interface GuardedConnectorOptions {
  /** `host:port` that may be reached whatever its address is. @default none */
  readonly allowedHosts?: readonly string[];
  readonly connectTimeoutMs: number;
  /** @default isPublicAddress */
  readonly isAllowed?: (address: string) => boolean;
  /** @default the operating system's resolver */
  readonly lookup?: typeof dnsLookup | ResolveAll;
}

/** Resolves a name to all of its addresses. */
export type ResolveAll = (
  hostname: string,
  options: { all: true },
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/**
 * Opens sockets to public addresses only. The check sits where the socket is opened: the addresses that were checked
 * are the ones that are tried, so a name that resolves differently a moment later gains nothing, and every redirect
 * passes here too. Addresses that are not public are left out; the connection fails when none remains.
 * @throws {RowError} `forbidden_address`, through the callback.
 */
export function guardedConnector(options: GuardedConnectorOptions): buildConnector.connector {
  const { allowedHosts = [], connectTimeoutMs, isAllowed = isPublicAddress, lookup = dnsLookup } = options;
  const exempt = new Set(allowedHosts);
  const connectFreely = buildConnector({ timeout: connectTimeoutMs, allowH2: false });
  const connectGuarded = buildConnector({
    timeout: connectTimeoutMs,
    allowH2: false,
    lookup: guardedLookup(lookup, isAllowed),
  });
  return (target, callback) => {
    const host = target.hostname.replace(/^\[(.*)\]$/, '$1');
    const port = target.port || (target.protocol === 'https:' ? '443' : '80');
    if (exempt.has(`${host}:${port}`)) return connectFreely(target, callback);
    // A literal address is never looked up.
    if (isIP(host) && !isAllowed(host)) return queueMicrotask(() => callback(forbidden(host, host), null));
    return connectGuarded(target, callback);
  };
}

function guardedLookup(lookup: ResolveAll, isAllowed: (address: string) => boolean): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, []);
      const allowed = addresses.filter(({ address }) => isAllowed(address));
      const [first] = allowed;
      if (!first) return callback(forbidden(hostname, addresses.map(({ address }) => address).join(', ')), []);
      return options.all ? callback(null, allowed) : callback(null, first.address, first.family);
    });
  };
}

function forbidden(host: string, addresses: string): RowError {
  const where = host === addresses ? host : `${host} (${addresses || 'no address'})`;
  return new RowError('forbidden_address', `${where} is not an address of the public internet`);
}
