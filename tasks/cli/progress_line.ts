/**
 * One line of progress, redrawn on a terminal.
 *
 * @module
 */

/** Where a {@linkcode ProgressLine} goes. */
export interface LineOptions {
  /** Receives the text. */
  readonly write: (text: string) => void;
  /** Whether a line can be redrawn in place; if not, whole lines are sent. */
  readonly terminal: boolean;
  /** The time in milliseconds. */
  readonly now: () => number;
  /**
   * Characters per line of the terminal.
   *
   * @default {80}
   */
  readonly columns?: number;
}

/** Least milliseconds between two redraws on a terminal. */
const REDRAW = 100;
/** Least milliseconds between two lines elsewhere. */
const LINE = 5000;

/**
 * The line of progress on stderr.
 *
 * @returns Options of a {@linkcode ProgressLine}.
 */
export function stderrLine(): LineOptions {
  const encoder = new TextEncoder();
  const terminal = Deno.stderr.isTerminal();
  // Some terminals have no size, and say 0.
  const columns = terminal ? Deno.consoleSize().columns : 0;
  return {
    write: (text) => Deno.stderr.writeSync(encoder.encode(text)),
    terminal,
    now: () => performance.now(),
    ...columns > 0 && { columns },
  };
}

/**
 * Writes a duration as a clock does.
 *
 * @param seconds The duration.
 * @returns `0:12`, `59:03` or `1:03:20`.
 */
export function clock(seconds: number): string {
  const whole = Math.round(seconds);
  const two = (n: number) => `${n}`.padStart(2, "0");
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes}:${two(whole % 60)}`;
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(whole % 60)}`;
}

/**
 * A line that is redrawn at most ten times a second on a terminal. Elsewhere it
 * is written as whole lines, at most one every five seconds.
 */
export class ProgressLine {
  readonly #options: LineOptions;
  #drawn: number;
  #isOpen = false;

  /** Constructs a line; on a terminal the first text appears at once. */
  constructor(options: LineOptions) {
    this.#options = options;
    this.#drawn = this.#start();
  }

  /** The time in milliseconds. */
  get now(): number {
    return this.#options.now();
  }

  /** Characters that fit beside the cursor; unlimited without a terminal. */
  get width(): number {
    const { terminal, columns = 80 } = this.#options;
    return terminal ? columns - 1 : Infinity;
  }

  /**
   * Draws the line if it is time to.
   *
   * @param text Makes the text, for a number of characters.
   */
  update(text: (width: number) => string): void {
    const pause = this.#options.terminal ? REDRAW : LINE;
    if (this.now - this.#drawn >= pause) this.draw(text);
  }

  /**
   * Draws the line now.
   *
   * @param text Makes the text, for a number of characters.
   */
  draw(text: (width: number) => string): void {
    const { terminal, write } = this.#options;
    this.#drawn = this.now;
    this.#isOpen = true;
    const line = text(this.width);
    write(terminal ? `\r\x1b[K${line.slice(0, this.width)}` : `${line}\n`);
  }

  /** Ends the line; what is drawn next begins a new one. */
  end(): void {
    if (this.#isOpen && this.#options.terminal) this.#options.write("\n");
    this.#isOpen = false;
    this.#drawn = this.#start();
  }

  /** Prints a sentence on a line of its own. */
  say(message: string): void {
    this.#options.write(`${message}\n`);
  }

  #start(): number {
    return this.#options.terminal ? -Infinity : this.now;
  }
}
