import { createHash } from 'node:crypto';
import { decodeAwsChunked } from './aws-chunked.ts';
import { CHECKSUM_HEADERS, createChecksum } from './checksums.ts';
import { notImplemented, S3Error } from './s3-error.ts';
import { header, type S3Request } from './s3-request.ts';
import type { VerifiedRequest } from './signature.ts';

/** What is known of a body that came whole and undamaged. */
export interface ReceivedBody {
  readonly sizeBytes: number;
  /** Lower-case hex */
  readonly md5: string;
  /** `x-amz-checksum-…` headers that were sent and hold. */
  readonly checksums: Readonly<Record<string, string>>;
}

/** S3's limit of one PUT. */
const MAX_BODY_BYTES = 5 * 2 ** 30;

/**
 * Hands the decoded body to `sink` piece by piece and checks it against all that the client said of it: length,
 * Content-MD5, the signed SHA-256, checksums in headers and trailers. What `sink` got may be damaged until this resolves.
 * @throws {S3Error} BadDigest, XAmzContentSHA256Mismatch, IncompleteBody, InvalidDigest, MissingContentLength, EntityTooLarge
 */
export async function receiveBody(
  request: S3Request,
  verified: VerifiedRequest,
  sink: (chunk: Buffer) => void | Promise<void>,
): Promise<ReceivedBody> {
  const expectedMd5 = readContentMd5(request);
  const expectedSize = readLength(request, verified.payloadHash);
  const trailers = new Map<string, string>();
  const body = decodeBody(request, verified, trailers);

  const checksumName = checksumHeaderOf(request);
  const checksum = checksumName === undefined ? undefined : createChecksum(checksumName);
  if (checksumName !== undefined && !checksum) throw notImplemented(`The checksum ${checksumName}`);
  const sha256 = /^[0-9a-f]{64}$/.test(verified.payloadHash) ? createHash('sha256') : undefined;
  const md5 = createHash('md5');
  let sizeBytes = 0;
  for await (const chunk of body) {
    sizeBytes += chunk.length;
    if (sizeBytes > expectedSize) break;
    md5.update(chunk);
    sha256?.update(chunk);
    checksum?.update(chunk);
    await sink(chunk);
  }

  if (sizeBytes !== expectedSize) {
    throw new S3Error(
      400,
      'IncompleteBody',
      `The request body has not the ${expectedSize} bytes that its headers promise`,
    );
  }
  const md5Bytes = md5.digest();
  if (expectedMd5 && !expectedMd5.equals(md5Bytes)) throw badDigest('Content-MD5');
  if (sha256 && sha256.digest('hex') !== verified.payloadHash) {
    throw new S3Error(
      400,
      'XAmzContentSHA256Mismatch',
      "The provided 'x-amz-content-sha256' header does not match what was computed.",
    );
  }
  const checksums: Record<string, string> = {};
  if (checksumName !== undefined && checksum) {
    const value = await checksum.digest();
    if (value !== (header(request, checksumName) ?? trailers.get(checksumName))) throw badDigest(checksumName);
    checksums[checksumName] = value;
  }
  return { sizeBytes, md5: md5Bytes.toString('hex'), checksums };
}

/** A small body as text: the XML of a command. @throws {S3Error} as `receiveBody`, and MaxMessageLengthExceeded */
export async function receiveText(request: S3Request, verified: VerifiedRequest): Promise<string> {
  const limit = 8 << 20; // 10,000 parts or 1,000 keys are below it
  const chunks: Buffer[] = [];
  let size = 0;
  await receiveBody(request, verified, (chunk) => {
    size += chunk.length;
    if (size > limit) throw new S3Error(400, 'MaxMessageLengthExceeded', 'Your request was too large.');
    chunks.push(chunk);
  });
  return Buffer.concat(chunks).toString('utf8');
}

function decodeBody(
  { message }: S3Request,
  verified: VerifiedRequest,
  trailers: Map<string, string>,
): AsyncIterable<Buffer> {
  // Leaving the loop early must not cut the connection: the client is to read the error.
  const wire = message.iterator({ destroyOnReturn: false });
  switch (verified.payloadHash) {
    case 'STREAMING-UNSIGNED-PAYLOAD-TRAILER':
      return decodeAwsChunked(wire, trailers, undefined);
    case 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD':
    case 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER':
      return decodeAwsChunked(wire, trailers, verified);
    default:
      if (verified.payloadHash === 'UNSIGNED-PAYLOAD' || /^[0-9a-f]{64}$/.test(verified.payloadHash)) return wire;
      throw notImplemented(`x-amz-content-sha256: ${verified.payloadHash}`);
  }
}

function readLength(request: S3Request, payloadHash: string): number {
  const name = payloadHash.startsWith('STREAMING-') ? 'x-amz-decoded-content-length' : 'content-length';
  const value = header(request, name);
  // A command without a body, such as CreateMultipartUpload, has no length either.
  if (value === undefined && header(request, 'transfer-encoding') === undefined && name === 'content-length') return 0;
  if (value === undefined || !/^\d+$/.test(value)) {
    throw new S3Error(411, 'MissingContentLength', `You must provide the ${name} HTTP header.`);
  }
  const length = Number(value);
  if (length > MAX_BODY_BYTES) {
    throw new S3Error(400, 'EntityTooLarge', 'Your proposed upload exceeds the maximum allowed object size.');
  }
  return length;
}

function readContentMd5(request: S3Request): Buffer | undefined {
  const value = header(request, 'content-md5');
  if (value === undefined) return undefined;
  const bytes = Buffer.from(value, 'base64');
  if (bytes.length !== 16) throw new S3Error(400, 'InvalidDigest', 'The Content-MD5 you specified was invalid.');
  return bytes;
}

/** The header or trailer that will carry a checksum. */
function checksumHeaderOf(request: S3Request): string | undefined {
  const trailer = header(request, 'x-amz-trailer')
    ?.split(',')
    .map((name) => name.trim().toLowerCase())
    .find((name) => name.startsWith('x-amz-checksum-'));
  return trailer ?? CHECKSUM_HEADERS.find((name) => header(request, name) !== undefined);
}

function badDigest(name: string): S3Error {
  return new S3Error(400, 'BadDigest', `The ${name} you specified did not match what we received.`);
}
