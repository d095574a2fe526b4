/**
 * Progress of a long run, as text.
 *
 * @module
 */

/** Options of {@linkcode createProgress}. */
export interface ProgressOptions {
  /** How many items there are. */
  readonly total: number;
  /** What is being done. */
  readonly label: string;
  /** Receives the text. */
  readonly write: (text: string) => void;
  /** Whether a bar can be redrawn in place; otherwise whole lines are sent. */
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

/** Progress of one run. */
export interface Progress {
  /** Says that `count` more items are done; one by default. */
  advance(count?: number): void;
  /** Shows where the run stands and ends the line. Later calls do nothing. */
  finish(): void;
}

/** Least milliseconds between two redraws, and between two lines. */
const REDRAW = 100;
const LINE = 5000;

function clock(seconds: number): string {
  const whole = Math.round(seconds);
  const two = (n: number) => `${n}`.padStart(2, "0");
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes}:${two(whole % 60)}`;
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(whole % 60)}`;
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
 * Creates a progress display: a bar that is redrawn at most ten times a
 * second on a terminal, elsewhere one line at most every five seconds.
 *
 * @param options The total, the label, and where text goes.
 * @returns The progress.
 */
export function createProgress(options: ProgressOptions): Progress {
  const { total, label, write, terminal, now, columns = 80 } = options;
  const start = now();
  let done = 0;
  let shown = terminal ? -Infinity : start;
  let finished = false;
  const show = () => {
    shown = now();
    const text = standing(done, total, (shown - start) / 1000);
    if (!terminal) return write(`${label}  ${text}\n`);
    const room = columns - 1 - label.length - text.length - 4;
    const line = `${label}  ${bar(done, total, Math.min(room, 30))}${text}`;
    write(`\r\x1b[K${line.slice(0, columns - 1)}`);
  };
  return {
    advance(count = 1) {
      done += count;
      if (finished || now() - shown < (terminal ? REDRAW : LINE)) return;
      show();
    },
    finish() {
      if (finished) return;
      show();
      if (terminal) write("\n");
      finished = true;
    },
  };
}
