/**
 * One start of `serve`, from nothing to its first answer.
 *
 * @module
 */

const ROOT = new URL("../..", import.meta.url);
const IMAGE = new URL("tests/golden/mfp_clip/images/coffee.jpg", ROOT);
const PORT = 18_431;
const ADDRESS = `http://127.0.0.1:${PORT}`;

/** Asks until the answer is 200. */
async function untilAnswered(path: string): Promise<void> {
  while (true) {
    const response = await fetch(`${ADDRESS}${path}`).catch(() => undefined);
    await response?.body?.cancel();
    if (response?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Times of one start, in seconds. */
export interface Times {
  readonly port: number;
  readonly ready: number;
  readonly firstAnswer: number;
}

/** What is started. */
export interface StartOptions {
  /** The checkout; this one where absent. */
  readonly cwd?: string | URL;
  /** Name or directory of the model. */
  readonly model: string;
  /** More flags of `serve`. */
  readonly flags?: readonly string[];
  /** Called with the number of the process when the first image is scored. */
  readonly onAnswer?: (pid: number) => void | Promise<void>;
}

/**
 * Starts `serve`, asks for one score, and stops it.
 *
 * @returns When what was there.
 */
export async function timeStart(
  { cwd = ROOT, model, flags = [], onAnswer }: StartOptions,
): Promise<Times> {
  const begin = performance.now();
  const since = () => (performance.now() - begin) / 1000;
  const child = new Deno.Command("deno", {
    args: [
      ...["run", "--no-prompt", "-P=serve", "main.ts", "serve"],
      ...[`--port=${PORT}`, `--model=${model}`],
      ...flags,
    ],
    cwd,
    stdout: "null",
    stderr: "null",
  }).spawn();
  try {
    await untilAnswered("/healthz");
    const port = since();
    await untilAnswered("/readyz");
    const ready = since();
    const response = await fetch(`${ADDRESS}/v1/score?category=cup`, {
      method: "POST",
      headers: { "content-type": "image/jpeg" },
      body: await Deno.readFile(IMAGE),
    });
    if (!response.ok) throw new Error(await response.text());
    await response.body?.cancel();
    const firstAnswer = since();
    await onAnswer?.(child.pid);
    return { port, ready, firstAnswer };
  } finally {
    child.kill("SIGTERM");
    await child.status;
  }
}
