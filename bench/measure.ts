/**
 * Helpers of the scripts that measure whole programs.
 *
 * @module
 */

/** A program that answers each input line with milliseconds. */
export interface Reference extends AsyncDisposable {
  /** Runs a task, and returns its milliseconds, or the score of its image. */
  run(task: "forward" | "step" | "score"): Promise<number>;
  /** Its largest resident memory so far, in 10^6 bytes. */
  peakMegabytes(): Promise<number>;
}

/**
 * Starts a program that answers each input line with milliseconds, such as
 * bench/reference.py.
 */
export function startReference(
  program: string,
  args: readonly string[],
): Reference {
  const child = new Deno.Command(program, {
    args: [...args],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  const chunks = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  child.unref();
  return {
    async run(task) {
      await writer.write(new TextEncoder().encode(`${task}\n`));
      let line = "";
      while (!line.includes("\n")) {
        const { value } = await chunks.read();
        if (value === undefined) throw new Error("Cannot go on as it ended");
        line += value;
      }
      return Number(line);
    },
    peakMegabytes: () => peakMegabytes(child.pid),
    async [Symbol.asyncDispose]() {
      await writer.close().catch(() => {});
      await child.status;
    },
  };
}

/**
 * Starts a program as `startReference` does, and warms it up.
 *
 * @param command The program and its arguments, separated by spaces.
 * @param task The line to send.
 */
export async function openReference(
  command: string,
  task: "forward" | "step",
): Promise<() => Promise<number>> {
  const [program, ...args] = command.split(" ");
  const reference = startReference(program!, args);
  await reference.run(task);
  return () => reference.run(task);
}

/** The median. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}

/**
 * Largest resident memory of a process so far, in 10^6 bytes.
 *
 * @param pid The process; absent for this one.
 */
export async function peakMegabytes(pid?: number): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${pid ?? "self"}/status`);
  return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) * 1024 / 1e6;
}
