/** The bucket that holds the images (R2), as the import sees it. */
export interface ImageBucket {
  /**
   * Stores exactly these bytes. `sha256` (lower-case hex) goes along as their checksum, so that the server refuses what
   * arrives damaged; tried again on failures that may pass.
   * @throws {TransientError} @throws {ThrottledError} @throws {ConfigError} on refused keys.
   */
  put(object: { key: string; body: Uint8Array; contentType: string; sha256: string }): Promise<void>;
  delete(key: string): Promise<void>;
}

/** The run bucket (S3): plans, manifests, results, locks. Keys as in `run-keys.ts`. */
export interface RunBucket {
  /** `undefined` when there is no such object. */
  getText(key: string): Promise<string | undefined>;
  /** Bytes `[start, end)`. @throws {TransientError} */
  getRange(key: string, start: number, end: number): Promise<Uint8Array>;
  put(key: string, body: string | Uint8Array, contentType?: string): Promise<void>;
  /** Writes only when the key is free (`If-None-Match: *`). `false` when it is taken. */
  putIfAbsent(key: string, body: string): Promise<boolean>;
  /** Replaces only the version with this ETag (`If-Match`). `false` when it has changed. */
  putIfUnchanged(key: string, body: string, etag: string): Promise<boolean>;
  getWithEtag(key: string): Promise<{ text: string; etag: string } | undefined>;
  delete(key: string): Promise<void>;
  /** Streams an object of any size in parts of bounded memory. */
  putStream(key: string, chunks: AsyncIterable<string | Uint8Array>, contentType?: string): Promise<void>;
  /** Keys below a prefix, in order, page by page. */
  list(prefix: string): AsyncIterable<string>;
}
