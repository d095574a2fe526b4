import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../../main.ts", import.meta.url));
const LIMIT = 128;
const SERVE = `ulimit -n ${LIMIT} && exec deno run --no-prompt -P=serve ` +
  `"$0" serve --port=0 --state="$1"`;

/** Reads the log of a server until it is ready. */
async function portIn(
  reader: ReadableStreamDefaultReader<string>,
): Promise<number> {
  let log = "";
  for (;;) {
    const { done, value } = await reader.read();
    log += value ?? "";
    const [, port] = /Listening at http:\S+:(\d+)\//.exec(log) ?? [];
    if (port !== undefined && log.includes("Ready with")) return Number(port);
    if (done) throw new Error(`The server ended: ${log}`);
  }
}

async function isHealthy(port: number): Promise<boolean> {
  const signal = AbortSignal.timeout(2000);
  const url = `http://127.0.0.1:${port}/healthz`;
  const answer = await fetch(url, { signal }).catch(() => undefined);
  await answer?.body?.cancel();
  return answer?.ok ?? false;
}

Deno.test("serve goes on after a flood of connections has taken all file descriptors", async () => {
  const state = await Deno.makeTempDir();
  const child = new Deno.Command("bash", {
    args: ["-c", SERVE, MAIN, state],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const log = child.stderr.pipeThrough(new TextDecoderStream()).getReader();
  const port = await portIn(log);
  const held: Deno.Conn[] = [];
  for (let i = 0; i < 2 * LIMIT; i++) {
    held.push(await Deno.connect({ hostname: "127.0.0.1", port }));
  }
  held.forEach((connection) => connection.close());
  while (!await isHealthy(port)) {
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  child.kill("SIGTERM");
  await log.cancel();
  const { code } = await child.status;
  assert.equal(code, 0);
  await Deno.remove(state, { recursive: true });
});
