/** An object of a listing, as the item reader hands it on. */
export interface ListedObject {
  readonly Etag: string;
  readonly Key: string;
  /** Seconds since the epoch. */
  readonly LastModified: number;
  readonly Size: number;
  readonly StorageClass: string;
}

/** What item readers and result writers need of S3. */
export interface ObjectDoor {
  read(bucket: string, key: string, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>>;
  list(bucket: string, prefix: string | undefined, signal: AbortSignal): AsyncIterable<ListedObject>;
  write(bucket: string, key: string, body: string): Promise<void>;
}
