/**
 * Progress over a known number of items, on stderr.
 *
 * @module
 */
import {
  clock,
  type LineOptions,
  ProgressLine,
  stderrLine,
} from "./progress_line.ts";

/** Options of {@linkcode createProgress}. */
export interface ProgressOptions extends LineOptions {
  /** How many items there are. */
  readonly total: number;
  /** Name of the work, at the start of the line. */
  readonly label: string;
}

/** Progress of one run. */
export interface Progress {
  /** Says that `count` more items are done; one by default. */
  advance(count?: number): void;
  /** Draws the last state and ends the line. Later calls do nothing. */
  finish(): void;
}

/** `45/83  54 %  3.2/s  0:12 left` */
function standing(done: number, total: number, seconds: number): string {
  const percent = total === 0 ? 100 : Math.floor(100 * done / total);
  const rate = seconds > 0 ? done / seconds : 0;
  const time = done >= total
    ? `in ${clock(seconds)}`
    : rate > 0
    ? `${clock((total - done) / rate)} left`
    : "";
  const digits = rate >= 100 ? 0 : rate >= 1 ? 1 : 2;
  return [
    `${done}/${total}`,
    `${percent} %`,
    `${rate.toFixed(digits)}/s`,
    time,
  ].filter((part) => part !== "").join("  ");
}

function bar(done: number, total: number, width: number): string {
  if (width < 4) return "";
  const part = total === 0 ? 1 : Math.min(done / total, 1);
  const full = Math.floor(part * width);
  return `${"█".repeat(full)}${"░".repeat(width - full)}  `;
}

/**
 * Creates a progress display: a bar on a terminal, plain lines elsewhere.
 *
 * @param options The total, the label, and where text goes.
 * @returns The progress.
 */
export function createProgress(options: ProgressOptions): Progress {
  const { total, label } = options;
  const line = new ProgressLine(options);
  const start = line.now;
  let done = 0;
  let isFinished = false;
  const text = (width: number) => {
    const found = standing(done, total, (line.now - start) / 1000);
    const room = width - label.length - found.length - 4;
    const drawn = width === Infinity
      ? ""
      : bar(done, total, Math.min(room, 30));
    return `${label}  ${drawn}${found}`;
  };
  return {
    advance(count = 1) {
      done += count;
      if (!isFinished) line.update(text);
    },
    finish() {
      if (isFinished) return;
      line.draw(text);
      line.end();
      isFinished = true;
    },
  };
}

/**
 * Shows progress on stderr.
 *
 * @param label Name of the work, at the start of the line.
 * @param total How many items there are.
 * @returns The progress.
 */
export function showProgress(label: string, total: number): Progress {
  return createProgress({ label, total, ...stderrLine() });
}
