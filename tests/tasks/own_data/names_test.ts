import assert from "node:assert/strict";
import { command } from "../../../tasks/eval.ts";
import { packZip } from "../../data/trees.ts";
import { withConsole } from "../_console.ts";
import { evaluateTree, NUTS } from "./_nuts.ts";

const text = new TextEncoder();
const [image] = NUTS.good;

Deno.test("eval makes a row of a name that is too long for results", async () => {
  const name = `${"a".repeat(251)}.png`;
  const { code, said, summary } = await evaluateTree({
    [`nut/${name}`]: image!,
    "nut/1.png": image!,
  });
  assert.equal(code, 0);
  const { images, errors } = summary.categories.nut!;
  assert.deepEqual([images, errors], [2, 1]);
  assert.match(said, /name of its image must have at most 251 bytes/);
});

Deno.test("eval names what an image file really is", async () => {
  const { code, said } = await evaluateTree({
    "nut/1.png": image!,
    "nut/2.png": text.encode(
      "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n",
    ),
    "nut/3.png": text.encode("<html></html>"),
  });
  assert.equal(code, 0);
  assert.match(said, /2\.png: .*current value is Git LFS pointer$/m);
  assert.match(said, /3\.png: .*current value is HTML or XML$/m);
});

Deno.test("eval takes --object for products in folders of dates", async () => {
  const { summary } = await evaluateTree(
    { "2026-11-29/1.png": image!, "2026-11-30/2.png": image! },
    { flags: ["--object", "bracket"] },
  );
  const prompts = JSON.stringify(summary.prompts);
  assert.match(prompts, /"A photo of a normal bracket"/);
  assert.doesNotMatch(prompts, /normal 2026/);
});

Deno.test("eval reads a zip with a picture at its top as its folder", async () => {
  const tree = { "a/1.png": image!, "b/2.png": image!, "top.png": image! };
  const folder = await evaluateTree(tree);
  const entries = Object.entries(tree).map(([name, data]) => ({
    name: `repo-main/${name}`,
    data,
  }));
  const file = "repo.zip";
  const zip = await evaluateTree({ [file]: packZip(entries) }, { file });
  const categoriesOf = ({ summary }: typeof zip) =>
    Object.keys(summary.categories);
  assert.deepEqual(categoriesOf(zip), ["a", "b", "object"]);
  assert.deepEqual(categoriesOf(zip), categoriesOf(folder));
});

/** Runs with a file of prompts, and what eval says of it. */
async function withPrompts(prompts: string) {
  const path = await Deno.makeTempFile({ suffix: ".json" });
  try {
    await Deno.writeTextFile(path, prompts);
    const flags = ["--prompts", path];
    return await evaluateTree({ "nut/1.png": image! }, { flags });
  } finally {
    await Deno.remove(path);
  }
}

Deno.test("eval reads prompts as summary.json has them, and with a mark of Notepad", async () => {
  const first = await withPrompts('\ufeff{"nut": "bolt"}');
  assert.equal(first.code, 0, first.said);
  assert.match(JSON.stringify(first.summary.prompts), /normal bolt/);
  const again = await withPrompts(JSON.stringify(first.summary.prompts));
  assert.deepEqual(again.summary.prompts, first.summary.prompts);
});

Deno.test("eval refuses prompts that name no category", async () => {
  await assert.rejects(withPrompts('{"nutt": "bolt"}'), /nutt/);
});

Deno.test("eval makes rows of links that lead to nothing", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.mkdir(`${folder}/set/nut`, { recursive: true });
    await Deno.writeFile(`${folder}/set/nut/1.png`, image!);
    await Deno.symlink("gone.png", `${folder}/set/nut/2.png`);
    await Deno.symlink("3.png", `${folder}/set/nut/3.png`);
    const { code, stderr } = await withConsole(() =>
      command.main("eval", [
        ...["--threads", "1", "--data", `${folder}/set`],
        ...["--out", `${folder}/out`],
      ])
    );
    assert.equal(code, 0);
    assert.match(stderr, /2 of 3 images have no score/);
    assert.match(stderr, /2\.png: .*nothing was found, or a link to nothing/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
