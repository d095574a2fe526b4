/** What a command line printed, and how it ended. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs something with the lines of the console kept, not shown. */
export async function withConsole(
  body: () => Promise<number>,
): Promise<Outcome> {
  const { log, error } = console;
  const stdout: unknown[] = [];
  const stderr: unknown[] = [];
  console.log = (line) => stdout.push(line);
  console.error = (line) => stderr.push(line);
  try {
    const code = await body();
    return { code, stdout: stdout.join("\n"), stderr: stderr.join("\n") };
  } finally {
    Object.assign(console, { log, error });
  }
}
