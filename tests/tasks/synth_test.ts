import assert from "node:assert/strict";
import { syntheticFiles } from "../../lib/synthetic/data_set.ts";
import { command as evalCommand } from "../../tasks/eval.ts";
import { command } from "../../tasks/synth.ts";
import { withFolder } from "../data/trees.ts";
import { type Outcome, withConsole } from "./_console.ts";

const PART = ["--count", "4", "--side", "48", "--seed", "7"];

function synth(...args: string[]): Promise<Outcome> {
  return withConsole(() => command.main("synth", args));
}

async function figures(...args: string[]): Promise<unknown> {
  const { stdout } = await withConsole(() =>
    evalCommand.main("eval", ["--threads", "1", "--json", ...args])
  );
  const { categories, mean, counted, errors } = JSON.parse(stdout);
  return { categories, mean, counted, errors };
}

Deno.test("synth writes the set in MVTec AD layout", async () => {
  await withFolder({}, async (folder) => {
    const { code, stdout } = await synth(
      ...[`${folder}/set`, ...PART, "--split", "aux", "--category", "gear"],
    );
    assert.equal(code, 0);
    assert.match(stdout, /^Drew 4 images of 1 category: /);
    const files = await Array.fromAsync(syntheticFiles({
      seed: 7,
      count: 4,
      side: 48,
      split: "aux",
      categories: ["gear"],
    }));
    assert.equal(files.length, 6);
    for (const { path, bytes } of files) {
      assert.deepEqual(await Deno.readFile(`${folder}/set/${path}`), bytes);
    }
    const top = await Array.fromAsync(Deno.readDir(`${folder}/set`));
    assert.deepEqual(top.map(({ name }) => name), ["gear"]);
  });
});

Deno.test("synth draws only into an empty folder", async () => {
  const tree = { "notes.txt": new TextEncoder().encode("mine") };
  await withFolder(tree, async (folder) => {
    for (const out of [folder, `${folder}/notes.txt`]) {
      const { code, stderr } = await synth(out, ...PART);
      assert.equal(code, 2);
      assert.match(
        stderr,
        /^Cannot draw into .* as it must be an empty folder$/,
      );
    }
    assert.equal(await Deno.readTextFile(`${folder}/notes.txt`), "mine");
  });
});

Deno.test("synth leaves nothing behind where it cannot draw", async () => {
  await withFolder({}, async (folder) => {
    const { code, stderr } = await synth(folder, "--category", "unicorn");
    assert.equal(code, 42);
    assert.match(stderr, /unicorn$/);
    assert.deepEqual(await Array.fromAsync(Deno.readDir(folder)), []);
  });
});

Deno.test("eval finds the same in the set drawn and written", async () => {
  await withFolder({}, async (folder) => {
    await synth(`${folder}/set`, ...PART, "--category", "nut");
    const out = ["--out", `${folder}/out`];
    assert.deepEqual(
      await figures("--data", `${folder}/set`, ...out),
      await figures(...PART, "--category", "nut", ...out),
    );
  });
});
