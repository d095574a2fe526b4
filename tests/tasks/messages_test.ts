import assert from "node:assert/strict";
import { command as evalCommand } from "../../tasks/eval.ts";
import { command as trainCommand } from "../../tasks/train.ts";
import { withConsole } from "./_console.ts";

function train(...args: string[]) {
  return withConsole(() => trainCommand.main("train", args));
}

Deno.test("train blames flags for choices that do not fit the model", async () => {
  const cases: [string[], string | RegExp][] = [
    [
      ["--mpfa", "2"],
      "Cannot use --mpfa with this model as mpfa must be odd: current value is 2",
    ],
    [
      ["--image-size", "100"],
      "Cannot use --image-size with this model as image_size must be a multiple of the patch size 8: current value is 100",
    ],
    [
      ["--sp-stages", "99", "--supervise", "both"],
      /^Cannot use --sp-stages, --supervise with this model as sp_stages must /,
    ],
    [
      ["--taps", "x,2"],
      'Cannot read --taps as it must be numbers of blocks separated by commas: current value is "x,2"',
    ],
  ];
  for (const [args, sentence] of cases) {
    const { code, stderr } = await train(...args);
    assert.equal(code, 2, stderr);
    if (typeof sentence === "string") assert.equal(stderr, sentence);
    else assert.match(stderr, sentence);
  }
});

Deno.test("train names --init-head where a head does not fit the flags", async () => {
  for (
    const args of [["--no-i2tp"], ["--taps", "1,2"], ["--sp-prompts", "4"]]
  ) {
    const { code, stderr } = await train(...args);
    assert.equal(code, 2);
    assert.match(
      stderr,
      /^Cannot use --.*: --init-head starts a new head, which fits$/,
    );
  }
});

Deno.test("train blames the model where flags are not at fault", async () => {
  const model = await Deno.makeTempDir();
  const { code, stderr } = await train("--no-i2tp", "--model", model);
  assert.equal(code, 42);
  assert.match(stderr, /^Cannot load .* are missing/);
  await Deno.remove(model, { recursive: true });
});

Deno.test("train names --resume where the folder holds a run", async () => {
  const out = await Deno.makeTempDir();
  const sentence =
    `Cannot train into ${out} as it must hold neither a run nor a model: it has `;
  const args = [
    "--count",
    "2",
    "--side",
    "32",
    "--max-steps",
    "1",
    "--out",
    out,
  ];
  await Deno.writeTextFile(`${out}/training.safetensors`, "");
  const run = await train(...args);
  assert.equal(
    run.stderr,
    `${sentence}training.safetensors, which --resume continues`,
  );
  await Deno.remove(`${out}/training.safetensors`);
  await Deno.writeTextFile(`${out}/mfp_clip.json`, "");
  assert.equal((await train(...args)).stderr, `${sentence}mfp_clip.json`);
  await Deno.remove(out, { recursive: true });
});

Deno.test("eval says what --data was meant to be", async () => {
  const { code, stderr } = await withConsole(() =>
    evalCommand.main("eval", ["--data", "mvtek"])
  );
  assert.equal(code, 42);
  assert.equal(
    stderr,
    "Cannot find the data set mvtek as there is no such name, folder or file: did you mean mvtec",
  );
});
