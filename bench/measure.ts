/**
 * What the scripts that measure whole programs share.
 *
 * @module
 */

/**
 * Starts a program that answers each line on its input with milliseconds, as
 * bench/reference.py does, and lets it warm up.
 *
 * @param command The program and its arguments, divided by spaces.
 * @param task The line to send.
 */
export async function openReference(
  command: string,
  task: "forward" | "step",
): Promise<() => Promise<number>> {
  const [program, ...args] = command.split(" ");
  const child = new Deno.Command(program!, {
    args,
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  const chunks = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  child.unref();
  const run = async () => {
    await writer.write(new TextEncoder().encode(`${task}\n`));
    let line = "";
    while (!line.includes("\n")) {
      const { value } = await chunks.read();
      if (value === undefined) throw new Error("Cannot go on as it ended");
      line += value;
    }
    return Number(line);
  };
  await run();
  return run;
}

/** The middle one of some numbers. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}

/** The most memory that this process was resident in, in 10^6 bytes. */
export async function peakMegabytes(): Promise<number> {
  const status = await Deno.readTextFile("/proc/self/status");
  return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) * 1024 / 1e6;
}
