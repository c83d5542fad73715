import { type FileMetaData, parquetMetadata, type RowGroup } from 'hyparquet';
import { CorruptDataError } from './corrupt-data-error.ts';
import { type ThriftField, thriftFields, thriftStructs } from './thrift-walk.ts';

/** Ids of `FileMetaData` in parquet.thrift. */
const SCHEMA = 2;
const ROW_GROUPS = 4;
const KEY_VALUES = 5;
const LIST_OF_STRUCTS = 12;
/** Row groups are parsed by so many bytes at a time, but not so few that the schema is parsed over and over. */
const BATCH_BYTES = 1024 * 1024;
const BATCH_SCHEMAS = 8;

/**
 * Parses a footer. A parsed footer takes some thirty times its bytes, most of it statistics, which are not used; so row
 * groups are parsed a batch at a time, and statistics are dropped at once.
 * @param bytes the footer without its trailer.
 * @throws {Error} of any kind when it is corrupt.
 */
export function parseFooter(bytes: Uint8Array): FileMetaData {
  const fields = thriftFields(bytes);
  const list = fields.find(({ id }) => id === ROW_GROUPS);
  const groups = list ? thriftStructs(bytes.subarray(list.start, list.end)) : [];
  const rest = fields.filter(({ id }) => id !== ROW_GROUPS);
  const metadata = parse(bytes, rest, []);
  const schema = rest.find(({ id }) => id === SCHEMA);
  const batchBytes = Math.max(BATCH_BYTES, BATCH_SCHEMAS * (schema ? schema.end - schema.start : 0));
  const needed = rest.filter(({ id }) => id < KEY_VALUES);
  for (let first = 0; first < groups.length; ) {
    const start = groups[first]?.start ?? 0;
    let last = first;
    while ((groups[last + 1]?.end ?? Number.POSITIVE_INFINITY) - start <= batchBytes) last++;
    const items = groups.slice(first, last + 1).map((item) => {
      const offset = list?.start ?? 0;
      return bytes.subarray(offset + item.start, offset + item.end);
    });
    for (const group of parse(bytes, needed, items).row_groups)
      metadata.row_groups.push(withoutStatistics(group, metadata.row_groups[0]));
    first = last + 1;
  }
  return metadata;
}

/** Parses a footer that is made of some fields of another one, and of these row groups. */
function parse(bytes: Uint8Array, fields: readonly ThriftField[], groups: readonly Uint8Array[]): FileMetaData {
  const parts = fields.flatMap(({ id, type, start, end }) => [fieldHeader(id, type), bytes.subarray(start, end)]);
  const list = [fieldHeader(ROW_GROUPS, 9), Buffer.from([0xf0 | LIST_OF_STRUCTS, ...varint(groups.length)]), ...groups];
  const footer = Buffer.concat([...parts, ...list, Buffer.from([0])]);
  const trailer = Buffer.from('\0\0\0\0PAR1', 'latin1');
  trailer.writeUInt32LE(footer.length);
  return parquetMetadata(Buffer.concat([footer, trailer]), { parsers: RAW_STATISTICS, geoparquet: false });
}

/** Names the field in full, so that it may follow any other. */
function fieldHeader(id: number, type: number): Buffer {
  if (!Number.isInteger(id)) throw new CorruptDataError('a Thrift field has a negative id');
  return Buffer.from([type, ...varint(id * 2)]);
}

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) | 128, ...varint(Math.floor(value / 128))];
}

/** @param first row group, whose column paths are those of all. */
function withoutStatistics(group: RowGroup, first: RowGroup | undefined): RowGroup {
  const columns = group.columns.map((chunk, i) => {
    const { meta_data: meta } = chunk;
    if (!meta) return chunk;
    const path_in_schema = first?.columns[i]?.meta_data?.path_in_schema ?? meta.path_in_schema;
    const dropped = { statistics: undefined, encoding_stats: undefined, size_statistics: undefined };
    return { ...chunk, meta_data: { ...meta, path_in_schema, ...dropped } };
  });
  return { ...group, columns };
}

const RAW_STATISTICS = {
  stringFromBytes: () => undefined,
  jsonFromBytes: () => undefined,
  uuidFromBytes: () => undefined,
  geometryFromBytes: () => undefined,
  geographyFromBytes: () => undefined,
  dateFromDays: () => undefined,
  timestampFromMilliseconds: () => undefined,
  timestampFromMicroseconds: () => undefined,
  timestampFromNanoseconds: () => undefined,
};
