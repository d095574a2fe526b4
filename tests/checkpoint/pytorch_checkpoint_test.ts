import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { openCheckpoint } from "../../lib/checkpoint/open_checkpoint.ts";
import { openPytorch } from "../../lib/checkpoint/pytorch_checkpoint.ts";
import { readTensor } from "../../lib/checkpoint/safetensors.ts";
import { readBytes } from "../../lib/checkpoint/strided_bytes.ts";
import type { WeightEntry } from "../../lib/checkpoint/weights.ts";
import { type TorchDict, torchSave } from "./pytorch_archive.ts";
import { temporaryFolder } from "./temporary.ts";

const GOLDEN = `${import.meta.dirname}/../golden/pytorch`;

type Fingerprint = [dtype: string, shape: number[], hash: string];

async function expected(): Promise<
  Record<string, Record<string, Fingerprint>>
> {
  return JSON.parse(await Deno.readTextFile(`${GOLDEN}/expected.json`));
}

async function fingerprint(
  entry: WeightEntry,
  pieceBytes: number,
): Promise<Fingerprint> {
  const hash = createHash("sha256");
  for await (const piece of readBytes(entry, { pieceBytes })) {
    assert(piece.length <= pieceBytes);
    hash.update(piece);
  }
  const { dtype, shape } = entry;
  return [dtype, [...shape], hash.digest("hex").slice(0, 32)];
}

Deno.test("openCheckpoint() gives every tensor as PyTorch reads it, bit for bit", async () => {
  for (const [file, tensors] of Object.entries(await expected())) {
    const checkpoint = await openCheckpoint(`${GOLDEN}/${file}`);
    const names = [...checkpoint.tensors.keys()];
    assert.deepEqual(names.toSorted(), Object.keys(tensors).toSorted(), file);
    for (const [name, entry] of checkpoint.tensors) {
      for (const pieceBytes of [2 ** 20, 16]) {
        assert.deepEqual(
          await fingerprint(entry, pieceBytes),
          tensors[name],
          `${file} ${name} in pieces of ${pieceBytes}`,
        );
      }
    }
  }
});

Deno.test("openPytorch() leaves tensors where they lie", async () => {
  const path = `${GOLDEN}/state_dict.pt`;
  const { tensors } = await openPytorch(path);
  const base = tensors.get("f32")!;
  assert.deepEqual(tensors.get("shared_rows"), {
    dtype: "F32",
    shape: [2, 8],
    offset: base.offset + 2 * 8 * 4,
    byteLength: 2 * 8 * 4,
    file: path,
    transposed: false,
  });
  assert.deepEqual(tensors.get("columns"), {
    dtype: "F32",
    shape: [6, 3],
    offset: base.offset + 2 * 4,
    byteLength: (5 * 8 + 3) * 4,
    file: path,
    transposed: false,
    strides: [8, 1],
  });
  assert.equal(base.offset % 64, 0);
  assert.equal(tensors.get("expanded")?.strides, undefined);
});

Deno.test("readTensor() reads strided tensors as float32", async () => {
  const file = await openPytorch(`${GOLDEN}/state_dict.pt`);
  const base = await readTensor(file, "f32"); // [6, 8]
  const turned = await readTensor(file, "transposed"); // [8, 6]
  assert.deepEqual(
    turned,
    turned.map((_, i) => base[(i % 6) * 8 + Math.floor(i / 6)]!),
  );
  const some = await readTensor(file, "every_other"); // [3, 3]
  assert.deepEqual(
    some,
    some.map((_, i) => base[Math.floor(i / 3) * 2 * 8 + (i % 3) * 3]!),
  );
});

Deno.test("openCheckpoint() knows TorchScript archives", async () => {
  const found = await Promise.all(
    Object.keys(await expected()).map(async (file) => [
      file,
      (await openCheckpoint(`${GOLDEN}/${file}`)).isTorchScript,
    ]),
  );
  const scripts = found.filter(([, is]) => is).map(([file]) => file);
  assert.deepEqual(scripts, ["scripted.pt", "traced_clip.pt"]);
});

Deno.test("openPytorch() takes names from no prototype, and puts them on none", async () => {
  const { tensors } = await openPytorch(`${GOLDEN}/malicious/proto_name.pt`);
  assert.deepEqual([...tensors.keys()], ["__proto__"]);
  assert.equal(({} as Record<string, unknown>).shape, undefined);
});

Deno.test("openPytorch() finds the state dict in a dict of any name", async () => {
  const tensor = { data: Float32Array.of(1, 2), shape: [2], strides: [1] };
  const inner = { a: tensor, "b.weight": tensor };
  const cases: Record<string, TorchDict> = {
    alone: { prompt_learner: inner },
    nested: { model: { trainable_linearlayer: inner } },
    "beside a tensor": { learner: inner, rng: tensor },
    "beside an empty dict": { learner: inner, notes: {} },
    "in a wrapper": {
      learner: { "module.a": tensor, "module.b.weight": tensor },
    },
  };
  await using folder = await temporaryFolder();
  for (const [name, dict] of Object.entries(cases)) {
    const path = await folder.write("head.pth", torchSave(dict));
    const { tensors } = await openPytorch(path);
    assert.deepEqual([...tensors.keys()], ["a", "b.weight"], name);
  }
  const path = await folder.write("two.pth", torchSave({ a: inner, b: inner }));
  await assert.rejects(openPytorch(path), {
    name: "ModelError",
    message:
      `Cannot load ${path} as it must hold one state dict: there are a, b`,
  });
});
