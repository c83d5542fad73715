import { createHash, createHmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createRequestSigner, encodeKey } from '../../../../lambdas/shared/storage/request-signer.ts';

/** The hash that the oracle asks for. */
class Sha256 {
  readonly #hash;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', keyOf(secret));
  }

  update(data: Uint8Array): void {
    this.#hash.update(data);
  }

  digest(): Promise<Uint8Array> {
    return Promise.resolve(this.#hash.digest());
  }

  reset(): void {}
}

function keyOf(secret: string | ArrayBuffer | ArrayBufferView): string | Uint8Array {
  if (typeof secret === 'string') return secret;
  return ArrayBuffer.isView(secret)
    ? new Uint8Array(secret.buffer, secret.byteOffset, secret.byteLength)
    : new Uint8Array(secret);
}

const name = fc.stringMatching(/^x-amz-(?:meta|checksum)-[a-z0-9-]{1,20}$/);
const value = fc.stringMatching(/^[\x20-\x7e]{0,40}$/);
const request = fc.record({
  accessKeyId: fc.stringMatching(/^[A-Z0-9]{4,32}$/),
  secretAccessKey: fc.string({ minLength: 1, maxLength: 60 }),
  region: fc.constantFrom('auto', 'us-east-1', 'eu-central-1'),
  method: fc.constantFrom('PUT', 'DELETE'),
  key: fc.string({ minLength: 1, unit: 'grapheme' }).filter((key) => !key.includes('?')),
  headers: fc.dictionary(name, value),
  payloadSha256: fc.stringMatching(/^[0-9a-f]{64}$/),
  instants: fc.array(
    fc.date({ min: new Date('2015-01-01'), max: new Date('2099-12-31'), noInvalidDate: true }),
    { minLength: 1, maxLength: 3 }, // the key of a day is kept, and the next day has another
  ),
});

it("signs as the SDK's own signer", async () => {
  await fc.assert(
    fc.asyncProperty(request, async ({ key, method, headers, payloadSha256, instants, ...credentials }) => {
      const sign = createRequestSigner(credentials);
      const oracle = new SignatureV4({
        credentials,
        region: credentials.region,
        service: 's3',
        sha256: Sha256,
        uriEscapePath: false,
        applyChecksum: false,
      });
      const host = 'account.r2.cloudflarestorage.com';
      const path = `/bucket/${encodeKey(key)}`;
      for (const signingDate of instants) {
        const signed = sign({ method, path, headers: { ...headers, host }, payloadSha256 }, signingDate);
        const { authorization: _, ...unsigned } = signed;
        const expected = await oracle.sign(
          { method, protocol: 'https:', hostname: host, path, headers: unsigned, query: {} },
          { signingDate },
        );
        expect(signed.authorization).toBe(expected.headers.authorization);
      }
    }),
  );
});

it.each([
  ['scenes/1/original.jpg', 'scenes/1/original.jpg'],
  ["a b+c&d=e/(f)*'!~", 'a%20b%2Bc%26d%3De/%28f%29%2A%27%21~'],
  ['günther/%2F', 'g%C3%BCnther/%252F'],
])('encodes the key %s', (key, encoded) => {
  expect(encodeKey(key)).toBe(encoded);
});
