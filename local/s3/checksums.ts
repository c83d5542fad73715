import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { Crc32c, Crc64Nvme } from '@aws-sdk/checksums/crc';

/** A checksum that is fed as the bytes come. */
export interface Checksum {
  update(chunk: Uint8Array): void;
  /** In base64, as the `x-amz-checksum-…` headers have it. */
  digest(): Promise<string>;
}

const ALGORITHMS: Readonly<Record<string, () => Checksum>> = {
  'x-amz-checksum-crc32': nativeCrc32,
  'x-amz-checksum-crc32c': () => sdkChecksum(new Crc32c()),
  'x-amz-checksum-crc64nvme': () => sdkChecksum(new Crc64Nvme()),
  'x-amz-checksum-sha1': () => nodeHash('sha1'),
  'x-amz-checksum-sha256': () => nodeHash('sha256'),
};

/** Names of the headers that may carry a checksum. */
export const CHECKSUM_HEADERS: readonly string[] = Object.keys(ALGORITHMS);

/** For the header of that name; `undefined` when it is none of ours. */
export function createChecksum(headerName: string): Checksum | undefined {
  return ALGORITHMS[headerName]?.();
}

function nativeCrc32(): Checksum {
  let value = 0;
  return {
    update: (chunk) => {
      value = crc32(chunk, value);
    },
    digest: async () => {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE(value);
      return bytes.toString('base64');
    },
  };
}

function nodeHash(algorithm: string): Checksum {
  const hash = createHash(algorithm);
  return {
    update: (chunk) => {
      hash.update(chunk);
    },
    digest: async () => hash.digest('base64'),
  };
}

function sdkChecksum(checksum: { update(chunk: Uint8Array): void; digest(): Promise<Uint8Array> }): Checksum {
  return {
    update: (chunk) => checksum.update(chunk),
    digest: async () => Buffer.from(await checksum.digest()).toString('base64'),
  };
}
