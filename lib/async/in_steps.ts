/**
 * Long work that lets other work in between.
 *
 * @module
 */

/** Milliseconds of work at a time. */
const SLICE = 20;

/**
 * Runs a generator to its end. The event loop goes on in between, about every
 * 20 milliseconds.
 *
 * @typeParam T What the work gives.
 * @param steps The work, which yields after each short step.
 * @returns What it gives.
 */
export async function inSteps<T>(steps: Generator<void, T>): Promise<T> {
  for (;;) {
    const end = performance.now() + SLICE;
    while (performance.now() < end) {
      const { done, value } = steps.next();
      if (done) return value;
    }
    await new Promise<void>((resolve) => setTimeout(resolve));
  }
}
