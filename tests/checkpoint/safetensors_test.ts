import assert from "node:assert/strict";
import { ModelError } from "../../lib/checkpoint/model_error.ts";
import {
  openSafetensors,
  readTensor,
} from "../../lib/checkpoint/safetensors.ts";
import { safetensors, temporaryFolder } from "./temporary.ts";

const GOLDEN = `${import.meta.dirname}/../golden/checkpoint/types`;
const ONE = { dtype: "F32", shape: [2], data_offsets: [0, 8] };

async function messageOf(content: Uint8Array): Promise<string> {
  await using folder = await temporaryFolder();
  const path = await folder.write("a.safetensors", content);
  const error = await openSafetensors(path).then(
    () => assert.fail("it was accepted"),
    (error) => error,
  );
  assert(error instanceof ModelError, String(error));
  assert(!error.message.includes("\n") && !error.message.endsWith("."));
  return error.message.replace(path, "FILE");
}

Deno.test("openSafetensors() gives types, shapes and absolute ranges", async () => {
  const file = await openSafetensors(`${GOLDEN}.safetensors`);
  const size = (await Deno.stat(file.path)).size;
  assert.deepEqual([...file.tensors.keys()].toSorted(), [
    "bf16",
    "bf16.ties",
    "empty",
    "f16",
    "f32",
    "f32.ties",
    "ids",
    "scalar",
  ]);
  assert.deepEqual(file.tensors.get("bf16"), {
    dtype: "BF16",
    shape: [2, 4],
    offset: file.dataOffset + 84,
    byteLength: 16,
    file: file.path,
    transposed: false,
  });
  const last = file.tensors.get("f16")!;
  assert.equal(last.offset + last.byteLength, size);
  assert.deepEqual(file.tensors.get("empty")?.shape, [0, 4]);
});

Deno.test("readTensor() converts what PyTorch wrote to float32", async () => {
  const file = await openSafetensors(`${GOLDEN}.safetensors`);
  const expected: Record<string, string[]> = JSON.parse(
    await Deno.readTextFile(`${GOLDEN}.json`),
  );
  for (const [name, values] of Object.entries(expected)) {
    const actual = [...await readTensor(file, name)];
    assert.deepEqual(actual, values.map(Number), name);
  }
});

Deno.test("readTensor() names a tensor that is missing or not float", async () => {
  const file = await openSafetensors(`${GOLDEN}.safetensors`);
  await assert.rejects(readTensor(file, "nothing"), {
    name: "ModelError",
    message: `Cannot load ${file.path} as tensor nothing is missing`,
  });
  await assert.rejects(readTensor(file, "ids"), {
    name: "ModelError",
    message: `Cannot load ${file.path} as a tensor must be F32, F16 or BF16: ` +
      "current value is I64",
  });
});

Deno.test("openSafetensors() reports a missing file, a folder", async () => {
  await assert.rejects(openSafetensors("/nowhere/a.safetensors"), {
    name: "ModelError",
    message: "Cannot load /nowhere/a.safetensors as there is no such file",
  });
  await assert.rejects(openSafetensors(import.meta.dirname!), {
    name: "ModelError",
    message: `Cannot load ${import.meta.dirname} as it is not a file`,
  });
});

Deno.test("openSafetensors() refuses a file cut at any byte", async () => {
  const whole = safetensors({ a: ONE }, 8);
  assert.equal(
    await messageOf(whole.subarray(0, whole.length - 1)),
    `Cannot load FILE as the file is truncated: it must have ${whole.length} ` +
      `bytes and has ${whole.length - 1}`,
  );
  for (let length = 0; length < whole.length; length++) {
    assert.match(
      await messageOf(whole.subarray(0, length)),
      /^Cannot load FILE as the file is truncated/,
    );
  }
});

Deno.test("openSafetensors() refuses what the format forbids", async () => {
  const cases: [Uint8Array, RegExp][] = [
    [safetensors({ a: ONE }, 9), /1 bytes follow the last tensor/],
    [safetensors("{]"), /its header is not valid JSON/],
    [safetensors("[]"), /its header is not a JSON object/],
    [safetensors({ a: 3 }), /tensor a has no type that safetensors know/],
    [
      safetensors({ a: { ...ONE, dtype: "toString" } }, 8),
      /tensor a has no type that safetensors know: toString/,
    ],
    [safetensors({ a: { ...ONE, shape: [-2] } }, 8), /a has no valid shape/],
    [safetensors({ a: { ...ONE, shape: [1.5] } }, 8), /a has no valid shape/],
    [
      safetensors({ a: { ...ONE, data_offsets: [8, 0] } }, 8),
      /tensor a has no valid data_offsets/,
    ],
    [
      safetensors({ a: { ...ONE, shape: [3] } }, 8),
      /tensor a must have 12 bytes for F32 \[3\]: current value is 8/,
    ],
    [
      safetensors({ a: { ...ONE, data_offsets: [4, 12] } }, 12),
      /tensor a must start at byte \d+: current value is \d+/,
    ],
    [
      safetensors({ a: ONE, b: { ...ONE, data_offsets: [4, 12] } }, 12),
      /tensor b must start at byte \d+: current value is \d+/,
    ],
    [new Uint8Array(8).fill(255), /must have at most 100000000 bytes/],
    [
      new TextEncoder().encode("PK\u0003\u0004 this is a zip archive"),
      /must have at most 100000000 bytes/,
    ],
  ];
  for (const [content, message] of cases) {
    assert.match(await messageOf(content), message);
  }
});
