/**
 * A bounded number of units, handed out in the order of the requests.
 *
 * @module
 */

interface Waiting {
  readonly count: number;
  readonly grant: () => void;
}

/** Units that were handed out, and are given back when a `using` block ends. */
export interface Units extends Disposable {
  /**
   * Gives back all but some of them early.
   *
   * @param count How many are kept.
   */
  shrink(count: number): void;

  /**
   * Takes more if they are free and nobody waits.
   *
   * @param count How many to hold in all.
   * @returns Whether that many are held now.
   */
  grow(count: number): boolean;
}

/** Units that callers take for a while and give back. */
export class Semaphore {
  readonly #capacity: number;
  readonly #waiting: Waiting[] = [];
  #free: number;

  /**
   * Constructs a semaphore with all units free.
   */
  constructor(capacity: number) {
    this.#capacity = capacity;
    this.#free = capacity;
  }

  /** Units that are handed out. */
  get taken(): number {
    return this.#capacity - this.#free;
  }

  /** How many wait for units. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /**
   * Takes units if they are free and nobody waits.
   *
   * @returns The units, or undefined where too few are free.
   */
  tryAcquire(count = 1): Units | undefined {
    if (this.#waiting.length > 0 || count > this.#free) return undefined;
    return this.#take(count);
  }

  /**
   * Takes units as soon as they are free. A request for more than there are
   * takes all of them.
   *
   * @param signal Ends the wait, with its reason.
   */
  async acquire(count = 1, signal?: AbortSignal): Promise<Units> {
    signal?.throwIfAborted();
    const wanted = Math.min(count, this.#capacity);
    const free = this.tryAcquire(wanted);
    if (free !== undefined) return free;
    const { promise, resolve, reject } = Promise.withResolvers<Units>();
    const waiting = {
      count: wanted,
      grant: () => resolve(this.#take(wanted)),
    };
    const abandon = () => {
      const at = this.#waiting.indexOf(waiting);
      if (at < 0) return;
      this.#waiting.splice(at, 1);
      reject(signal?.reason);
      this.#grant();
    };
    this.#waiting.push(waiting);
    signal?.addEventListener("abort", abandon);
    try {
      return await promise;
    } finally {
      signal?.removeEventListener("abort", abandon);
    }
  }

  #take(count: number): Units {
    this.#free -= count;
    let taken = count;
    const shrink = (kept: number) => {
      if (kept >= taken) return;
      this.#free += taken - kept;
      taken = kept;
      this.#grant();
    };
    const grow = (wanted: number) => {
      const more = Math.max(wanted - taken, 0);
      if (this.#waiting.length > 0 || more > this.#free) return false;
      this.#free -= more;
      taken += more;
      return true;
    };
    return { shrink, grow, [Symbol.dispose]: () => shrink(0) };
  }

  #grant(): void {
    for (;;) {
      const first = this.#waiting[0];
      if (first === undefined || first.count > this.#free) return;
      this.#waiting.shift();
      first.grant();
    }
  }
}
