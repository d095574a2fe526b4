/**
 * Time that passes at once.
 *
 * @module
 */
import type { Clock } from "../../lib/async/retry.ts";

/** A clock that waits no time and notes for how long it was asked to. */
export class FakeClock implements Clock {
  /** Milliseconds of each wait. */
  readonly waits: number[] = [];
  #now = 1_700_000_000_000;

  now(): number {
    return this.#now;
  }

  random(): number {
    return 1;
  }

  sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    this.waits.push(milliseconds);
    this.#now += milliseconds;
    return Promise.resolve();
  }
}
