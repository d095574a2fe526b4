import assert from "node:assert/strict";
import { readScores } from "../../lib/results/scores_parquet.ts";
import { command } from "../../tasks/eval.ts";
import {
  mask,
  mvtecTree,
  packTar,
  png,
  type Tree,
  withFolder,
} from "../data/trees.ts";
import { type Outcome, withConsole } from "./_console.ts";

function evaluate(...args: string[]): Promise<Outcome> {
  return withConsole(() =>
    command.main("eval", ["--threads", "1", "--batch-size", "8", ...args])
  );
}

async function exists(path: string): Promise<boolean> {
  return await Deno.lstat(path).then(() => true, () => false);
}

const text = new TextEncoder();

async function badImages(): Promise<Tree> {
  const whole = await png(12);
  return {
    ...await mvtecTree(),
    "bottle/ground_truth/broken_large/002_mask.png": await mask(3, 6),
    "bottle/test/broken_large/002.png": await png(30),
    "bottle/test/good/truncated.png": whole.subarray(0, whole.length - 20),
    "bottle/test/good/empty.png": new Uint8Array(),
    "bottle/test/good/text.png": text.encode("this is no image"),
    "bottle/test/good/drawing.png": text.encode(
      '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>',
    ),
    "bottle/test/good/png_named.jpg": whole,
  };
}

/** The embedded model with the weights of CLIP cut off. */
async function cutModel(): Promise<Tree> {
  const files = [
    ...["clip/config.json", "clip/vocab.json", "clip/merges.txt"],
    ...["clip/model.safetensors", "resnet50.safetensors"],
    ...["mfp_clip.json", "mfp_clip.safetensors"],
  ];
  const entries = await Promise.all(files.map(async (file) => {
    const bytes = await Deno.readFile(
      new URL(`../../models/nano/${file}`, import.meta.url),
    );
    const cut = file === "clip/model.safetensors" ? -1000 : bytes.length;
    return [`cut/${file}`, bytes.subarray(0, cut)] as const;
  }));
  return Object.fromEntries(entries);
}

Deno.test("eval makes a row of each bad image and goes on", async () => {
  await withFolder(await badImages(), async (data) => {
    const out = `${data}-out`;
    const { code, stdout, stderr } = await evaluate(
      ...["--data", data, "--out", out, "--maps", "npy"],
    );
    assert.equal(code, 0);
    assert.match(stdout, /^bottle .* 9 +4 +2 +3 +2$/m);
    assert.match(stderr, /^4 of 11 images have no score:$/m);
    const rows = await readScores(
      await Deno.readFile(`${out}/scores.parquet`),
    );
    assert.deepEqual(
      rows.filter(({ error }) => error !== null).map(({ key }) => key),
      [
        "bottle/test/good/drawing.png",
        "bottle/test/good/empty.png",
        "bottle/test/good/text.png",
        "bottle/test/good/truncated.png",
      ],
    );
    for (const { error } of rows) {
      if (error !== null) assert.match(error, /^Cannot .* as [^\n]+[^.\n]$/);
    }
    const map = "maps/bottle/test/good/png_named.jpg.npy";
    assert.ok(await exists(`${out}/${map}`));
    assert.ok(!await exists(`${out}/incomplete.tmp`));
    await Deno.remove(out, { recursive: true });
  });
});

Deno.test("eval --strict ends with 42, --json prints the summary", async () => {
  const tree = {
    "good/a.png": await png(5),
    "good/b.png": text.encode("this is no image"),
  };
  await withFolder(tree, async (data) => {
    const out = `${data}-out`;
    const { code, stdout } = await evaluate(
      ...["--data", data, "--out", out, "--strict", "--json"],
    );
    assert.equal(code, 42);
    const summary = JSON.parse(stdout);
    assert.equal(summary.errors, 1);
    assert.equal(summary.mean.i_auroc, null);
    const file = JSON.parse(await Deno.readTextFile(`${out}/summary.json`));
    assert.deepEqual(file, summary);
    await Deno.remove(out, { recursive: true });
  });
});

Deno.test("eval ends with 42 and writes nothing where it cannot start", async () => {
  const image = await png(5);
  const tree = {
    "a/b.png": image,
    "prompts.json": text.encode("[]"),
    "evil.tar": await packTar([{ name: "../evil.png", data: image }]),
    "empty/readme.txt": text.encode("no image in here"),
    ...await cutModel(),
  };
  await withFolder(tree, async (data) => {
    const out = `${data}-out`;
    const cases: [string[], RegExp][] = [
      [["--model", `${data}/a`], /^Cannot load .* missing$/],
      [["--model", `${data}/cut`], /^Cannot load .*model\.safetensors/],
      [["--model", "nanno"], /^Cannot find the model nanno as it must be/],
      [["--data", `${data}/nowhere`], /^Cannot open the data set at /],
      [["--data", `${data}/evil.tar`], /^Cannot .*evil\.tar/],
      [["--data", `${data}/empty`], /^Cannot open the data set at .* no image/],
      [["--category", "tin"], /^Cannot open the data set at .* tin$/],
      [["--prompts", `${data}/prompts.json`], /prompts\.json/],
    ];
    for (const [args, sentence] of cases) {
      const outcome = await evaluate("--data", data, "--out", out, ...args);
      assert.equal(outcome.code, 42);
      const lines = outcome.stderr.split("\n");
      assert.match(lines.at(-1)!, sentence);
      assert.ok(lines.slice(0, -1).every((line) => /^(Read|Note)/.test(line)));
      assert.equal(outcome.stdout, "");
      assert.ok(!await exists(out));
    }
  });
});

Deno.test("eval ends with 2 where results would lie in the data", async () => {
  await withFolder({ "a/b.png": await png(5) }, async (data) => {
    const outcome = await evaluate("--data", data, "--out", `${data}/out`);
    assert.equal(outcome.code, 2);
    assert.ok(!await exists(`${data}/out`));
  });
});

Deno.test("eval ends with 42 where no image has a score", async () => {
  await withFolder({ "nut/1.png": text.encode("no image") }, async (data) => {
    const out = `${data}-out`;
    const { code, stderr } = await evaluate("--data", data, "--out", out);
    assert.equal(code, 42);
    assert.match(stderr, /^1 of 1 images have no score:$/m);
    assert.match(stderr, /^Read .* as plain folders: .* 1 unlabelled/m);
    await Deno.remove(out, { recursive: true });
  });
});

Deno.test("eval takes a list, and names a mask that is not there", async () => {
  const list = "image;label;mask\n1.png;0.0;\n2.png;bad;gone.png\n";
  const tree = {
    "list.csv": text.encode(list),
    "1.png": await png(5),
    "2.png": await png(9),
  };
  await withFolder(tree, async (data) => {
    const out = `${data}-out`;
    const { code, stdout } = await evaluate(
      ...["--data", `${data}/list.csv`, "--out", out, "--json"],
      ...["--object", "nut"],
    );
    assert.equal(code, 0);
    const { categories, prompts, reading } = JSON.parse(stdout);
    assert.deepEqual(categories.nut.mask_notes, { absent: 1 });
    assert.notEqual(categories.nut.i_auroc, null);
    assert.match(prompts.nut.normal[0], /normal nut$/);
    assert.equal(reading.layout, "a list");
    await Deno.remove(out, { recursive: true });
  });
});
