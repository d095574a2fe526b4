import assert from "node:assert/strict";
import type { GoodImage } from "../../lib/references/learn_memory.ts";
import { learnMemory } from "../../lib/references/learn_memory.ts";
import {
  decodeMemory,
  encodeMemory,
  type StoredMemory,
} from "../../lib/references/memory_file.ts";
import { memoryHash } from "../../lib/references/memory_tensors.ts";
import { scattered } from "../contract/numbers.ts";
import { openGraph } from "./graph_opener.ts";

const SIZES = { grid: 4, width: 3, taps: 2 };
const ORIGIN = {
  category: "nut",
  model: "f".repeat(64),
  side: 8,
  bitDepth: 16,
};

function image(k: number): GoodImage {
  const tap = (i: number) => Float32Array.from(scattered(48, 2 * k + i + 1));
  return {
    key: `nut/${k}.png`,
    sha256: String(k).repeat(64),
    tiles: [{
      taps: { tap_0: tap(0), tap_1: tap(1) },
      logits: Float32Array.from(scattered(16, k + 20)),
    }],
  };
}

async function stored(): Promise<StoredMemory> {
  const options = { sizes: SIZES, open: openGraph, features: 12 };
  const { memory } = await learnMemory([0, 1, 2].map(image), options);
  return { memory, origin: ORIGIN };
}

Deno.test("decodeMemory() reads what encodeMemory() wrote, to the bit", async () => {
  const before = await stored();
  const bytes = encodeMemory(before);
  assert.deepEqual(decodeMemory(bytes, "nut.safetensors"), before);
  assert.equal(memoryHash(encodeMemory(before)), memoryHash(bytes));
});

/** The bytes with some text in them replaced by another of its length. */
function with_(bytes: Uint8Array, text: string, other: string): Uint8Array {
  const at = new TextDecoder("latin1").decode(bytes).indexOf(text);
  assert(at > 0 && text.length === other.length);
  const changed = bytes.slice();
  changed.set(new TextEncoder().encode(other), at);
  return changed;
}

Deno.test("decodeMemory() refuses what is damaged, in one sentence", async () => {
  const bytes = encodeMemory(await stored());
  const infinite = bytes.slice();
  new DataView(infinite.buffer).setFloat32(bytes.length - 4, Infinity, true);
  const negative = bytes.slice();
  new DataView(negative.buffer).setFloat32(bytes.length - 12, -1, true);
  const cases: [Uint8Array, string][] = [
    [new Uint8Array(3), "the file is truncated"],
    [bytes.subarray(0, 100), "the file is truncated"],
    [
      with_(bytes, "good images 2", "good images 1"),
      "it must be a memory of good images of this version: " +
      'current format is "mfp-clip good images 1"',
    ],
    [with_(bytes, '\\"category\\"', '\\"Category\\"'), "its origin is damaged"],
    [
      with_(bytes, "1".repeat(64), "x".repeat(64)),
      "its list of good images is damaged",
    ],
    [infinite, "tensor scales must hold finite numbers"],
    [negative, "its scales must be positive numbers"],
  ];
  for (const [damaged, reason] of cases) {
    assert.throws(() => decodeMemory(damaged, "nut.safetensors"), {
      name: "ModelError",
      message: `Cannot load nut.safetensors as ${reason}`,
    });
  }
  assert.throws(
    () => decodeMemory(with_(bytes, '\\"width\\":3', '\\"width\\":4'), "nut"),
    /of another shape or type \(taps\.0\.patch\.mean must be \[4\], is \[3\]/,
  );
});
