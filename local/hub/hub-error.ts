import type { ServerResponse } from 'node:http';
import { sendJson } from '../stand-in/http-stand-in.ts';

/** An answer of the Hub that is not a success. Clients tell cases apart by `X-Error-Code`, people read `X-Error-Message`. */
export class HubError extends Error {
  override readonly name = 'HubError';
  readonly status: number;
  readonly code: string | undefined;
  readonly headers: Record<string, string>;

  constructor(status: number, code: string | undefined, message: string, headers: Record<string, string> = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

export function sendHubError(res: ServerResponse, { status, code, message, headers }: HubError): void {
  sendJson(
    res,
    status,
    { error: message },
    {
      ...headers,
      ...(code === undefined ? {} : { 'X-Error-Code': code }),
      'X-Error-Message': message.replace(/[^\x20-\x7e]/g, ' '), // what a header may hold
    },
  );
}

/** The Hub does not tell whether a repository exists that the caller may not see: 401 without a token, 404 with one. */
export function repoNotFound(token: string | undefined): HubError {
  return token === undefined
    ? new HubError(401, 'RepoNotFound', 'Invalid username or password.')
    : new HubError(404, 'RepoNotFound', 'Repository not found');
}

export function revisionNotFound(revision: string): HubError {
  return new HubError(404, 'RevisionNotFound', `Invalid rev id: ${revision}`);
}

/** The Hub sends the commit with it, so that clients can remember that the file is not there. */
export function entryNotFound(message: string, sha: string): HubError {
  return new HubError(404, 'EntryNotFound', message, { 'X-Repo-Commit': sha });
}

export function gatedRepo(id: string, token: string | undefined): HubError {
  return token === undefined
    ? new HubError(
        401,
        'GatedRepo',
        `Access to dataset ${id} is restricted. You must have access to it and be authenticated to access it. Please log in.`,
      )
    : new HubError(
        403,
        'GatedRepo',
        `Access to dataset ${id} is restricted and you are not in the authorized list. Visit https://huggingface.co/datasets/${id} to ask for access.`,
      );
}
