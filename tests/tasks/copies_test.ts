import assert from "node:assert/strict";
import { torchCopy } from "../checkpoint/pytorch_archive.ts";
import { mvtecTree, withFolder } from "../data/trees.ts";
import { goldenModel, GOLDENS } from "../golden/mfp_clip/golden.ts";

const GOLDEN = GOLDENS.find(({ name }) => name === "gelu")!;

/** Channels last, which no runtime can use where it lies. */
const ORDERS = {
  "vision_model.embeddings.patch_embedding.weight": [0, 2, 3, 1],
};

async function run(
  cache: string,
  [verb = "", ...args]: readonly string[],
): Promise<void> {
  const { code, stderr } = await new Deno.Command("deno", {
    args: ["run", `-P=${verb}`, "--no-prompt", "main.ts", verb, ...args],
    cwd: new URL("../..", import.meta.url),
    env: { MFP_HOME: cache },
    stdin: "null",
  }).output();
  assert.equal(code, 0, new TextDecoder().decode(stderr));
}

async function copiesIn(cache: string): Promise<unknown[]> {
  const entries = await Array.fromAsync(Deno.readDir(`${cache}/copies`));
  return await Promise.all(entries.map(async ({ name }) => {
    const { mtime, ino } = await Deno.stat(`${cache}/copies/${name}`);
    return [name, mtime?.getTime(), ino];
  }));
}

Deno.test("eval, train and export share one copy of a PyTorch archive's tensors", async () => {
  await using model = await goldenModel(GOLDEN);
  const source = `${model.path}/clip/model.safetensors`;
  const target = `${model.path}/clip/pytorch_model.bin`;
  await torchCopy(source, { target, orders: ORDERS });
  await Deno.remove(source);
  await withFolder(await mvtecTree(), async (data) => {
    const out = `${model.path}/out`;
    const cache = `${model.path}/cache`;
    const common = ["--model", model.path, "--threads", "1"];
    await run(cache, [
      ...["eval", ...common, "--data", data, "--limit", "1"],
      ...["--out", `${out}/eval`],
    ]);
    const copies = await copiesIn(cache);
    assert.equal(copies.length, 1);
    await run(cache, [
      ...["train", ...common, "--data", data, "--max-steps", "1"],
      ...["--out", `${out}/train`],
    ]);
    await run(cache, [
      ...["export", "--model", `${out}/train`, "--out", `${out}/export`],
    ]);
    assert.deepEqual(await copiesIn(cache), copies);
  });
});
