/** Two runs that would write into one folder at the same time. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { HeldResults } from "../../lib/evaluation/held_results.ts";
import { HeldFolder, LOCK_FILE } from "../../lib/files/held_folder.ts";
import type { Command } from "../../tasks/cli/command.ts";
import { command as calibrate } from "../../tasks/calibrate.ts";
import { command as evaluate } from "../../tasks/eval.ts";
import { command as exports } from "../../tasks/export.ts";
import { command as score } from "../../tasks/score.ts";
import { command as synth } from "../../tasks/synth.ts";
import { command as train } from "../../tasks/train.ts";
import { png, withFolder } from "../data/trees.ts";
import { whileOtherRun } from "../files/other_run.ts";
import { type Outcome, withConsole } from "./_console.ts";

const NANO = fileURLToPath(new URL("../../models/nano", import.meta.url));

const VERBS: Readonly<Record<string, Command>> = {
  calibrate,
  eval: evaluate,
  export: exports,
  score,
  synth,
  train,
};

function run([verb = "", ...args]: readonly string[]): Promise<Outcome> {
  return withConsole(() => VERBS[verb]!.main(verb, args));
}

/** The hash of each file in a folder, by path. */
async function filesIn(folder: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = join(folder, name);
    if (isDirectory) {
      for (const [inner, hash] of Object.entries(await filesIn(path))) {
        found[`${name}/${inner}`] = hash;
      }
    } else {
      const bytes = await Deno.readFile(path);
      found[name] = createHash("sha256").update(bytes).digest("hex");
    }
  }
  return found;
}

async function withImages(
  body: (folder: string) => Promise<void>,
): Promise<void> {
  const images = { "in/a.png": await png(10), "in/b.png": await png(200) };
  await withFolder(images, body);
}

function assertRefused({ code, stderr }: Outcome, folder: string): void {
  const last = stderr.split("\n").at(-1)!;
  assert.ok(last.startsWith(`Cannot write to ${folder} as no other`), stderr);
  assert.equal(code, 1, stderr);
}

Deno.test("verbs refuse a folder that another run writes to, and change nothing in it", async () => {
  await withImages(async (folder) => {
    const [images, out] = [`${folder}/in`, `${folder}/out`];
    const evaluation = ["eval", `--data=${images}`, `--out=${out}`];
    const cases = [
      evaluation,
      [...evaluation, "--model=nano", `--model=${folder}/copy`],
      ["calibrate", `--good=${images}`, `--out=${out}`],
      ["train", "--count=2", "--side=64", "--max-steps=1", `--out=${out}`],
      ["train", "--recipe=models/nano/recipe.json", `--out=${out}`],
      ["export", `--out=${out}`],
      ["score", `--watch=${images}`, `--out=${out}`],
    ];
    await Deno.symlink(NANO, `${folder}/copy`);
    assert.equal((await run(evaluation)).code, 0);
    await whileOtherRun(out, async (kill) => {
      const before = await filesIn(out);
      for (const args of cases) {
        assertRefused(await run(args), out);
        assert.deepEqual(await filesIn(out), before, args.join(" "));
      }
      await kill();
      assert.equal((await run(evaluation)).code, 0);
      assert.ok(!(LOCK_FILE in await filesIn(out)));
    });
  });
});

Deno.test("eval refuses a comparison of which another run writes to a part", async () => {
  await withImages(async (folder) => {
    const [images, out] = [`${folder}/in`, `${folder}/out`];
    await Deno.symlink(NANO, `${folder}/copy`);
    const evaluation = ["eval", `--data=${images}`, "--limit=1"];
    const single = [...evaluation, `--out=${out}`];
    const compared = [...single, "--model=nano", `--model=${folder}/copy`];
    assert.equal((await run(compared)).code, 0);
    const before = await filesIn(out);
    assert.ok("nano/summary.json" in before && "copy/summary.json" in before);
    {
      await using _other = await HeldFolder.hold(`${out}/copy`);
      for (const args of [single, compared]) {
        assertRefused(await run(args), `${out}/copy`);
      }
    }
    {
      const models = [{ model: "nano", folder: "nano" }];
      await using _other = await HeldResults.hold(out, models);
      for (const name of ["nano", "copy"]) {
        const part = `${out}/${name}`;
        assertRefused(await run([...evaluation, `--out=${part}`]), part);
      }
    }
    assert.deepEqual(await filesIn(out), before);
    assert.equal((await run(single)).code, 0);
    assert.ok(!("copy/summary.json" in await filesIn(out)));
  });
});

Deno.test("synth refuses a folder that another run draws into", async () => {
  await withFolder({}, async (folder) => {
    const out = `${folder}/set`;
    const args = ["synth", out, "--count=4", "--side=48", "--category=nut"];
    {
      await using _other = await HeldFolder.hold(out);
      assertRefused(await run(args), out);
    }
    assert.equal((await run(args)).code, 0);
    assert.ok(!(LOCK_FILE in await filesIn(out)));
  });
});
