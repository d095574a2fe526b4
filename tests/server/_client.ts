/**
 * A client that keeps a server busy over real connections, and the process of
 * a real server.
 *
 * @module
 */
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../../main.ts", import.meta.url));

/** What one request came to. */
export interface Answer {
  /** When it was sent, as performance.now() tells. */
  readonly sent: number;
  /** The status; null where there was no connection. */
  readonly status: number | null;
}

/** Posts an image again and again, until no server is there. */
export async function hammer(
  address: string,
  image: Uint8Array<ArrayBuffer>,
): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (;;) {
    const sent = performance.now();
    try {
      const response = await fetch(`${address}/v1/score?category=cup`, {
        method: "POST",
        headers: { "Content-Type": "image/png" },
        body: image,
      });
      await response.arrayBuffer();
      answers.push({ sent, status: response.status });
    } catch {
      answers.push({ sent, status: null });
      return answers;
    }
  }
}

/** A running server. */
export interface ServerProcess extends AsyncDisposable {
  /** Its address. */
  readonly address: string;
  /** The process. */
  readonly child: Deno.ChildProcess;
  /** What stderr has told so far. */
  log(): string;
}

function serveCommand(
  flags: readonly string[],
  env: Record<string, string>,
): Deno.Command {
  return new Deno.Command("deno", {
    args: [
      "run",
      "--no-prompt",
      "-P=serve",
      MAIN,
      "serve",
      "--host=127.0.0.1",
      ...flags,
    ],
    env,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  });
}

/** Runs `main.ts serve` to its end; for one that cannot start. */
export async function serveToEnd(
  flags: readonly string[],
  env: Record<string, string> = {},
): Promise<{ readonly code: number; readonly log: string }> {
  const { code, stderr } = await serveCommand(flags, env).output();
  return { code, log: new TextDecoder().decode(stderr) };
}

/** Starts `main.ts serve` and waits until it listens. */
export async function startServer(
  flags: readonly string[],
  env: Record<string, string> = {},
): Promise<ServerProcess> {
  const child = serveCommand(flags, env).spawn();
  let text = "";
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const reading = (async () => {
    for await (
      const chunk of child.stderr.pipeThrough(new TextDecoderStream())
    ) {
      text += chunk;
      const [, address] = /Listening at (http:\S+)\//.exec(text) ?? [];
      if (address !== undefined) resolve(address);
    }
    reject(new Error(`The server ended: ${text}`));
  })();
  const address = await promise;
  return {
    address,
    child,
    log: () => text,
    async [Symbol.asyncDispose]() {
      try {
        child.kill("SIGKILL");
      } catch (error) {
        if (!(error instanceof TypeError)) throw error;
      }
      await child.status;
      await reading;
    },
  };
}

/** Waits until a server is ready. */
export async function untilReady(address: string): Promise<void> {
  for (;;) {
    const response = await fetch(`${address}/readyz`);
    await response.body?.cancel();
    if (response.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
