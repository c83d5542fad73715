import type { IncomingMessage, ServerResponse } from 'node:http';
import { type StandIn, serveStandIn, type TlsFiles } from '../stand-in/http-stand-in.ts';
import { createBucket, deleteObjects, getBucket, headBucket, listBuckets } from './bucket-operations.ts';
import {
  abortUpload,
  completeUpload,
  createUpload,
  listParts,
  type MultipartDeps,
  uploadPart,
} from './multipart-operations.ts';
import { MultipartUploads } from './multipart-uploads.ts';
import { ObjectFiles } from './object-files.ts';
import { copyObject, deleteObject, getObject, putObject } from './object-operations.ts';
import { notImplemented, S3Error } from './s3-error.ts';
import { header, parseRequest, type S3Request } from './s3-request.ts';
import { sendXml } from './send-xml.ts';
import { type Credentials, SignatureVerifier } from './signature.ts';
import { text } from './xml.ts';

export interface ServeS3Options {
  /** Objects lie in `{dataDir}/{bucket}/{key}`. One server per folder. */
  readonly dataDir: string;
  /** @default any free port */
  readonly port?: number;
  /** Created when they do not exist. */
  readonly buckets: readonly string[];
  readonly credentials: Credentials;
  /** What it says of itself; requests may be signed for any. @default auto */
  readonly region?: string;
  /** @default plain HTTP */
  readonly tls?: TlsFiles;
}

/** Settings of S3 that are asked for by a query parameter and that we do not have. */
const SUBRESOURCES: ReadonlySet<string> = new Set(
  (
    'accelerate acl analytics attributes cors encryption intelligent-tiering inventory legal-hold lifecycle logging ' +
    'metrics notification object-lock ownershipControls policy policyStatus publicAccessBlock replication ' +
    'requestPayment restore retention select tagging torrent versions website'
  ).split(' '),
);

/**
 * Serves buckets from a folder as S3 and R2 do, path-style: for the SDKs, boto3 and rclone alike.
 * @throws Error in one sentence when the port is taken.
 */
export async function serveS3(options: ServeS3Options): Promise<StandIn> {
  const files = new ObjectFiles(options.dataDir);
  for (const bucket of options.buckets) files.createBucket(bucket);
  const deps: MultipartDeps = { files, uploads: new MultipartUploads(files.uploadsFolder), completed: new Map() };
  const verifier = new SignatureVerifier(options.credentials);
  const region = options.region ?? 'auto';
  let requests = 0;

  async function listener(message: IncomingMessage, res: ServerResponse): Promise<void> {
    requests += 1;
    res.setHeader('x-amz-request-id', requests.toString(16).toUpperCase().padStart(16, '0'));
    try {
      await route(parseRequest(message), res);
    } catch (error) {
      answerError(error, message, res);
    }
  }

  async function route(request: S3Request, res: ServerResponse): Promise<void> {
    const verified = verifier.verify(request);
    const { method, bucket, key, query } = request;
    for (const name of query.keys()) if (SUBRESOURCES.has(name)) throw notImplemented(`The subresource ${name}`);
    if (bucket === '') {
      if (method === 'GET') return listBuckets(files, res);
      throw methodNotAllowed();
    }
    if (key === '') {
      if (query.has('uploads')) throw notImplemented('Listing multipart uploads');
      if (method === 'GET') return getBucket(files, request, region, res);
      if (method === 'HEAD') return headBucket(files, request, region, res);
      if (method === 'PUT') return createBucket(files, request, verified, res);
      if (method === 'POST' && query.has('delete')) return deleteObjects(files, request, verified, res);
      throw methodNotAllowed();
    }
    const copies = header(request, 'x-amz-copy-source') !== undefined;
    if (query.has('uploadId')) {
      if (method === 'PUT' && copies) throw notImplemented('UploadPartCopy');
      if (method === 'PUT') return uploadPart(deps, request, verified, res);
      if (method === 'POST') return completeUpload(deps, request, verified, res);
      if (method === 'DELETE') return abortUpload(deps, request, res);
      if (method === 'GET') return listParts(deps, request, res);
    }
    if (query.has('partNumber')) throw notImplemented('Reading a single part');
    if (method === 'GET' || method === 'HEAD') return getObject(files, request, res);
    if (method === 'PUT' && copies) return copyObject(files, request, res);
    if (method === 'PUT') return putObject(files, request, verified, res);
    if (method === 'DELETE') return deleteObject(files, request, res);
    if (method === 'POST' && query.has('uploads')) return createUpload(deps, request, res);
    throw methodNotAllowed();
  }

  return serveStandIn(listener, { name: 'bucket', port: options.port, tls: options.tls });
}

function answerError(error: unknown, message: IncomingMessage, res: ServerResponse): void {
  if (res.headersSent || message.socket.destroyed) {
    res.destroy();
    return;
  }
  const { status, code, headers } =
    error instanceof S3Error ? error : { status: 500, code: 'InternalError', headers: {} };
  if (message.method === 'HEAD' || status === 304) {
    res.writeHead(status, headers).end();
    return;
  }
  const body = [
    text('Code', code),
    text('Message', error instanceof Error ? error.message : String(error)),
    text('Resource', message.url?.split('?', 1)[0]),
    text('RequestId', String(res.getHeader('x-amz-request-id'))),
  ];
  sendXml(res, status, `<?xml version="1.0" encoding="UTF-8"?>\n<Error>${body.join('')}</Error>`, headers);
}

function methodNotAllowed(): S3Error {
  return new S3Error(405, 'MethodNotAllowed', 'The specified method is not allowed against this resource.');
}
