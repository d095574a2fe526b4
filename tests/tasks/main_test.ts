import assert from "node:assert/strict";
import { isTemporary } from "../../lib/files/whole_file.ts";
import { png, type Tree, withFolder } from "../data/trees.ts";

const ROOT = new URL("../..", import.meta.url);

function start(args: readonly string[]): Deno.ChildProcess {
  return new Deno.Command("deno", {
    args: ["run", "-P=eval", "--no-prompt", "main.ts", ...args],
    cwd: ROOT,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** Many small images, so that a run lasts. */
async function manyImages(): Promise<Tree> {
  const image = await png(9);
  const names = Array.from({ length: 400 }, (_, i) => `cap/${i}.png`);
  return Object.fromEntries(names.map((name) => [name, image]));
}

/** Resolves when the run that writes to a folder is under way. */
async function underWay(out: string): Promise<void> {
  const watcher = Deno.watchFs(out);
  for await (const { paths } of watcher) {
    if (paths.some((path) => path.endsWith("incomplete.tmp"))) break;
  }
}

async function listing(path: string): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(path));
  return entries.map(({ name }) => name)
    .filter((name) => !isTemporary(name)).sort();
}

Deno.test("main.ts lists its verbs and knows each of them", async () => {
  const { code, stdout } = await start(["--help"]).output();
  assert.equal(code, 0);
  const help = new TextDecoder().decode(stdout);
  const verbs = [...help.matchAll(/^ {2}(\w+) {2}/gm)].map(([, verb]) => verb);
  assert.deepEqual(verbs, [
    "eval",
    "calibrate",
    "train",
    "ablate",
    "reproduce",
    "score",
    "merge",
    "report",
    "serve",
    "download",
    "export",
    "synth",
  ]);
  for (const verb of verbs) {
    const { command } = await import(`../../tasks/${verb}.ts`);
    assert.match(command.help(verb), /^Usage: deno task \w+ .*\[flags\]$/m);
  }
});

Deno.test({
  name: "main.ts leaves nothing that looks complete when it is stopped",
  ignore: Deno.build.os === "windows",
  async fn() {
    await withFolder(await manyImages(), async (data) => {
      for (
        const [signal, code] of [["SIGTERM", 143], ["SIGKILL", 137]] as const
      ) {
        const out = await Deno.makeTempDir();
        const started = underWay(out);
        const child = start(["eval", "--data", data, "--out", out]);
        await started;
        child.kill(signal);
        assert.equal((await child.output()).code, code);
        const names = await listing(out);
        assert.ok(names.includes("incomplete.tmp"));
        for (const name of ["summary.json", "scores.parquet", "report.html"]) {
          assert.ok(!names.includes(name));
        }
        await Deno.remove(out, { recursive: true });
      }
    });
  },
});
