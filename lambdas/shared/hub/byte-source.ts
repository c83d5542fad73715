/** A remote file that is read by ranges; the narrow door between the Hub and the parquet reader. */
export interface ByteSource {
  /** Path inside its repository, for messages. */
  readonly path: string;
  /**
   * The last `length` bytes (fewer when the file is smaller) and the size of the whole file in bytes, in one request.
   * @throws {BadInputError} when the file does not exist. @throws {ThrottledError} @throws {TransientError}
   */
  readTail(length: number): Promise<{ bytes: Uint8Array; sizeBytes: number }>;
  /**
   * Bytes `[start, end)` as they arrive. Nothing is requested before the first chunk is asked for; backpressure reaches
   * the socket, and leaving the loop early closes it. A connection that is cut goes on where it stopped.
   * @throws {BadInputError} when the file is shorter than `end` or does not exist.
   * @throws {ThrottledError} when told to wait longer than the client may. @throws {TransientError} after all tries.
   */
  stream(start: number, end: number): AsyncIterable<Uint8Array>;
}
