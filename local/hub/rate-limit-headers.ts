const WINDOW_SECONDS = 300;
/** Requests that a PRO account has in a window. */
const QUOTA = { api: 2500, resolvers: 12_000 };

/**
 * The headers by which the Hub announces its limits (draft-ietf-httpapi-ratelimit-headers-09). Nothing is counted or
 * enforced here, so what remains is never 0.
 */
export function rateLimitHeaders(pathname: string, now: number = Date.now()): Record<string, string> {
  const kind = pathname.startsWith('/api/') ? 'api' : 'resolvers';
  const resetSeconds = WINDOW_SECONDS - (Math.floor(now / 1000) % WINDOW_SECONDS);
  return {
    RateLimit: `"${kind}";r=${QUOTA[kind] - 1};t=${resetSeconds}`,
    'RateLimit-Policy': `"fixed window";"${kind}";q=${QUOTA[kind]};w=${WINDOW_SECONDS}`,
  };
}
