import assert from "node:assert/strict";
import { rowMajorWeights } from "../../lib/checkpoint/convert_strided.ts";
import { openCheckpoint } from "../../lib/checkpoint/open_checkpoint.ts";
import { readWeight } from "../../lib/checkpoint/safetensors.ts";
import type { WeightEntry } from "../../lib/checkpoint/weights.ts";
import { temporaryFolder } from "./temporary.ts";

const GOLDEN = `${import.meta.dirname}/../golden/pytorch/state_dict.pt`;
const STRIDED = ["channels_last", "columns", "f16_columns", "permuted"];

type Tensors = ReadonlyMap<string, WeightEntry>;

async function someOf(
  path: string,
  names: readonly string[],
): Promise<Tensors> {
  const { tensors } = await openCheckpoint(path);
  return new Map(names.map((name) => [name, tensors.get(name)!]));
}

function filesIn(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name);
}

Deno.test("rowMajorWeights() needs no copy of rows or of transposes", async () => {
  const tensors = await someOf(GOLDEN, ["f32", "shared_rows", "transposed"]);
  const options = { path: "DIR", copiesFolder: undefined };
  const found = await rowMajorWeights(tensors, options);
  const base = tensors.get("f32")!;
  assert.equal(found.get("f32"), base);
  assert.equal(found.get("shared_rows"), tensors.get("shared_rows"));
  assert.deepEqual(found.get("transposed"), { ...base, transposed: true });
  const turned = new Map([["t", {
    ...tensors.get("transposed")!,
    transposed: true,
  }]]);
  assert.deepEqual((await rowMajorWeights(turned, options)).get("t"), base);
});

Deno.test("rowMajorWeights() copies all else, once", async () => {
  await using folder = await temporaryFolder();
  const copiesFolder = `${folder.path}/cache/models`;
  const options = { path: "DIR", copiesFolder };
  const tensors = await someOf(GOLDEN, [...STRIDED, "f32"]);
  const found = await rowMajorWeights(tensors, options);
  assert.equal(found.get("f32"), tensors.get("f32"));
  const [name] = filesIn(copiesFolder);
  assert.match(name!, /^[0-9a-f]{32}\.safetensors$/);
  for (const strided of STRIDED) {
    const entry = found.get(strided)!;
    assert.equal(entry.file, `${copiesFolder}/${name}`);
    assert.equal(entry.strides, undefined);
    assert.deepEqual(
      await readWeight(entry),
      await readWeight(tensors.get(strided)!),
      strided,
    );
  }
  const before = await Deno.stat(`${copiesFolder}/${name}`);
  assert.deepEqual(await rowMajorWeights(tensors, options), found);
  assert.equal((await Deno.stat(`${copiesFolder}/${name}`)).ino, before.ino);
});

Deno.test("rowMajorWeights() copies again what changed or is damaged", async () => {
  await using folder = await temporaryFolder();
  const copiesFolder = `${folder.path}/cache`;
  const options = { path: "DIR", copiesFolder };
  const source = `${folder.path}/a.pt`;
  await Deno.copyFile(GOLDEN, source);
  const tensors = await someOf(source, STRIDED);
  await rowMajorWeights(tensors, options);
  const [name] = filesIn(copiesFolder);
  const copy = `${copiesFolder}/${name}`;
  const whole = await Deno.readFile(copy);
  await Deno.truncate(copy, whole.length - 1);
  await rowMajorWeights(tensors, options);
  assert.deepEqual(await Deno.readFile(copy), whole);
  await Deno.utime(source, 1, 1);
  const found = await rowMajorWeights(tensors, options);
  assert.notEqual(found.get("columns")!.file, copy);
  assert.equal(filesIn(copiesFolder).length, 2);
});

Deno.test("rowMajorWeights() may run several times at once", async () => {
  await using folder = await temporaryFolder();
  const tensors = await someOf(GOLDEN, STRIDED);
  const options = { path: "DIR", copiesFolder: folder.path };
  const found = await Promise.all(
    Array.from({ length: 8 }, () => rowMajorWeights(tensors, options)),
  );
  assert.equal(filesIn(folder.path).length, 1);
  for (const one of found) assert.deepEqual(one, found[0]);
});

Deno.test("rowMajorWeights() says why it cannot copy", async () => {
  await using folder = await temporaryFolder();
  const tensors = await someOf(GOLDEN, STRIDED);
  await assert.rejects(
    rowMajorWeights(tensors, { path: "DIR", copiesFolder: undefined }),
    {
      name: "ModelError",
      message: "Cannot load DIR as tensor channels_last does not lie row by " +
        "row and there is no cache folder to copy it to",
    },
  );
  const copiesFolder = `${await folder.write("file", "")}/cache`;
  await assert.rejects(
    rowMajorWeights(tensors, { path: "DIR", copiesFolder }),
    {
      name: "ModelError",
      message:
        /^Cannot load DIR as its copy .+\.safetensors cannot be written: /,
    },
  );
});
