/**
 * Whether what is not needed any more can be collected.
 *
 * @module
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

function collector(): () => void {
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc");
}

/** Counts how many of some objects are still held. */
export class Held {
  #count = 0;
  readonly #registry = new FinalizationRegistry(() => this.#count--);

  /** Adds an object, without holding it. */
  add(object: object): void {
    this.#count++;
    this.#registry.register(object, undefined);
  }

  /** How many are held after a collection. */
  async count(): Promise<number> {
    collector()();
    // Finalizers are called in a later turn of the event loop.
    await new Promise((resolve) => setTimeout(resolve, 0));
    return this.#count;
  }
}
