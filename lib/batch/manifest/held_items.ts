/**
 * The images of a run that memory holds.
 *
 * @module
 */
import type { PlanItem, PlanItems } from "../run.ts";

/** Images in an array. */
export class HeldItems implements PlanItems {
  /** All of them. */
  readonly all: readonly PlanItem[];

  /** Constructs the images of a small run. */
  constructor(all: readonly PlanItem[]) {
    this.all = all;
  }

  /** How many there are. */
  get length(): number {
    return this.all.length;
  }

  /** Some of them, in order. */
  async *slice(start: number, end?: number): AsyncGenerator<PlanItem> {
    yield* this.all.slice(start, end);
  }

  /** All of them, in order. */
  [Symbol.asyncIterator](): AsyncGenerator<PlanItem> {
    return this.slice(0);
  }
}
