import { createHmac, hash, timingSafeEqual } from 'node:crypto';
import { S3Error } from './s3-error.ts';
import { header, type S3Request } from './s3-request.ts';

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** A request whose signature holds; what the body is checked against. */
export interface VerifiedRequest {
  /** `x-amz-content-sha256`: a SHA-256 in hex, `UNSIGNED-PAYLOAD` or one of `STREAMING-…` */
  readonly payloadHash: string;
  readonly signature: string;
  /** `YYYYMMDDTHHMMSSZ` */
  readonly timestamp: string;
  /** `YYYYMMDD/region/service/aws4_request` */
  readonly scope: string;
  /** Signs a string with the request's key; chunks are signed one after the other. */
  sign(stringToSign: string): string;
}

interface Claim {
  readonly accessKeyId: string;
  readonly timestamp: string;
  readonly scope: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  readonly payloadHash: string;
}

const ALGORITHM = 'AWS4-HMAC-SHA256';
const MAX_SKEW_MS = 15 * 60_000;
const UNRESERVED_PATH = /^[A-Za-z0-9\-._~/]*$/;

/**
 * Checks Signature Version 4, in the Authorization header or in the query of a presigned URL. Any region is accepted, as
 * R2 takes `auto` and `us-east-1` alike; the signature holds for the region that it names.
 */
export class SignatureVerifier {
  readonly #credentials: Credentials;
  readonly #now: () => number;
  readonly #keys = new Map<string, Buffer>();

  constructor(credentials: Credentials, now: () => number = Date.now) {
    this.#credentials = credentials;
    this.#now = now;
  }

  /**
   * @throws {S3Error} AccessDenied, InvalidAccessKeyId, SignatureDoesNotMatch, RequestTimeTooSkewed,
   * AuthorizationHeaderMalformed, AuthorizationQueryParametersError
   */
  verify(request: S3Request): VerifiedRequest {
    const claim = request.query.has('X-Amz-Algorithm') ? this.#readQuery(request) : this.#readHeader(request);
    if (claim.accessKeyId !== this.#credentials.accessKeyId) {
      throw new S3Error(403, 'InvalidAccessKeyId', 'The AWS Access Key Id you provided does not exist in our records.');
    }
    for (const name in request.message.headers) {
      if (name.startsWith('x-amz-') && !claim.signedHeaders.includes(name)) {
        throw new S3Error(
          403,
          'AccessDenied',
          `There were headers present in the request which were not signed: ${name}`,
        );
      }
    }
    const key = this.#signingKey(claim.scope);
    const sign = (stringToSign: string): string => createHmac('sha256', key).update(stringToSign).digest('hex');
    // Header values are the bytes of the wire, one character each.
    const canonical = hash('sha256', Buffer.from(canonicalRequest(request, claim), 'latin1'), 'hex');
    const signature = sign(`${ALGORITHM}\n${claim.timestamp}\n${claim.scope}\n${canonical}`);
    if (!sameText(signature, claim.signature)) {
      throw new S3Error(
        403,
        'SignatureDoesNotMatch',
        'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
      );
    }
    const { payloadHash, timestamp, scope } = claim;
    return { payloadHash, signature, timestamp, scope, sign };
  }

  #readHeader(request: S3Request): Claim {
    const authorization = header(request, 'authorization');
    if (authorization === undefined) throw new S3Error(403, 'AccessDenied', 'Access Denied: the request is not signed');
    const match = /^AWS4-HMAC-SHA256 +Credential=([^,]+), *SignedHeaders=([^,]+), *Signature=([0-9a-f]{64})$/.exec(
      authorization,
    );
    const timestamp = header(request, 'x-amz-date');
    const payloadHash = header(request, 'x-amz-content-sha256');
    if (!match || !timestamp) {
      throw new S3Error(
        400,
        'AuthorizationHeaderMalformed',
        `The authorization header is malformed; sign with ${ALGORITHM} and send x-amz-date`,
      );
    }
    if (!payloadHash) throw new S3Error(400, 'InvalidRequest', 'Missing required header: x-amz-content-sha256');
    const [, credential = '', signedHeaders = '', signature = ''] = match;
    if (Math.abs(this.#now() - parseTimestamp(timestamp)) > MAX_SKEW_MS) {
      throw new S3Error(
        403,
        'RequestTimeTooSkewed',
        'The difference between the request time and the current time is too large.',
      );
    }
    return {
      ...splitCredential(credential),
      timestamp,
      signedHeaders: signedHeaders.split(';'),
      signature,
      payloadHash,
    };
  }

  #readQuery({ query, message }: S3Request): Claim {
    const [algorithm, credential, timestamp, expires, signedHeaders, signature] = [
      'X-Amz-Algorithm',
      'X-Amz-Credential',
      'X-Amz-Date',
      'X-Amz-Expires',
      'X-Amz-SignedHeaders',
      'X-Amz-Signature',
    ].map((name) => query.get(name));
    const seconds = Number(expires);
    if (algorithm !== ALGORITHM || !credential || !timestamp || !signedHeaders || !signature || !(seconds > 0)) {
      throw new S3Error(
        400,
        'AuthorizationQueryParametersError',
        'Query-string authentication requires X-Amz-Algorithm, -Credential, -Signature, -Date, -SignedHeaders, -Expires',
      );
    }
    const signedAt = parseTimestamp(timestamp);
    if (this.#now() > signedAt + seconds * 1000) throw new S3Error(403, 'AccessDenied', 'Request has expired');
    if (signedAt > this.#now() + MAX_SKEW_MS) throw new S3Error(403, 'AccessDenied', 'Request is not yet valid');
    const payloadHash = message.headers['x-amz-content-sha256'] ?? query.get('X-Amz-Content-Sha256');
    return {
      ...splitCredential(credential),
      timestamp,
      signedHeaders: signedHeaders.split(';'),
      signature,
      payloadHash: typeof payloadHash === 'string' ? payloadHash : 'UNSIGNED-PAYLOAD',
    };
  }

  #signingKey(scope: string): Buffer {
    const known = this.#keys.get(scope);
    if (known) return known;
    const key = scope
      .split('/')
      .reduce<Buffer>(
        (secret, part) => createHmac('sha256', secret).update(part).digest(),
        Buffer.from(`AWS4${this.#credentials.secretAccessKey}`),
      );
    if (this.#keys.size > 100) this.#keys.clear(); // a day, a region and a service each
    this.#keys.set(scope, key);
    return key;
  }
}

function splitCredential(credential: string): { accessKeyId: string; scope: string } {
  const parts = credential.split('/');
  if (parts.length < 5) {
    throw new S3Error(400, 'AuthorizationHeaderMalformed', `the credential "${credential}" is malformed`);
  }
  return { accessKeyId: parts.slice(0, -4).join('/'), scope: parts.slice(-4).join('/') };
}

function canonicalRequest(request: S3Request, claim: Claim): string {
  const headers = claim.signedHeaders.map(
    (name) => `${name}:${(header(request, name) ?? '').trim().replace(/ {2,}/g, ' ')}\n`,
  );
  return [
    request.method,
    UNRESERVED_PATH.test(request.rawPath)
      ? request.rawPath
      : request.rawPath
          .split('/')
          .map((part) => uriEncode(decodeURIComponent(part)))
          .join('/'),
    canonicalQuery(request.query),
    headers.join(''),
    claim.signedHeaders.join(';'),
    claim.payloadHash,
  ].join('\n');
}

function canonicalQuery(query: ReadonlyMap<string, string>): string {
  return [...query]
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]) => `${uriEncode(name)}=${uriEncode(value)}`)
    .sort()
    .join('&');
}

function uriEncode(value: string): string {
  return encodeURIComponent(value).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

function parseTimestamp(timestamp: string): number {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(timestamp);
  if (!match) throw new S3Error(403, 'AccessDenied', `"${timestamp}" is not a date of the form YYYYMMDDTHHMMSSZ`);
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1).map(Number);
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

function sameText(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}
