import { ConfigError, messageOf, ThrottledError, TransientError } from '../errors.ts';

/** What the SDK's errors have in common, as far as they have it. */
export interface SdkError extends Error {
  code?: string;
  $metadata?: { httpStatusCode?: number; attempts?: number };
  $response?: { headers?: Record<string, string> };
  /** Set on an error, it makes the SDK try again. */
  $retryable?: { throttling?: boolean };
}

/** Bytes were damaged on their way; the server stored nothing. */
const DAMAGED: ReadonlySet<string> = new Set([
  'BadDigest',
  'IncompleteBody',
  'InvalidDigest',
  'RequestTimeout',
  'XAmzContentChecksumMismatch',
  'XAmzContentSHA256Mismatch',
]);
const THROTTLED: ReadonlySet<string> = new Set(['SlowDown', 'Throttling', 'ThrottlingException', 'TooManyRequests']);
const NETWORK: ReadonlySet<string> = new Set([
  'EAI_AGAIN',
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'ERR_STREAM_PREMATURE_CLOSE',
  'ETIMEDOUT',
  'UND_ERR_BODY_TIMEOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_INFO',
  'UND_ERR_SOCKET',
]);
/** Codes that OpenSSL and Node give to a certificate that is not trusted. */
const UNTRUSTED = /CERT|UNABLE_TO_(?:GET|VERIFY)/;
const MISCONFIGURED: ReadonlySet<string> = new Set(['CredentialsProviderError', 'NoSuchBucket', 'PermanentRedirect']);

export function isSdkError(error: unknown): error is SdkError {
  return error instanceof Error;
}

export function statusOf(error: unknown): number | undefined {
  return isSdkError(error) ? error.$metadata?.httpStatusCode : undefined;
}

export function isDamaged(error: unknown): boolean {
  return isSdkError(error) && DAMAGED.has(error.name);
}

/** Whether the same request may go through when it is sent again. */
export function mayPass(error: unknown): boolean {
  if (!isSdkError(error)) return false;
  const status = statusOf(error) ?? 0;
  return (
    status === 429 ||
    status >= 500 ||
    isDamaged(error) ||
    THROTTLED.has(error.name) ||
    error.name === 'TimeoutError' ||
    error.name === 'ConditionalRequestConflict' || // another conditional write to the key was under way
    NETWORK.has(error.code ?? '')
  );
}

/** The error of ours that says what to do about an error of the SDK; one that is neither comes back unchanged. */
export function toStorageError(error: unknown, bucket: string, action: string): unknown {
  if (!isSdkError(error)) return error;
  const status = statusOf(error);
  const message = `bucket "${bucket}": ${action} failed: ${status ?? error.code ?? ''} ${reasonOf(error)}`;
  if (status === 429 || THROTTLED.has(error.name)) {
    const seconds = Number(error.$response?.headers?.['retry-after']);
    return new ThrottledError(message, { cause: error, retryAfterSeconds: seconds > 0 ? seconds : undefined });
  }
  if (mayPass(error)) return new TransientError(message, { cause: error });
  const isUntrusted = status === undefined && UNTRUSTED.test(error.code ?? '');
  if (status === 401 || status === 403 || isUntrusted || MISCONFIGURED.has(error.name)) {
    return new ConfigError(message, { cause: error });
  }
  return error;
}

/** The SDK cannot read the pages that a gateway sends in place of XML, and says so at length. */
function reasonOf(error: SdkError): string {
  const message = messageOf(error);
  return message.includes('Deserialization error') ? 'with an answer that is not XML' : `${error.name}, ${message}`;
}
