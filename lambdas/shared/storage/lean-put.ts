import type { IncomingHttpHeaders } from 'node:http';
import { type Dispatcher, Pool } from 'undici';
import { createRequestSigner, encodeKey } from './request-signer.ts';
import type { SdkError } from './storage-error.ts';

export interface LeanPutOptions {
  readonly endpoint: string;
  readonly region: string;
  readonly bucket: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Uploads at once; further ones wait for a connection. */
  readonly connections: number;
  /**
   * From the request's first byte to the answer's head, besides what the body takes at the slowest rate that is put up
   * with, in ms. @default 30,000
   */
  readonly answerTimeoutMs?: number;
}

export interface PutRequest {
  readonly key: string;
  readonly body: Uint8Array;
  /** In lower case, ASCII. All of them are signed. */
  readonly headers: Readonly<Record<string, string>>;
  /** Of the body, in lower-case hex. */
  readonly sha256: string;
}

const CONNECT_TIMEOUT_MS = 5_000;
const ANSWER_TIMEOUT_MS = 30_000;
const SLOWEST_BYTES_PER_MS = 256;
const BODY_TIMEOUT_MS = 30_000;
/** Short of what servers keep an idle connection for, and long enough for a pause to write to the database. */
const KEEP_ALIVE_MS = 15_000;
/** An error's XML is a few hundred bytes. */
const MAX_ERROR_CHARACTERS = 16 * 1024;

/** An answer of the bucket that is no success; named and shaped as the SDK's errors are. */
class BucketRefusal extends Error implements SdkError {
  override readonly name: string;
  readonly $metadata: { readonly httpStatusCode: number };
  readonly $response: { readonly headers: Record<string, string> };

  constructor(status: number, headers: IncomingHttpHeaders, xml: string) {
    const code = /<Code>([^<]+)<\/Code>/.exec(xml)?.[1] ?? `Status${status}`;
    super(/<Message>([^<]*)<\/Message>/.exec(xml)?.[1] ?? 'no reason given');
    this.name = code;
    this.$metadata = { httpStatusCode: status };
    const after = headers['retry-after'];
    this.$response = { headers: after === undefined ? {} : { 'retry-after': after } };
  }
}

/**
 * A PUT of one object over kept-alive connections, without retries: a quarter of the CPU of the SDK's.
 * @throws {BucketRefusal} for any status but 2xx, and undici's errors
 */
export function createLeanPut(options: LeanPutOptions): (request: PutRequest) => Promise<void> {
  const { endpoint, answerTimeoutMs = ANSWER_TIMEOUT_MS } = options;
  const { origin, host, pathname } = new URL(endpoint);
  const folder = `${pathname === '/' ? '' : pathname}/${encodeKey(options.bucket)}/`;
  const sign = createRequestSigner(options);
  const pool = new Pool(origin, {
    connections: options.connections,
    pipelining: 1,
    allowH2: false, // a connection each: large bodies do not share one window
    connect: { timeout: CONNECT_TIMEOUT_MS },
    bodyTimeout: BODY_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
  });

  return ({ key, body, headers, sha256 }) => {
    const path = folder + encodeKey(key);
    const request: Dispatcher.DispatchOptions = {
      method: 'PUT',
      path,
      headers: sign({ method: 'PUT', path, headers: { ...headers, host }, payloadSha256: sha256 }, new Date()),
      body,
      headersTimeout: answerTimeoutMs + body.byteLength / SLOWEST_BYTES_PER_MS,
    };
    // `dispatch` spares the stream that `request` makes of each answer's body: a tenth of the CPU.
    return new Promise((resolve, reject) => {
      let status = 0;
      let answer: IncomingHttpHeaders = {};
      let text = '';
      pool.dispatch(request, {
        onRequestStart() {},
        onResponseStart(_controller, statusCode, responseHeaders) {
          status = statusCode;
          answer = responseHeaders;
        },
        onResponseData(_controller, chunk) {
          if (text.length < MAX_ERROR_CHARACTERS) text += chunk.toString('latin1');
        },
        onResponseEnd() {
          if (status >= 200 && status < 300) resolve();
          else reject(new BucketRefusal(status, answer, text));
        },
        onResponseError(_controller, error) {
          reject(error);
        },
      });
    });
  };
}
