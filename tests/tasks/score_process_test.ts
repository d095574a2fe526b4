import assert from "node:assert/strict";
import { FileStore } from "../../lib/storage/file_store.ts";
import { openPlan } from "../../lib/batch/plan.ts";
import { listRuns } from "../../lib/batch/runs.ts";
import { imagesDone } from "../batch/_progress.ts";
import { png, type Tree, withFolder } from "../data/trees.ts";

const ROOT = new URL("../..", import.meta.url);
const IMAGES = 120;

async function manyImages(): Promise<Tree> {
  const entries = Array.from({ length: IMAGES }, async (_, i) => {
    const name = `cap/${`${i}`.padStart(3, "0")}.png`;
    return [name, await png(i)] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

function start(data: string, out: string): Deno.ChildProcess {
  const flags = ["--data", data, "--out", out, "--threads", "1", "--json"];
  return new Deno.Command("deno", {
    args: [
      ...["run", "-P=score", "--no-prompt", "main.ts", "score", ...flags],
      ...["--part-size", "5"],
    ],
    cwd: ROOT,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** Resolves when a part of the run is stored. */
async function underWay(out: string): Promise<void> {
  await Deno.mkdir(out, { recursive: true });
  const watcher = Deno.watchFs(out);
  for await (const { paths } of watcher) {
    if (paths.some((path) => path.endsWith(".parquet"))) break;
  }
}

async function doneIn(out: string): Promise<number> {
  const store = new FileStore(out);
  const [run] = await Array.fromAsync(listRuns(store));
  const done = await imagesDone(await openPlan(store, run!));
  return done.reduce((sum, images) => sum + images);
}

Deno.test({
  name: "score goes on where it was killed, and ends in time when told to",
  ignore: Deno.build.os === "windows",
  async fn() {
    await withFolder(await manyImages(), async (data) => {
      const out = `${data}-out`;
      const killed = start(data, out);
      await underWay(out);
      killed.kill("SIGKILL");
      assert.equal((await killed.output()).signal, "SIGKILL");
      const kept = await doneIn(out);
      assert.ok(kept >= 5 && kept < IMAGES, `${kept} done`);
      const told = start(data, out);
      await underWay(out);
      const before = performance.now();
      told.kill("SIGTERM");
      const { code, stderr } = await told.output();
      const text = new TextDecoder().decode(stderr);
      assert.equal(code, 143, text);
      assert.match(text, /^Stopped by SIGTERM: the run is not complete$/m);
      assert.ok(performance.now() - before < 8000);
      const more = await doneIn(out);
      assert.ok(more > kept && more < IMAGES, `${more} done`);
      const last = await start(data, out).output();
      assert.equal(last.code, 0, new TextDecoder().decode(last.stderr));
      const summary = JSON.parse(new TextDecoder().decode(last.stdout));
      assert.deepEqual([summary.images, summary.errors], [IMAGES, 0]);
      await Deno.remove(out, { recursive: true });
    });
  },
});
