import assert from "node:assert/strict";
import {
  openSafetensors,
  readTensor,
} from "../../lib/checkpoint/safetensors.ts";
import { writeSafetensors } from "../../lib/checkpoint/write_safetensors.ts";
import { temporaryFolder } from "./temporary.ts";

const GOLDEN = `${import.meta.dirname}/../golden/checkpoint/types.safetensors`;

Deno.test("writeSafetensors() writes what readTensor() reads", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/a.safetensors`;
  const data = Float32Array.of(1, -2.5, 0.1, 3e-8, -0, 7);
  await writeSafetensors(path, {
    half: { dtype: "F16", shape: [3, 2], data },
    full: { dtype: "F32", shape: [6], data: data.subarray(0) },
    scalar: { dtype: "BF16", shape: [], data: Float32Array.of(0.5) },
  });
  const file = await openSafetensors(path);
  assert.deepEqual(await readTensor(file, "full"), data);
  assert.deepEqual(await readTensor(file, "half"), data.map(Math.f16round));
  assert.deepEqual(await readTensor(file, "scalar"), Float32Array.of(0.5));
  assert.deepEqual(file.tensors.get("half")?.shape, [3, 2]);
  assert.equal(file.tensors.get("full")!.offset % 8, 0);
});

Deno.test("writeSafetensors() writes part of a larger array", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/a.safetensors`;
  const data = Float32Array.of(1, 2, 3, 4).subarray(1, 3);
  for (const dtype of ["F32", "F16", "BF16"] as const) {
    await writeSafetensors(path, { a: { dtype, shape: [2], data } });
    assert.deepEqual(await readTensor(await openSafetensors(path), "a"), data);
  }
});

Deno.test("writeSafetensors() rounds to bfloat16 as PyTorch does", async () => {
  await using folder = await temporaryFolder();
  const golden = await openSafetensors(GOLDEN);
  const data = await readTensor(golden, "f32.ties");
  const path = `${folder.path}/a.safetensors`;
  await writeSafetensors(path, { a: { dtype: "BF16", shape: [6], data } });
  assert.deepEqual(
    [...await readTensor(await openSafetensors(path), "a")],
    [...await readTensor(golden, "bf16.ties")],
  );
});

Deno.test("writeSafetensors() gives the same bytes in any order", async () => {
  await using folder = await temporaryFolder();
  const a = { dtype: "F32", shape: [1], data: Float32Array.of(1) } as const;
  const b = { dtype: "F16", shape: [1], data: Float32Array.of(2) } as const;
  const metadata = { format: "pt" };
  const [one, two] = [`${folder.path}/one`, `${folder.path}/two`];
  await writeSafetensors(one, { a, b }, { metadata });
  await writeSafetensors(two, { b, a }, { metadata });
  assert.deepEqual(await Deno.readFile(one), await Deno.readFile(two));
  assert.match(await Deno.readTextFile(one), /"__metadata__":{"format":"pt"}/);
  assert.deepEqual((await openSafetensors(one)).metadata, metadata);
});

Deno.test("writeSafetensors() leaves nothing behind when it fails", async () => {
  await using folder = await temporaryFolder();
  const path = await folder.write("a.safetensors", "before");
  const good = { dtype: "F32", shape: [1], data: Float32Array.of(1) } as const;
  const bad = { ...good, shape: [2] };
  await assert.rejects(writeSafetensors(path, { good, bad }), {
    name: "TypeError",
    message: "Cannot write tensor bad as [2] must have 2 elements: " +
      "current value is 1",
  });
  assert.equal(await Deno.readTextFile(path), "before");
  await Deno.mkdir(`${folder.path}/taken`);
  await assert.rejects(writeSafetensors(`${folder.path}/taken`, { good }));
  const names = (await Array.fromAsync(Deno.readDir(folder.path))).map((e) =>
    e.name
  );
  assert.deepEqual(names.toSorted(), ["a.safetensors", "taken"]);
});
