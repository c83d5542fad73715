import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { isIP } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { Agent, type Dispatcher, request } from 'undici';
import { HubError } from './hub-error.ts';

const HOP_BY_HOP = new Set(
  'connection keep-alive proxy-authenticate proxy-authorization te trailer transfer-encoding upgrade host expect'.split(
    ' ',
  ),
);

/** The real Hub, for what is not in a folder. */
export class Upstream {
  readonly #agent = new Agent({ connect: { timeout: 10_000 } });
  readonly #url: string;

  /** @param url - of the Hub, without a slash at its end */
  constructor(url: string) {
    this.#url = url;
  }

  /**
   * Sends the request on as it is and streams the answer back. Redirects are the client's to follow; links to the Hub
   * become links to us.
   * @param viewer - the request is for the dataset viewer: a host of its own beside the Hub, a path where there are no names
   * @throws {HubError} 502 when the Hub cannot be reached; `missing` says what was asked for
   */
  async forward(
    req: IncomingMessage,
    res: ServerResponse,
    { path, viewer, origin, missing }: { path: string; viewer: boolean; origin: string; missing: string },
  ): Promise<void> {
    const gone = new AbortController();
    res.once('close', () => gone.abort());
    const hasBody = req.headers['content-length'] !== undefined || req.headers['transfer-encoding'] !== undefined;
    const answer = await request(`${viewer ? viewerUrl(this.#url) : this.#url}${path}`, {
      method: (req.method ?? 'GET') as Dispatcher.HttpMethod,
      headers: endToEnd(req.headers),
      body: hasBody ? req : null,
      dispatcher: this.#agent,
      signal: gone.signal,
    }).catch((error: unknown) => {
      throw new HubError(502, undefined, `${missing}, and ${this.#url} cannot be reached (${reason(error)})`);
    });
    for (const [name, value] of Object.entries(endToEnd(answer.headers))) {
      const ours =
        name === 'link' || name === 'location' ? String(value).replaceAll(`${this.#url}/`, `${origin}/`) : value;
      if (ours !== undefined) res.setHeader(name, ours);
    }
    res.writeHead(answer.statusCode);
    await pipeline(answer.body, res);
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }
}

function endToEnd(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !HOP_BY_HOP.has(name)));
}

function viewerUrl(hub: string): string {
  const url = new URL(hub);
  const unnamed = isIP(url.hostname) !== 0 || url.hostname === 'localhost';
  return unnamed ? `${hub}/datasets-server` : `${url.protocol}//datasets-server.${url.host}`;
}

function reason(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reason(error.errors[0]);
  return error instanceof Error ? error.message || error.name : String(error);
}
