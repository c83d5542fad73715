import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { HubError } from './hub-error.ts';
import { baseName, type RepoFile } from './repo-file.ts';
import { fileReader, sendContent } from './send-content.ts';

/** First part of the content network's paths, by which its requests are told from the Hub's in the request log. */
export const CONTENT_FOLDER = '_cdn';

/**
 * Stands in for the content delivery network that the Hub sends clients to for files in LFS. It knows no tokens: the
 * link's signature is the right to read, until it expires. A token that is sent along is refused, as object stores do;
 * clients must not hand it to a third party, so the link is on another host name than the Hub (`localhost` against
 * `127.0.0.1`; on the same one, `huggingface_hub` takes it for a page of the Hub).
 */
export class ContentNetwork {
  readonly #key = randomBytes(32);
  readonly #files = new Map<string, RepoFile>();
  readonly #lifetimeSeconds: number;

  constructor(lifetimeSeconds: number) {
    this.#lifetimeSeconds = lifetimeSeconds;
  }

  /** A link to a file in LFS for a client that reached the Hub at `origin`. */
  link(file: RepoFile, sha256: string, origin: string): string {
    this.#files.set(sha256, file);
    const expires = Math.floor(Date.now() / 1000) + this.#lifetimeSeconds;
    const name = encodeURIComponent(baseName(file));
    const other = new URL(origin);
    other.hostname = other.hostname === 'localhost' ? '127.0.0.1' : 'localhost';
    return (
      `${other.origin}/${CONTENT_FOLDER}/${sha256}?response-content-disposition=` +
      `${encodeURIComponent(`inline; filename*=UTF-8''${name}`)}&Expires=${expires}&Signature=${this.#sign(sha256, expires)}`
    );
  }

  async send(req: IncomingMessage, res: ServerResponse, sha256: string, query: URLSearchParams): Promise<void> {
    if (req.headers.authorization !== undefined) {
      throw new HubError(400, 'InvalidArgument', 'Only one auth mechanism allowed: a signed link takes no token');
    }
    const expires = Number(query.get('Expires'));
    if (!same(query.get('Signature') ?? '', this.#sign(sha256, expires))) {
      throw new HubError(403, 'AccessDenied', 'The signature of the link is wrong');
    }
    if (Date.now() >= expires * 1000) throw new HubError(403, 'AccessDenied', 'The link has expired');
    const gone = () => new HubError(404, 'NoSuchKey', 'The file has changed since the link was made');
    const file = this.#files.get(sha256);
    if (!file) throw gone();
    const disposition = query.get('response-content-disposition') ?? 'inline';
    await sendContent(req, res, {
      sizeBytes: file.sizeBytes,
      etag: `"${sha256}"`,
      headers: { 'Content-Type': 'application/octet-stream', 'Content-Disposition': disposition },
      read: fileReader(file, gone),
    });
  }

  #sign(sha256: string, expires: number): string {
    return createHmac('sha256', this.#key).update(`${sha256} ${expires}`).digest('hex');
  }
}

function same(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}
