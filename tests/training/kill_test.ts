import assert from "node:assert/strict";
import { Random } from "../../lib/random.ts";
import { readResult, trainLonger } from "./fake_run.ts";

const KILLS = 10;

/** How long each run goes on after its log has grown. */
const random = new Random("moments of kills");

/** Resolves once a run has written more to its log. */
async function grown(path: string, size: number): Promise<void> {
  const watcher = Deno.watchFs(path.replace(/\/[^/]*$/, ""));
  const now = async () => (await Deno.stat(path).catch(() => null))?.size ?? 0;
  if (await now() > size) return watcher.close();
  for await (const _ of watcher) if (await now() > size) break;
}

/** Starts a run in a process of its own and kills it at some moment. */
async function killOne(out: string): Promise<number> {
  const log = `${out}/log.jsonl`;
  const size = (await Deno.stat(log).catch(() => null))?.size ?? 0;
  const child = new Deno.Command("deno", {
    args: [
      "run",
      "-P=train",
      "--no-prompt",
      "tests/training/fake_run.ts",
      out,
    ],
    cwd: new URL("../..", import.meta.url),
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  await Promise.race([grown(log, size), child.status]);
  await new Promise((resolve) => setTimeout(resolve, random.between(0, 60)));
  child.kill("SIGKILL");
  return (await child.status).code;
}

Deno.test({
  name: "train() ends the same when it is killed at ten moments",
  ignore: Deno.build.os === "windows",
  async fn() {
    const path = await Deno.makeTempDir();
    try {
      const out = `${path}/killed`;
      await Deno.mkdir(out);
      const codes: number[] = [];
      for (let i = 0; i < KILLS; i++) codes.push(await killOne(out));
      assert.deepEqual(codes, Array(KILLS).fill(137));
      await trainLonger(out, { resume: true });
      await trainLonger(`${path}/whole`);
      assert.deepEqual(
        await readResult(out),
        await readResult(`${path}/whole`),
      );
    } finally {
      await Deno.remove(path, { recursive: true });
    }
  },
});
