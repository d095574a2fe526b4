import assert from "node:assert/strict";
import { openCheckpoint } from "../../lib/checkpoint/open_checkpoint.ts";
import { openSafetensors } from "../../lib/checkpoint/safetensors.ts";
import { torchCopy } from "./pytorch_archive.ts";
import { temporaryFolder } from "./temporary.ts";

const GOLDEN = `${import.meta.dirname}/../golden/pytorch/sharded`;
const INDEX = "model.safetensors.index.json";
const SHARD = "model-00001-of-00003.safetensors";

async function messageOf(
  index: unknown,
  files: readonly string[] = [SHARD],
): Promise<string> {
  await using folder = await temporaryFolder();
  for (const file of files) {
    await Deno.copyFile(`${GOLDEN}/${file}`, `${folder.path}/${file}`);
  }
  const path = await folder.write(INDEX, JSON.stringify(index));
  const error = await openCheckpoint(path).then(
    () => assert.fail("it was accepted"),
    (error) => error,
  );
  assert.equal(error.name, "ModelError", error.stack);
  return error.message.replaceAll(folder.path, "DIR");
}

Deno.test("openCheckpoint() opens shards as one checkpoint", async () => {
  const { path, tensors } = await openCheckpoint(`${GOLDEN}/${INDEX}`);
  assert.equal(path, `${GOLDEN}/${INDEX}`);
  const files = new Set([...tensors.values()].map(({ file }) => file));
  assert.equal(files.size, 3);
  for (const file of files) {
    for (const [name, entry] of (await openSafetensors(file)).tensors) {
      assert.deepEqual(tensors.get(name), entry, name);
    }
  }
});

Deno.test("openCheckpoint() opens shards of PyTorch's archives too", async () => {
  await using folder = await temporaryFolder();
  const target = `${folder.path}/pytorch_model-00001-of-00001.bin`;
  await torchCopy(`${GOLDEN}/${SHARD}`, { target });
  const names = [...(await openSafetensors(`${GOLDEN}/${SHARD}`)).tensors];
  const path = await folder.write(
    "pytorch_model.bin.index.json",
    JSON.stringify({
      weight_map: Object.fromEntries(
        names.map(([name]) => [name, "pytorch_model-00001-of-00001.bin"]),
      ),
    }),
  );
  const { tensors } = await openCheckpoint(path);
  assert.deepEqual([...tensors.keys()], names.map(([name]) => name));
  assert(tensors.values().every(({ file }) => file === target));
});

Deno.test("openCheckpoint() leaves out what the index does not name", async () => {
  await using folder = await temporaryFolder();
  await Deno.copyFile(`${GOLDEN}/${SHARD}`, `${folder.path}/${SHARD}`);
  const index = { weight_map: { logit_scale: SHARD } };
  const path = await folder.write(INDEX, JSON.stringify(index));
  const { tensors } = await openCheckpoint(path);
  assert.deepEqual([...tensors.keys()], ["logit_scale"]);
});

Deno.test("openCheckpoint() says what is wrong with an index", async () => {
  const mapless = `Cannot load DIR/${INDEX} as it must have a weight_map ` +
    "from tensors to files";
  for (const index of [{}, { weight_map: [] }, { weight_map: {} }]) {
    assert.equal(await messageOf(index), mapless);
  }
  const places = ["../a.safetensors", "/a", "a/b", "..", ".a", "", 3, null];
  for (const place of places) {
    assert.equal(
      await messageOf({ weight_map: { a: place } }),
      `Cannot load DIR/${INDEX} as tensor a must be in a file beside it: ` +
        `current value is ${JSON.stringify(place)}`,
    );
  }
  assert.equal(
    await messageOf({ weight_map: { "a\n": SHARD } }),
    `Cannot load DIR/${INDEX} as tensor "a\\n" is missing in ${SHARD}`,
  );
  assert.equal(
    await messageOf({ weight_map: { logit_scale: SHARD } }, []),
    `Cannot load DIR/${SHARD} as there is no such file`,
  );
  assert.match(await messageOf([]), /it must hold a JSON object$/);
});
