/**
 * Progress of downloads, as text.
 *
 * @module
 */
import { formatBytes } from "../../lib/hub/transfer/disk_space.ts";
import type { Step } from "../../lib/hub/hub_options.ts";

/** Options of {@linkcode StepProgress}. */
export interface StepProgressOptions {
  /** Receives the text. */
  readonly write: (text: string) => void;
  /** Whether a line can be redrawn in place; otherwise whole lines are sent. */
  readonly terminal: boolean;
  /** The time in milliseconds. */
  readonly now: () => number;
  /** Characters per line of the terminal. */
  readonly columns: number;
}

/** Least milliseconds between two redraws, and between two lines. */
const REDRAW = 100;
const LINE = 5000;

/** Milliseconds over which the rate is taken. */
const WINDOW = 5000;

interface Sample {
  readonly time: number;
  readonly done: number;
}

function clock(seconds: number): string {
  const whole = Math.ceil(seconds);
  const two = (n: number) => `${n}`.padStart(2, "0");
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60)];
  return hours > 0
    ? `${hours}:${two(minutes % 60)}:${two(whole % 60)}`
    : `${minutes}:${two(whole % 60)}`;
}

/** Shows how far a download, an unpacking or a verification is. */
export class StepProgress {
  readonly #options: StepProgressOptions;
  #step: Step | undefined;
  #samples: Sample[] = [];
  #shown = -Infinity;

  /**
   * @param options Where text goes, and what a terminal can do
   */
  constructor(options: StepProgressOptions) {
    this.#options = options;
  }

  /**
   * Shows a step, now and then.
   *
   * @param step The step
   */
  show(step: Step): void {
    const { terminal, now } = this.#options;
    const time = now();
    const isNew = this.#step?.name !== step.name ||
      this.#step.stage !== step.stage;
    if (isNew) this.finish();
    if (isNew) this.#shown = terminal ? -Infinity : time;
    this.#step = step;
    this.#samples.push({ time, done: step.done });
    while (time - this.#samples[0]!.time > WINDOW && this.#samples.length > 2) {
      this.#samples.shift();
    }
    if (time - this.#shown < (terminal ? REDRAW : LINE)) return;
    this.#draw(time);
  }

  /**
   * Prints a sentence; on a terminal, where the line was.
   *
   * @param message The sentence
   */
  say(message: string): void {
    this.finish();
    this.#options.write(`${message}\n`);
  }

  /** Shows where the step stands and ends the line. */
  finish(): void {
    if (this.#step === undefined) return;
    const { terminal, now, write } = this.#options;
    this.#draw(now());
    if (terminal) write("\n");
    this.#step = undefined;
    this.#samples = [];
  }

  #draw(time: number): void {
    const { terminal, write, columns } = this.#options;
    this.#shown = time;
    const line = this.#line();
    write(terminal ? `\r\x1b[K${line.slice(0, columns - 1)}` : `${line}\n`);
  }

  /** `download  model.safetensors  512 MB of 1.71 GB  38.2 MB/s  0:32 left` */
  #line(): string {
    const { stage, name, done, total } = this.#step!;
    const [first, last] = [this.#samples[0]!, this.#samples.at(-1)!];
    const seconds = (last.time - first.time) / 1000;
    const rate = seconds > 0 ? (last.done - first.done) / seconds : 0;
    const parts = [
      stage,
      name,
      total === null
        ? formatBytes(done)
        : `${formatBytes(done)} of ${formatBytes(total)}`,
    ];
    if (rate > 0) parts.push(`${formatBytes(Math.round(rate))}/s`);
    if (rate > 0 && total !== null && done < total) {
      parts.push(`${clock((total - done) / rate)} left`);
    }
    return parts.join("  ");
  }
}
