/**
 * Broken copies of valid files, the same in each run.
 *
 * @module
 */

type Bytes = Uint8Array<ArrayBuffer>;

/** What numbers in files are replaced by. */
const ODD_NUMBERS = [0, 1, 255, 2 ** 16, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1];

const LEVELS = 100_000;

/** Text that stands for JSON so deep that it could not be written -> that. */
const DEEP: ReadonlyMap<string, string> = new Map([
  ["deep list", "[".repeat(LEVELS) + "]".repeat(LEVELS)],
  ["deep object", `${'{"a":'.repeat(LEVELS)}1${"}".repeat(LEVELS)}`],
]);

function textOf(value: unknown): string {
  return JSON.stringify(value).replace(
    /"(deep \w+)"/g,
    (text, name) => DEEP.get(name) ?? text,
  );
}

/** What values in JSON are replaced by. */
const ODD_VALUES = [
  ...DEEP.keys(),
  ...[null, true, -1, 0, 0.5, 1e9, 2 ** 53, -1e308, "", "\0", "..", "a/../b"],
  ...[
    [],
    {},
    [[]],
    [null],
    { a: 1 },
    [1e9, 1e9],
    "x".repeat(5000),
    "9".repeat(30),
  ],
];

/** Makes mutations, one after the other. */
export class Mutator {
  #state: number;

  /** Starts a row of mutations; the same seed gives the same row. */
  constructor(seed: number) {
    this.#state = seed;
  }

  /** A number from 0 to below `most`. */
  below(most: number): number {
    this.#state = (Math.imul(this.#state, 1664525) + 1013904223) >>> 0;
    return Math.floor(this.#state / 2 ** 32 * most);
  }

  /** Flips bits, overwrites, cuts off, doubles or fills a part of a file. */
  bytes(file: Uint8Array): Bytes {
    const bytes = new Uint8Array(file);
    const changes = 1 + this.below(4);
    for (let i = 0; i < changes; i++) this.#change(bytes);
    const kind = this.below(8);
    if (kind === 0) return bytes.slice(0, this.below(bytes.length));
    if (kind > 1) return bytes;
    const at = this.below(bytes.length);
    const from = bytes.subarray(at / 2);
    return new Uint8Array([...bytes.subarray(0, at), ...from]);
  }

  #change(bytes: Bytes): void {
    const at = this.below(bytes.length);
    const kind = this.below(4);
    if (kind === 0) bytes[at]! ^= 1 << this.below(8);
    if (kind === 1) bytes.fill(this.below(2) * 255, at, at + 1 + this.below(8));
    const size = 2 ** (1 + this.below(3));
    if (bytes.length < 2 * size || kind < 2) return;
    const place = this.below(bytes.length - size + 1);
    if (kind === 2) return this.#swap(bytes, place, size);
    const odd = ODD_NUMBERS[this.below(ODD_NUMBERS.length)]!;
    const view = new DataView(bytes.buffer, place, size);
    const isLittle = this.below(2) === 0;
    if (size === 2) view.setUint16(0, odd, isLittle);
    if (size === 4) view.setUint32(0, odd, isLittle);
    if (size === 8) view.setBigUint64(0, BigInt(odd) << 8n, isLittle);
  }

  /** Swaps two numbers, such as lengths. */
  #swap(bytes: Bytes, place: number, size: number): void {
    const other = this.below(bytes.length - size + 1);
    const first = bytes.slice(place, place + size);
    bytes.copyWithin(place, other, other + size);
    bytes.set(first, other);
  }

  /** Replaces, removes or doubles some values of JSON, wherever they are. */
  json(value: unknown): unknown {
    const changed = structuredClone(value);
    const changes = 1 + this.below(2);
    for (let i = 0; i < changes; i++) this.#changeIn(changed);
    return changed;
  }

  #changeIn(value: unknown): void {
    if (typeof value !== "object" || value === null) return;
    const object = value as Record<string, unknown>;
    const keys = Object.keys(object);
    if (keys.length === 0) return;
    const key = keys[this.below(keys.length)]!;
    const inner = object[key];
    const isDeep = typeof inner === "object" && inner !== null;
    if (isDeep && this.below(5) > 0) return this.#changeIn(inner);
    const kind = this.below(8);
    if (kind === 0) delete object[key];
    else if (kind === 1) object[`${key}2`] = inner;
    else if (kind === 2) object[key] = object[keys[this.below(keys.length)]!];
    else object[key] = ODD_VALUES[this.below(ODD_VALUES.length)];
  }

  /** Mutates a file as JSON or, one time in three, as bytes. */
  jsonBytes(value: unknown): Bytes {
    const encoder = new TextEncoder();
    if (this.below(3) === 0) {
      return this.bytes(encoder.encode(JSON.stringify(value)));
    }
    return encoder.encode(textOf(this.json(value)));
  }

  /** Mutates lines of JSON. */
  jsonLines(values: readonly unknown[]): Bytes {
    const encoder = new TextEncoder();
    const linesOf = (all: readonly unknown[]) =>
      encoder.encode(all.map((one) => `${textOf(one)}\n`).join(""));
    if (this.below(3) === 0) return this.bytes(linesOf(values));
    return linesOf(this.json(values) as unknown[]);
  }
}
