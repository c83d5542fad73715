import type { ImageInfo } from '../shared/images/inspect-image.ts';
import type { RowImage } from '../shared/images/row-image.ts';
import type { ImportSource } from '../shared/jobs/import-source.ts';
import type { RangeLedger, RangeRecord } from '../shared/jobs/range-ledger.ts';
import type { RangeEvent } from '../shared/jobs/row-range.ts';
import type { RowBatches } from '../shared/jobs/row-source.ts';
import type { Log } from '../shared/log.ts';
import type { SceneState, SceneStore } from '../shared/scenes/scene-record.ts';
import type { ImageBucket } from '../shared/storage/object-store.ts';
import type { WantedRows } from './open-rows.ts';

/** The clients that importing a range needs, handed in. */
export interface ImportRangeDeps {
  readonly loadSource: (jobId: string) => Promise<ImportSource>;
  readonly loadRecord: (event: RangeEvent) => Promise<RangeRecord | undefined>;
  readonly saveRecord: (event: RangeEvent, record: RangeRecord) => Promise<void>;
  /** @throws {BadInputError} when another job has taken the dataset over, because this one was stopped */
  readonly checkLock: (source: ImportSource) => Promise<void>;
  readonly scenes: SceneStore;
  readonly images: ImageBucket;
  /** The wanted rows of the event's range. */
  readonly openRows: (event: RangeEvent, source: ImportSource, wanted: WantedRows) => RowBatches;
  readonly loadImage: (image: RowImage) => Promise<Uint8Array>;
  readonly inspectImage: (bytes: Uint8Array) => ImageInfo | Promise<ImageInfo>;
  /** What the Hub was asked since the process began. */
  readonly hubTraffic: () => { readonly requests: number; readonly bytes: number };
  readonly now: () => number;
  readonly log: Log;
  /** Rows that are stored at once. */
  readonly uploads: number;
}

/** What the rows of one range have in common. */
export interface RangeContext {
  readonly source: ImportSource;
  /** Scenes of the range that are there already, by id. */
  readonly existing: ReadonlyMap<string, SceneState>;
  readonly ledger: RangeLedger;
  readonly deps: ImportRangeDeps;
}
