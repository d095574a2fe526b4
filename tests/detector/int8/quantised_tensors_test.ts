import assert from "node:assert/strict";
import { quantisedTensors } from "../../../lib/detector/int8/quantised_tensors.ts";
import { ModelError } from "../../../lib/checkpoint/model_error.ts";
import {
  type ModelDirectory,
  openModelDirectory,
} from "../../../lib/methods/model_directory.ts";
import { writeWideModel } from "./wide_model.ts";

const SCRIPT = new URL("./make_cache.ts", import.meta.url).pathname;

async function make(model: ModelDirectory, cacheFolder: string) {
  let made = false;
  const onMake = () => {
    made = true;
  };
  const tensors = await quantisedTensors(model, {
    cacheFolder,
    threads: 1,
    onMake,
  });
  const [first] = tensors.values();
  return { made, file: first!.file };
}

Deno.test("quantisedTensors() quantises once where two processes begin at once", async () => {
  const cache = await Deno.makeTempDir();
  const path = `${cache}/model`;
  try {
    await writeWideModel(path);
    const start = () =>
      new Deno.Command("deno", {
        args: ["run", "-P=eval", SCRIPT, path, cache],
      }).output();
    const outputs = await Promise.all([start(), start()]);
    const said = outputs.map(({ stdout }) =>
      JSON.parse(new TextDecoder().decode(stdout))
    );
    assert.deepEqual(said.map(({ made }) => made).sort(), [false, true]);
    assert.equal(said[0].file, said[1].file);
    const names = [...Deno.readDirSync(`${cache}/int8`)].map(({ name }) =>
      name
    );
    assert.equal(names.filter((name) => !name.endsWith(".lock")).length, 1);
  } finally {
    await Deno.remove(cache, { recursive: true });
  }
});

Deno.test("quantisedTensors() makes a damaged file anew", async () => {
  const cache = await Deno.makeTempDir();
  try {
    await writeWideModel(`${cache}/model`);
    const model = await openModelDirectory(`${cache}/model`);
    const { made, file } = await make(model, cache);
    assert(made);
    const whole = await Deno.readFile(file);
    assert(!(await make(model, cache)).made);
    const damaged = whole.slice();
    damaged[damaged.length - 1]! ^= 1;
    const cut = whole.slice(0, whole.length >> 1);
    for (const bytes of [damaged, cut]) {
      await Deno.writeFile(file, bytes);
      assert((await make(model, cache)).made);
      assert.deepEqual(await Deno.readFile(file), whole);
    }
  } finally {
    await Deno.remove(cache, { recursive: true });
  }
});

Deno.test("quantisedTensors() needs a cache", async () => {
  const path = await Deno.makeTempDir();
  try {
    await writeWideModel(path);
    const model = await openModelDirectory(path);
    const options = { cacheFolder: undefined, threads: 1 };
    await assert.rejects(quantisedTensors(model, options), ModelError);
  } finally {
    await Deno.remove(path, { recursive: true });
  }
});
