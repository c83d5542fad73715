import type { IncomingHttpHeaders } from 'node:http';

/**
 * Seconds that a 429 (or 503) asks for, or `undefined` when it does not say. The Hub sends
 * `RateLimit: "resolvers";r=0;t=55`, where `t` counts to the end of the window and means a wait only when `r` (what
 * remains) is 0; other servers send `Retry-After` as seconds or as a date.
 * @param nowMs the clock that a date is compared with, in ms since 1970
 */
export function retryAfterSeconds(headers: IncomingHttpHeaders, nowMs: number): number | undefined {
  const limit = headers.ratelimit;
  if (typeof limit === 'string') {
    for (const policy of limit.split(',')) {
      const parameters = new Map(policy.split(';').map((part) => splitOnce(part.trim())));
      const seconds = Number(parameters.get('t') || Number.NaN);
      if (parameters.get('r') === '0' && seconds >= 0 && Number.isFinite(seconds)) return seconds;
    }
  }
  const after = headers['retry-after']?.trim();
  if (!after) return undefined;
  if (/^\d+(\.\d+)?$/.test(after)) return Number(after);
  const at = Date.parse(after);
  return Number.isNaN(at) ? undefined : Math.max(0, Math.ceil((at - nowMs) / 1000));
}

function splitOnce(text: string): [string, string] {
  const cut = text.indexOf('=');
  return cut === -1 ? [text, ''] : [text.slice(0, cut).trim(), text.slice(cut + 1).trim()];
}
