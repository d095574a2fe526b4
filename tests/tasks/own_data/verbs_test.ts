import assert from "node:assert/strict";
import { command as evalCommand } from "../../../tasks/eval.ts";
import { command as trainCommand } from "../../../tasks/train.ts";
import { withFolder } from "../../data/trees.ts";
import { withConsole } from "../_console.ts";
import { masksWith, mvtec } from "./_nuts.ts";

Deno.test("train says what masks may not be, as eval does", async () => {
  const masks = await masksWith((value) => 255 - value);
  await withFolder(mvtec({ masks }), async (folder) => {
    const { code, stderr } = await withConsole(() =>
      trainCommand.main("train", [
        ...["--data", `${folder}/nut`, "--max-steps", "1", "--threads", "1"],
        ...["--out", `${folder}/out`],
      ])
    );
    assert.equal(code, 0, stderr);
    assert.match(
      stderr,
      /Masks over more than 90 % of their image in nut.*: 3/,
    );
  });
});

Deno.test("eval refuses --limit beside --sample, with 2", async () => {
  const flags = ["--limit", "2", "--sample", "3"];
  const { code, stderr } = await withConsole(() =>
    evalCommand.main("eval", flags)
  );
  assert.equal(code, 2);
  assert.match(stderr, /Cannot read --limit as --sample stands beside it/);
});
