/**
 * Millions of records in memory, in the order of their keys.
 *
 * Records are packed: each key without what it shares with the one before it,
 * each value as a codec writes it. A key of a data set in folders takes some ten
 * bytes then, where a string takes a hundred. What arrives in order is only
 * packed; everything else is sorted in blocks, and the blocks are merged.
 *
 * @module
 */
import { ByteReader, ByteWriter } from "./packed_bytes.ts";

/** Records that are sorted at a time. */
const BLOCK = 1 << 15;

/** How values are packed. */
export interface Codec<T> {
  /** Writes a value. */
  write(value: T, to: ByteWriter): void;
  /** Reads a value. */
  read(from: ByteReader): T;
}

/** A key and its value. */
export type KeyedRecord<T> = readonly [key: string, value: T];

/** Blocks of ascending keys. */
interface Run {
  readonly blocks: Uint8Array[];
  /** Its last key. */
  last: string;
}

/** How many code units two texts share at their start. */
function sharedLength(a: string, b: string): number {
  const most = Math.min(a.length, b.length);
  let i = 0;
  while (i < most && a.charCodeAt(i) === b.charCodeAt(i)) i++;
  return i;
}

/** The next record of a run. */
interface Head<T> {
  record: KeyedRecord<T>;
  /** Of equal keys, the one that was added first comes first. */
  readonly order: number;
  readonly rest: Iterator<KeyedRecord<T>>;
}

function isBefore<T>(a: Head<T>, b: Head<T>): boolean {
  const [left] = a.record;
  const [right] = b.record;
  return left < right || left === right && a.order < b.order;
}

/** Moves the first head of a heap down to its place. */
function sink<T>(heap: Head<T>[]): void {
  const head = heap[0]!;
  let at = 0;
  while (true) {
    let child = 2 * at + 1;
    if (child >= heap.length) break;
    const other = child + 1;
    if (other < heap.length && isBefore(heap[other]!, heap[child]!)) {
      child = other;
    }
    if (!isBefore(heap[child]!, head)) break;
    heap[at] = heap[child]!;
    at = child;
  }
  heap[at] = head;
}

function headsOf<T>(runs: readonly Iterator<KeyedRecord<T>>[]): Head<T>[] {
  const heads = runs.flatMap((rest, order) => {
    const { done, value } = rest.next();
    return done ? [] : [{ record: value, order, rest }];
  });
  // A sorted array is a heap.
  return heads.sort((a, b) => isBefore(a, b) ? -1 : 1);
}

/** Goes through several runs at once. */
function* merged<T>(
  runs: readonly Iterator<KeyedRecord<T>>[],
): Generator<KeyedRecord<T>> {
  const heap = headsOf(runs);
  while (heap.length > 0) {
    const head = heap[0]!;
    yield head.record;
    const { done, value } = head.rest.next();
    if (!done) head.record = value;
    else {
      const last = heap.pop()!;
      if (heap.length === 0) return;
      if (last !== head) heap[0] = last;
      else continue;
    }
    sink(heap);
  }
}

/** Records by key, in any order at first, and in that of keys when read. */
export class SortedRecords<T> implements Iterable<KeyedRecord<T>> {
  readonly #codec: Codec<T>;
  readonly #runs: Run[] = [];
  #keys: string[] = [];
  #values: T[] = [];
  #size = 0;
  #bytes = 0;
  readonly #writer = new ByteWriter();

  /** Starts without any record. */
  constructor(codec: Codec<T>) {
    this.#codec = codec;
  }

  /** How many records there are. */
  get size(): number {
    return this.#size;
  }

  /** Bytes of the packed records. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Adds a record. Keys may be equal. */
  add(key: string, value: T): void {
    this.#keys.push(key);
    this.#values.push(value);
    this.#size++;
    if (this.#keys.length === BLOCK) this.#seal();
  }

  /** Packs the records that were added last. */
  #seal(): void {
    const keys = this.#keys;
    if (keys.length === 0) return;
    const order = this.#order();
    const writer = this.#writer;
    writer.clear();
    let before = "";
    for (const i of order) {
      const key = keys[i]!;
      const shared = sharedLength(before, key);
      writer.number(shared);
      writer.text(key, shared);
      this.#codec.write(this.#values[i]!, writer);
      before = key;
    }
    const block = writer.toBytes();
    this.#bytes += block.length;
    this.#append(block, keys[order[0]!]!, before);
    this.#keys = [];
    this.#values = [];
  }

  /** Numbers of the records that were added last, by key. */
  #order(): Uint32Array {
    const keys = this.#keys;
    const order = Uint32Array.from(keys, (_, i) => i);
    const isSorted = keys.every((key, i) => i === 0 || keys[i - 1]! <= key);
    if (isSorted) return order;
    return order.sort((a, b) =>
      keys[a]! < keys[b]! ? -1 : keys[a]! > keys[b]! ? 1 : a - b
    );
  }

  #append(block: Uint8Array, first: string, last: string): void {
    const run = this.#runs.at(-1);
    if (run !== undefined && run.last <= first) {
      run.blocks.push(block);
      run.last = last;
    } else this.#runs.push({ blocks: [block], last });
  }

  *#read({ blocks }: Run): Generator<KeyedRecord<T>> {
    for (const block of blocks) {
      const reader = new ByteReader(block);
      let key = "";
      while (reader.isLeft) {
        const shared = reader.number();
        key = key.slice(0, shared) + reader.text();
        yield [key, this.#codec.read(reader)];
      }
    }
  }

  /** All records in the order of their keys (code units). */
  [Symbol.iterator](): Generator<KeyedRecord<T>> {
    this.#seal();
    const runs = this.#runs.map((run) => this.#read(run));
    return runs.length === 1 ? runs[0]! : merged(runs);
  }
}
