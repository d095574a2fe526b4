/**
 * Progress of a run on stderr.
 *
 * @module
 */
import { createProgress, type Progress } from "./progress_bar.ts";

/**
 * Shows progress: a bar on a terminal, plain lines elsewhere.
 *
 * @param label What is being done
 * @param total How many items there are
 * @returns The progress
 */
export function showProgress(label: string, total: number): Progress {
  const encoder = new TextEncoder();
  const terminal = Deno.stderr.isTerminal();
  return createProgress({
    total,
    label,
    write: (text) => Deno.stderr.writeSync(encoder.encode(text)),
    terminal,
    now: () => performance.now(),
    ...terminal && { columns: Deno.consoleSize().columns },
  });
}
