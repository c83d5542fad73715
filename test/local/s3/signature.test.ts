import { createHash, createHmac } from 'node:crypto';
import { type IncomingHttpHeaders, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { GetObjectCommand, ListBucketsCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { expect, it } from 'vitest';
import type { StandIn } from '../../../local/stand-in/http-stand-in.ts';
import { BUCKET, connect, credentials, startS3 } from './s3-fixture.ts';

const sha256 = (data: string) => createHash('sha256').update(data).digest('hex');
const hmac = (key: string | Buffer, data: string) => createHmac('sha256', key).update(data).digest();

interface Signed {
  readonly scope: string;
  readonly timestamp: string;
  readonly signature: string;
  readonly key: Buffer;
}

/** Signs by the book (AWS's "Create a signed request"), apart from the endpoint's own code. */
function sign(
  method: string,
  path: string,
  query: string,
  headers: Record<string, string>,
  payload: string,
  at: Date,
): Signed {
  const timestamp = at.toISOString().replace(/[-:]|\.\d+/g, '');
  const scope = `${timestamp.slice(0, 8)}/auto/s3/aws4_request`;
  const names = Object.keys(headers).sort();
  const canonical = [
    method,
    path,
    query.replace('$SCOPE', encodeURIComponent(scope)).replace('$DATE', timestamp),
    ...names.map((name) => `${name}:${name === 'x-amz-date' ? timestamp : headers[name]}`),
    '',
    names.join(';'),
    payload,
  ].join('\n');
  const key = scope.split('/').reduce<string | Buffer>(hmac, `AWS4${credentials.secretAccessKey}`) as Buffer;
  const signature = hmac(key, ['AWS4-HMAC-SHA256', timestamp, scope, sha256(canonical)].join('\n')).toString('hex');
  return { scope, timestamp, signature, key };
}

function send(s3: StandIn, method: string, path: string, headers: IncomingHttpHeaders, body?: string) {
  return new Promise<{ status: number | undefined; body: string }>((resolve, reject) => {
    request(`${s3.url}${path}`, { method, headers }, async (res) =>
      resolve({ status: res.statusCode, body: await text(res) }),
    )
      .once('error', reject)
      .end(body);
  });
}

it('refuses a wrong key and a wrong secret, and knows the right ones', async () => {
  const s3 = await startS3();
  const list = (config: object) => connect(s3, config).send(new ListBucketsCommand());
  expect((await list({ region: 'us-east-1' })).Buckets?.map(({ Name }) => Name)).toEqual(['images', 'runs']);
  await expect(list({ credentials: { ...credentials, accessKeyId: 'other' } })).rejects.toMatchObject({
    name: 'InvalidAccessKeyId',
    $metadata: { httpStatusCode: 403 },
  });
  await expect(list({ credentials: { ...credentials, secretAccessKey: 'other' } })).rejects.toMatchObject({
    name: 'SignatureDoesNotMatch',
    $metadata: { httpStatusCode: 403 },
  });
  await expect(list({ systemClockOffset: 3_600_000 })).rejects.toMatchObject({ name: 'RequestTimeTooSkewed' });
  expect(await send(s3, 'GET', `/${BUCKET}/k`, {})).toMatchObject({
    status: 403,
    body: expect.stringContaining('AccessDenied'),
  });
});

it('refuses a body that is not the one that was signed', async () => {
  const s3 = await startS3();
  const headers = { host: `127.0.0.1:${s3.port}`, 'x-amz-content-sha256': sha256('signed'), 'x-amz-date': '' };
  const { scope, timestamp, signature } = sign('PUT', `/${BUCKET}/k`, '', headers, sha256('signed'), new Date());
  const authorization = `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/${scope}, SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=${signature}`;
  const put = (extra: IncomingHttpHeaders, body: string) =>
    send(s3, 'PUT', `/${BUCKET}/k`, { ...headers, 'x-amz-date': timestamp, authorization, ...extra }, body);
  expect((await put({}, 'signed')).status).toBe(200);
  expect((await put({}, 'forged')).body).toContain('XAmzContentSHA256Mismatch');
  expect((await put({ 'x-amz-meta-added': '1' }, 'signed')).body).toContain('not signed');
});

it('takes presigned URLs until they expire', async () => {
  const s3 = await startS3();
  const client = connect(s3);
  await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'a b', Body: 'text' }));
  const presign = (at: Date, key = 'a%20b') => {
    const credential = encodeURIComponent(`${credentials.accessKeyId}/`);
    const query = `X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=${credential}$SCOPE&X-Amz-Date=$DATE&X-Amz-Expires=60&X-Amz-SignedHeaders=host&response-content-type=text%2Fx`;
    const path = `/${BUCKET}/${key}`;
    const signed = sign('GET', path, query, { host: `127.0.0.1:${s3.port}` }, 'UNSIGNED-PAYLOAD', at);
    const filled = query.replace('$SCOPE', encodeURIComponent(signed.scope)).replace('$DATE', signed.timestamp);
    return { path, query: `${filled}&X-Amz-Signature=${signed.signature}` };
  };
  const get = ({ path, query }: { path: string; query: string }) => fetch(`${s3.url}${path}?${query}`);
  const now = presign(new Date());
  const response = await get(now);
  expect([await response.text(), response.headers.get('content-type')]).toEqual(['text', 'text/x']);
  expect((await get({ ...now, path: `/${BUCKET}/other` })).status).toBe(403);
  expect(await (await get(presign(new Date(Date.now() - 61_000)))).text()).toContain('expired');
});

it('follows the signatures of a chunked body and of its trailer', async () => {
  const s3 = await startS3();
  const mode = 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER';
  const parts = ['first chunk, ', 'second chunk'];
  const headers = {
    host: `127.0.0.1:${s3.port}`,
    'x-amz-content-sha256': mode,
    'x-amz-date': '',
    'x-amz-decoded-content-length': String(parts.join('').length),
    'x-amz-trailer': 'x-amz-checksum-sha256',
  };
  const names = Object.keys(headers).sort().join(';');
  const checksum = createHash('sha256').update(parts.join('')).digest('base64');
  const upload = async (key: string, forge: (part: string) => string, trailer: string) => {
    const {
      scope,
      timestamp,
      signature,
      key: signingKey,
    } = sign('PUT', `/${BUCKET}/${key}`, '', headers, mode, new Date());
    let previous = signature;
    const next = (kind: string, digests: string) => {
      previous = hmac(signingKey, `AWS4-HMAC-SHA256-${kind}\n${timestamp}\n${scope}\n${previous}\n${digests}`).toString(
        'hex',
      );
      return previous;
    };
    const chunks = [...parts, ''].map(
      (part) =>
        `${part.length.toString(16)};chunk-signature=${next('PAYLOAD', `${sha256('')}\n${sha256(part)}`)}\r\n${forge(part)}${part && '\r\n'}`,
    );
    const end = `x-amz-checksum-sha256:${trailer}\r\nx-amz-trailer-signature:${next('TRAILER', sha256(`x-amz-checksum-sha256:${checksum}\n`))}\r\n\r\n`;
    const authorization = `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/${scope},SignedHeaders=${names},Signature=${signature}`;
    return send(
      s3,
      'PUT',
      `/${BUCKET}/${key}`,
      { ...headers, 'x-amz-date': timestamp, authorization },
      chunks.join('') + end,
    );
  };
  expect(await upload('good', (part) => part, checksum)).toMatchObject({ status: 200 });
  expect((await upload('forged', (part) => part.replace('second', 'SECOND'), checksum)).body).toContain(
    'SignatureDoesNotMatch',
  );
  expect((await upload('trailer', (part) => part, sha256('x'))).body).toContain('SignatureDoesNotMatch');
  const client = connect(s3);
  const { Body } = await client.send(new GetObjectCommand({ Bucket: BUCKET, Key: 'good' }));
  expect(await Body?.transformToString()).toBe(parts.join(''));
  await expect(client.send(new GetObjectCommand({ Bucket: BUCKET, Key: 'forged' }))).rejects.toThrow('does not exist');
});
