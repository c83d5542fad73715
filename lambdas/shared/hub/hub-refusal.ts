import type { IncomingHttpHeaders } from 'node:http';
import { BadInputError } from '../errors.ts';

/** What was asked of the Hub, for messages. */
export interface Asked {
  readonly repo: string;
  readonly revision?: string;
  readonly path?: string;
}

export interface HubIdentity {
  /** Without a slash at the end. */
  readonly endpoint: string;
  readonly hasToken: boolean;
}

/** A 4xx of the Hub; under the name of its retry policy, as every error. */
export class HubRefusal extends BadInputError {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/**
 * What a 4xx of the Hub means for a person: what is missing (a token, acceptance of the terms and where, the repo, the
 * revision, the file), as far as the Hub tells. It answers 401 alike for what is private, gated or not there.
 */
export function hubRefusal(status: number, headers: IncomingHttpHeaders, asked: Asked, hub: HubIdentity): HubRefusal {
  return new HubRefusal(status, explain(status, headers, asked, hub));
}

function explain(status: number, headers: IncomingHttpHeaders, asked: Asked, hub: HubIdentity): string {
  const code = text(headers['x-error-code']);
  const dataset = `dataset "${asked.repo}"`;
  const isStandIn = /^http:\/\/(?:127\.|localhost)/.test(hub.endpoint); // which has no pages for people
  const page = `${isStandIn ? 'https://huggingface.co' : hub.endpoint}/datasets/${asked.repo}`;
  if (code === 'GatedRepo') {
    return hub.hasToken
      ? `${dataset} is gated, and the account of the Hugging Face token has no access to it: accept its terms at ${page}`
      : `${dataset} is gated: a Hugging Face token is needed, of an account that has accepted its terms at ${page}`;
  }
  if (code === 'RevisionNotFound') return `${dataset} has no revision "${asked.revision ?? 'main'}"`;
  if (code === 'EntryNotFound' || (status === 404 && asked.path !== undefined && code !== 'RepoNotFound')) {
    return `${dataset} has no file "${asked.path ?? ''}" at revision ${asked.revision ?? 'main'}`;
  }
  if (status === 401) {
    return hub.hasToken
      ? `${dataset} cannot be read (401): the Hugging Face token is not valid, or the dataset does not exist or is not visible to it`
      : `${dataset} does not exist, or is private or gated: the last two need a Hugging Face token (see ${page})`;
  }
  if (status === 403) {
    return `${dataset} cannot be read (403): ${hub.hasToken ? 'the Hugging Face token has no right to it' : 'a Hugging Face token is needed'} (see ${page})`;
  }
  if (status === 404 || status === 410) {
    const hint = hub.hasToken
      ? 'or the Hugging Face token may not see it'
      : 'or is private, which needs a Hugging Face token';
    return `${dataset} does not exist, ${hint}`;
  }
  const reason = text(headers['x-error-message'])?.slice(0, 200);
  return `${dataset}: the Hub refused the request (${status}${reason ? `: ${reason}` : ''})`;
}

function text(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}
