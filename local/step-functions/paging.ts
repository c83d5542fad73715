import { ApiError } from './api-error.ts';

export interface PageRequest {
  readonly maxResults?: number;
  readonly nextToken?: string;
}

/** The next items, and the token of those after them; the token holds the key of the last item that was given. */
export function page<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  { maxResults = 0, nextToken }: PageRequest,
  standard = 100,
): { items: readonly T[]; nextToken?: string } {
  if (!Number.isInteger(maxResults) || maxResults < 0 || maxResults > 1000) {
    throw new ApiError('ValidationException', `maxResults must be a whole number from 0 to 1000, not ${maxResults}`);
  }
  const after = nextToken === undefined ? -1 : position(items, keyOf, nextToken);
  const rest = items.slice(after + 1, after + 1 + (maxResults || standard));
  const last = rest.at(-1);
  const more = last !== undefined && after + 1 + rest.length < items.length;
  return { items: rest, ...(more ? { nextToken: Buffer.from(keyOf(last)).toString('base64') } : {}) };
}

function position<T>(items: readonly T[], keyOf: (item: T) => string, token: string): number {
  const key = Buffer.from(token, 'base64').toString();
  const index = items.findIndex((item) => keyOf(item) === key);
  if (index < 0) throw new ApiError('InvalidToken', `Invalid Token: '${token}'`);
  return index;
}
