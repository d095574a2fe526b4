import assert from "node:assert/strict";
import { convertCheckpoint } from "../../lib/checkpoint/convert_checkpoint.ts";
import { openCheckpoint } from "../../lib/checkpoint/open_checkpoint.ts";
import { openSafetensors } from "../../lib/checkpoint/safetensors.ts";
import { readBytes } from "../../lib/checkpoint/strided_bytes.ts";
import type { WeightEntry } from "../../lib/checkpoint/weights.ts";
import { temporaryFolder } from "./temporary.ts";

const GOLDEN = `${import.meta.dirname}/../golden/pytorch`;

async function bytesOf(entry: WeightEntry): Promise<Uint8Array> {
  const pieces: number[] = [];
  for await (const piece of readBytes(entry)) pieces.push(...piece);
  return new Uint8Array(pieces);
}

Deno.test("convertCheckpoint() keeps names, types, shapes and every bit", async () => {
  await using folder = await temporaryFolder();
  for (const file of ["state_dict.pt", "scripted.pt"]) {
    const { tensors } = await openCheckpoint(`${GOLDEN}/${file}`);
    const path = `${folder.path}/${file}.safetensors`;
    const metadata = { from: file };
    await convertCheckpoint(path, tensors, { metadata });
    const copy = await openSafetensors(path);
    assert.deepEqual(copy.metadata, metadata);
    assert.deepEqual(
      [...copy.tensors.keys()].toSorted(),
      [...tensors.keys()].toSorted(),
    );
    for (const [name, entry] of copy.tensors) {
      const { dtype, shape } = tensors.get(name)!;
      assert.deepEqual([entry.dtype, entry.shape], [dtype, shape], name);
      const expected = await bytesOf(tensors.get(name)!);
      assert.deepEqual(await bytesOf(entry), expected, name);
    }
  }
});

Deno.test("convertCheckpoint() gives the same bytes in any order", async () => {
  await using folder = await temporaryFolder();
  const { tensors } = await openCheckpoint(`${GOLDEN}/state_dict.pt`);
  const [a, b] = ["a", "b"].map((name) => `${folder.path}/${name}`);
  await convertCheckpoint(a!, tensors);
  await convertCheckpoint(b!, new Map([...tensors].toReversed()));
  assert.deepEqual(await Deno.readFile(a!), await Deno.readFile(b!));
});

Deno.test("convertCheckpoint() leaves nothing behind when it fails", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/a.pt`;
  await Deno.copyFile(`${GOLDEN}/state_dict.pt`, path);
  const { tensors } = await openCheckpoint(path);
  await Deno.truncate(path, 4000);
  const target = `${folder.path}/a.safetensors`;
  await assert.rejects(convertCheckpoint(target, tensors), {
    name: "ModelError",
    message: `Cannot load ${path} as the file ends before its data does`,
  });
  assert.deepEqual([...Deno.readDirSync(folder.path)].length, 1);
});

Deno.test("readBytes() refuses a tensor that repeats its elements", async () => {
  const { tensors } = await openCheckpoint(`${GOLDEN}/state_dict.pt`);
  const entry = {
    ...tensors.get("f32")!,
    shape: [9, 6, 8],
    strides: [0, 8, 1],
  };
  await assert.rejects(readBytes(entry).next(), {
    name: "ModelError",
    message: `Cannot load ${entry.file} as a tensor of [9,6,8] in it repeats ` +
      "its elements",
  });
});
