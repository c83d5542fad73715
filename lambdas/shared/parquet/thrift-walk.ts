import { CorruptDataError } from './corrupt-data-error.ts';

const MAX_DEPTH = 32;
/** More elements than any list in a real file has; a list costs at least a byte an element. */
const MAX_LIST = 1 << 28;

/**
 * Length in bytes of the Thrift compact struct at the start of `bytes`, or `undefined` when it goes on beyond them.
 * Walks it without allocating, so that a header that lies about the length of a list or string is found out before a
 * parser trusts it.
 * @throws {CorruptDataError} when it cannot be such a struct.
 */
export function thriftStructLength(bytes: Uint8Array): number | undefined {
  const walk = new Walk(bytes);
  walk.struct(0);
  return walk.short ? undefined : walk.offset;
}

/** A field of a struct: its value is the bytes `[start, end)`. */
export interface ThriftField {
  readonly id: number;
  readonly type: number;
  readonly start: number;
  readonly end: number;
}

/** The fields of the struct at the start of `bytes`. @throws {CorruptDataError} when it is none, or cut. */
export function thriftFields(bytes: Uint8Array): ThriftField[] {
  const walk = new Walk(bytes);
  const fields: ThriftField[] = [];
  walk.struct(0, (field) => fields.push(field));
  if (walk.short) throw new CorruptDataError('a Thrift struct is cut');
  return fields;
}

/** Where the structs of a list lie, given the list as a field's value. @throws {CorruptDataError} */
export function thriftStructs(bytes: Uint8Array): { readonly start: number; readonly end: number }[] {
  const walk = new Walk(bytes);
  const items: { start: number; end: number }[] = [];
  walk.list(0, (item) => items.push(item));
  if (walk.short) throw new CorruptDataError('a Thrift list is cut');
  return items;
}

class Walk {
  offset = 0;
  /** The bytes ended before the struct did. */
  short = false;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  struct(depth: number, onField?: (field: ThriftField) => void): void {
    if (depth > MAX_DEPTH) throw new CorruptDataError('Thrift structs are nested too deep');
    let id = 0;
    while (!this.short) {
      const head = this.#byte();
      const type = head & 0x0f;
      if (type === 0) return;
      id = head >> 4 === 0 ? this.#varint() / 2 : id + (head >> 4); // zigzag: ids are not negative
      const start = this.offset;
      this.#value(type, depth);
      onField?.({ id, type, start, end: this.offset });
    }
  }

  #value(type: number, depth: number): void {
    switch (type) {
      case 1: // true and false sit in the type
      case 2:
        return;
      case 3:
        this.#skip(1);
        return;
      case 4:
      case 5:
      case 6:
        this.#varint();
        return;
      case 7:
        this.#skip(8);
        return;
      case 8:
        this.#skip(this.#varint());
        return;
      case 9:
        this.list(depth);
        return;
      case 12:
        this.struct(depth + 1);
        return;
      default:
        throw new CorruptDataError(`unknown Thrift type ${type}`);
    }
  }

  list(depth: number, onItem?: (item: { start: number; end: number }) => void): void {
    const head = this.#byte();
    const size = head >> 4 === 15 ? this.#varint() : head >> 4;
    if (size > MAX_LIST) throw new CorruptDataError(`a Thrift list claims ${size} elements`);
    if (size > this.#bytes.length - this.offset) this.short = true;
    const type = head & 0x0f;
    for (let i = 0; i < size && !this.short; i++) {
      const start = this.offset;
      if (type === 1 || type === 2) this.#skip(1);
      else this.#value(type, depth);
      onItem?.({ start, end: this.offset });
    }
  }

  #byte(): number {
    const byte = this.#bytes[this.offset];
    if (byte === undefined) {
      this.short = true;
      return 0;
    }
    this.offset++;
    return byte;
  }

  /** Exact up to 2^53, which is enough to compare lengths. */
  #varint(): number {
    let value = 0;
    for (let i = 0; i < 10; i++) {
      const byte = this.#byte();
      value += (byte & 0x7f) * 2 ** (7 * i);
      if (byte < 0x80) return value;
    }
    throw new CorruptDataError('a Thrift number is longer than ten bytes');
  }

  #skip(length: number): void {
    if (length > this.#bytes.length - this.offset) this.short = true;
    else this.offset += length;
  }
}
