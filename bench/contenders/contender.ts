/** What one run of a contender came to. */
export interface Run {
  readonly images: number;
  /** Of the images. */
  readonly bytes: number;
  readonly seconds: number;
  /** User and system, of the client's processes. */
  readonly cpuSeconds: number;
  /** Of the client's largest process. */
  readonly peakMb: number;
  /** What came from the Hub, and what of it was needed: the bytes of the columns that are read. */
  readonly fetched?: { readonly requests: number; readonly bytes: number; readonly usedBytes: number };
}

export interface Contender {
  readonly name: string;
  /** Each time on an empty bucket, and into new datasets. */
  run(): Promise<Run>;
}
