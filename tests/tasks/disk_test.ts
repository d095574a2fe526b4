import assert from "node:assert/strict";
import { canMount, mountSmallDisk } from "../files/small_disk.ts";

const ROOT = new URL("../..", import.meta.url);
const mayMount = await canMount();

/** Runs a verb; the exit code, and what it says on stderr. */
async function run(
  verb: string,
  args: readonly string[],
): Promise<{ code: number; told: string }> {
  const { code, stderr } = await new Deno.Command("deno", {
    args: ["run", `-P=${verb}`, "--no-prompt", "main.ts", verb, ...args],
    cwd: ROOT,
    stdin: "null",
    env: { NO_COLOR: "1" },
  }).output();
  return { code, told: new TextDecoder().decode(stderr).trim() };
}

const EVAL = ["--count", "1", "--threads", "1", "--limit", "1", "--out"];

Deno.test({
  name: mayMount
    ? "main.ts says in a sentence that a disk is full or read-only, and ends with 1"
    : "main.ts on a full disk: skipped, as mounting one takes root",
  ignore: !mayMount,
  async fn() {
    await using disk = await mountSmallDisk(16);
    const { path, freeze } = disk!;
    const drawn = ["--count", "1", `${path}/drawn`];
    const full = {
      synth: await run("synth", drawn),
      export: await run("export", ["--out", `${path}/onnx`]),
      eval: await run("eval", [...EVAL, `${path}/out`]),
    };
    freeze();
    const frozen = {
      synth: await run("synth", [...drawn.slice(0, 2), `${path}/other`]),
      export: await run("export", ["--out", `${path}/other`]),
      eval: await run("eval", [...EVAL, `${path}/other`]),
    };
    for (const [verb, { code, told }] of Object.entries(full)) {
      assert.match(told, /^Cannot write \/.* as the disk is full$/m, verb);
      assert.doesNotMatch(told, /^ {4}at /m, verb);
      assert.equal(code, 1, verb);
    }
    for (const [verb, { code, told }] of Object.entries(frozen)) {
      assert.match(told, /^Cannot write \/.* as the disk is read-only$/m, verb);
      assert.doesNotMatch(told, /^ {4}at /m, verb);
      assert.equal(code, 1, verb);
    }
  },
});

Deno.test("main.ts says in a sentence that a name is too long, and ends with 42", async () => {
  const { code, told } = await run("export", [
    "--out",
    `/tmp/${"n".repeat(300)}`,
  ]);
  assert.match(
    told,
    /^Cannot use \/.*n as its name is too long for the file system$/m,
  );
  assert.doesNotMatch(told, /^ {4}at /m);
  assert.equal(code, 42);
});
