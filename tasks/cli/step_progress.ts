/**
 * Progress of downloads, in bytes.
 *
 * @module
 */
import type { Step } from "../../lib/hub/hub_options.ts";
import { formatBytes } from "../../lib/hub/transfer/disk_space.ts";
import { clock, type LineOptions, ProgressLine } from "./progress_line.ts";

/** Milliseconds over which the rate is taken. */
const WINDOW = 5000;

interface Sample {
  readonly time: number;
  readonly done: number;
}

/** Shows how far a download, an unpacking or a verification is. */
export class StepProgress {
  readonly #line: ProgressLine;
  #step: Step | undefined;
  #samples: Sample[] = [];

  /** Constructs a display without a step. */
  constructor(options: LineOptions) {
    this.#line = new ProgressLine(options);
  }

  /** Shows the state of a step; a new step begins a new line. */
  show(step: Step): void {
    const isNew = this.#step?.name !== step.name ||
      this.#step.stage !== step.stage;
    if (isNew) this.finish();
    this.#step = step;
    const time = this.#line.now;
    this.#samples.push({ time, done: step.done });
    while (time - this.#samples[0]!.time > WINDOW && this.#samples.length > 2) {
      this.#samples.shift();
    }
    this.#line.update(() => this.#text(step));
  }

  /** Prints a sentence after the line of the step, which it ends. */
  say(message: string): void {
    this.finish();
    this.#line.say(message);
  }

  /** Draws the last state of the step and ends the line. */
  finish(): void {
    const step = this.#step;
    if (step !== undefined) this.#line.draw(() => this.#text(step));
    this.#line.end();
    this.#step = undefined;
    this.#samples = [];
  }

  /** `download  model.safetensors  512 MB of 1.71 GB  38.2 MB/s  0:32 left` */
  #text({ stage, name, done, total }: Step): string {
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
