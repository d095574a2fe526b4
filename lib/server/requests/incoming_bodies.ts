/**
 * Bodies that come in, and the memory that they take together.
 *
 * @module
 */
import { refusal } from "./refusals.ts";
import type { Semaphore, Units } from "../../async/semaphore.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** Bytes that a body takes at least while it comes in. */
const FIRST_BYTES = 64 << 10;

/**
 * A body of so many bytes is refused.
 *
 * @param limit The most that it may have.
 */
export function tooLarge(limit: number): Error {
  return refusal(
    413,
    `Cannot read the body as it must have at most ${limit} bytes`,
  );
}

function full(): Error {
  return refusal(503, "Cannot read the body as memory is full of others");
}

/** Thrown where a body comes slowly while others wait for its memory. */
export class SlowBodyError extends Error {}

/**
 * A body that comes in. Chunks are copied: a chunk of one byte may be a view
 * of a large buffer, which would be held with it.
 */
export class GrowingBody implements Disposable {
  readonly #limit: number;
  readonly #units: Units;
  readonly #others: IncomingBodies;
  readonly #started: number = performance.now();
  readonly #controller = new AbortController();
  #buffer = new ArrayBuffer(0);
  #size = 0;

  /** A body of a claimed length takes its memory at once, and no more. */
  constructor(
    units: Units,
    { limit, claimed, others }: {
      readonly limit: number;
      readonly claimed: number | undefined;
      readonly others: IncomingBodies;
    },
  ) {
    this.#limit = claimed ?? limit;
    this.#units = units;
    this.#others = others;
    if (claimed !== undefined) this.#grow(claimed);
    others.add(this);
  }

  /** Aborted when the body gives its memory to others. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Milliseconds since it began. */
  get age(): number {
    return performance.now() - this.#started;
  }

  /** Bytes that came in a second. */
  get rate(): number {
    return this.#size / this.age * 1000;
  }

  /**
   * Takes a part of it.
   *
   * @throws {HTTPException} If it is larger than it may be, or memory is full.
   * @throws {SlowBodyError} If it gave its memory to others.
   */
  add(chunk: Uint8Array): void {
    this.signal.throwIfAborted();
    const size = this.#size + chunk.length;
    if (size > this.#limit) throw tooLarge(this.#limit);
    if (size > this.#buffer.byteLength) this.#grow(size);
    new Uint8Array(this.#buffer).set(chunk, this.#size);
    this.#size = size;
  }

  /** The body, which takes no more memory than it has bytes. */
  whole(): Bytes {
    this.#others.delete(this);
    this.#buffer = this.#buffer.transfer(this.#size);
    this.#units.shrink(this.#size);
    return new Uint8Array(this.#buffer);
  }

  /** Frees its memory for others; its reader learns of it by the signal. */
  giveUp(): void {
    this.#others.delete(this);
    this.#buffer = new ArrayBuffer(0);
    this.#units.shrink(0);
    this.#controller.abort(new SlowBodyError());
  }

  /** Frees its memory. */
  [Symbol.dispose](): void {
    this.#others.delete(this);
    this.#units[Symbol.dispose]();
  }

  #grow(size: number): void {
    const wanted = Math.max(size, 2 * this.#buffer.byteLength, FIRST_BYTES);
    const capacity = Math.min(wanted, this.#limit);
    while (!this.#units.grow(capacity)) {
      if (!this.#others.makeRoom()) throw full();
      this.signal.throwIfAborted();
    }
    // `transfer` writes zeros at once: 45 ms for 32 MB, and for many bodies in
    // one turn of the loop. A new buffer gets its pages when they are written.
    this.#buffer = this.#size === 0
      ? new ArrayBuffer(capacity)
      : this.#buffer.transfer(capacity);
  }
}

/** What is too slow where others wait for memory. */
export interface SlowOptions {
  /**
   * Milliseconds that each body has, however slowly it comes.
   *
   * @default {2000}
   */
  readonly patience?: number;
  /**
   * Bytes that must come in a second from then on. At this pace the largest
   * body would take longer than a request may.
   *
   * @default {65,536}
   */
  readonly leastPerSecond?: number;
}

/**
 * The bodies that come in, and their memory. Where it is full, the slowest of
 * those that come too slowly gives up its own: eight clients that claim 32 MB
 * and send a byte now and then would else keep all others out.
 */
export class IncomingBodies {
  readonly #memory: Semaphore;
  readonly #patience: number;
  readonly #leastPerSecond: number;
  readonly #coming = new Set<GrowingBody>();

  /** Constructs with the memory that all bodies share. */
  constructor(
    memory: Semaphore,
    { patience = 2000, leastPerSecond = 64 << 10 }: SlowOptions = {},
  ) {
    this.#memory = memory;
    this.#patience = patience;
    this.#leastPerSecond = leastPerSecond;
  }

  /**
   * Begins a body.
   *
   * @param limit Bytes that it may have.
   * @param claimed Bytes that it says it has.
   * @throws {HTTPException} If there is no memory for what it claims.
   */
  begin(limit: number, claimed: number | undefined): GrowingBody {
    const units = this.#memory.tryAcquire(0);
    if (units === undefined) throw full();
    return new GrowingBody(units, { limit, claimed, others: this });
  }

  /** Counts a body among those that come in. */
  add(body: GrowingBody): void {
    this.#coming.add(body);
  }

  /** Counts it no longer. */
  delete(body: GrowingBody): void {
    this.#coming.delete(body);
  }

  /** Lets the slowest body give up, if one comes too slowly. */
  makeRoom(): boolean {
    const slow = [...this.#coming].filter(({ age, rate }) =>
      age > this.#patience && rate < this.#leastPerSecond
    );
    if (slow.length === 0) return false;
    slow.reduce((least, body) => body.rate < least.rate ? body : least)
      .giveUp();
    return true;
  }
}
