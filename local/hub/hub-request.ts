import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';
import { HubError } from './hub-error.ts';

/** What the Hub looks at in a request. */
export interface HubRequest {
  /** Percent-encoded as it came. */
  readonly pathname: string;
  /** The path's parts, decoded each: one may hold slashes. */
  readonly segments: readonly string[];
  readonly query: URLSearchParams;
  /** With its question mark. */
  readonly search: string;
  /** `host:port` by which the client reached us. */
  readonly host: string;
  readonly origin: string;
  /** Bearer token. */
  readonly token: string | undefined;
}

/** @throws {HubError} 400 for a path that is not well percent-encoded */
export function readHubRequest(req: IncomingMessage): HubRequest {
  const url = req.url ?? '/';
  const mark = url.indexOf('?');
  const pathname = mark < 0 ? url : url.slice(0, mark);
  const search = mark < 0 ? '' : url.slice(mark);
  const host = req.headers.host ?? 'localhost';
  const [, token] = /^Bearer\s+(\S+)$/i.exec(req.headers.authorization ?? '') ?? [];
  return {
    pathname,
    segments: pathname.split('/').slice(1).map(decode),
    query: new URLSearchParams(search),
    search,
    host,
    origin: `${req.socket instanceof TLSSocket ? 'https' : 'http'}://${host}`,
    token,
  };
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new HubError(400, undefined, `"${segment}" is not well percent-encoded`);
  }
}
