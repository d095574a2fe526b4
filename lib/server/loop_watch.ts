/**
 * How long the event loop is kept from its work: while one thing runs, nothing
 * else is answered, health included.
 *
 * @module
 */

/** How often the time is looked at. */
const TICK_MILLISECONDS = 20;
/** The time over which the longest block is told, in whole and in parts. */
const WINDOW_MILLISECONDS = 60_000;
const PARTS = 6;

/** Looks whether a timer comes late. */
export class LoopWatch implements Disposable {
  readonly #timer: ReturnType<typeof setInterval>;
  /** The longest block of each part of the window, the last one first. */
  readonly #longest = new Array<number>(PARTS).fill(0);
  #part = 0;
  #last: number;

  /** Starts to watch. */
  constructor() {
    this.#last = performance.now();
    this.#timer = setInterval(() => this.#look(), TICK_MILLISECONDS);
    // A number in Deno, whatever the types say, and an object in Node.js.
    Deno.unrefTimer(this.#timer as unknown as number);
  }

  /** Seconds of the longest block of the last minute. */
  get longest(): number {
    this.#look();
    return Math.max(...this.#longest) / 1000;
  }

  /** Stops. */
  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const now = performance.now();
    const late = Math.max(now - this.#last - TICK_MILLISECONDS, 0);
    this.#last = now;
    const part = Math.floor(now / (WINDOW_MILLISECONDS / PARTS));
    const turns = Math.min(part - this.#part, PARTS);
    for (let i = 0; i < turns; i++) {
      this.#longest.pop();
      this.#longest.unshift(0);
    }
    this.#part = part;
    this.#longest[0] = Math.max(this.#longest[0]!, late);
  }
}
