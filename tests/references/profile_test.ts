import { zipSync } from "fflate";
import assert from "node:assert/strict";
import { ModelError } from "../../lib/checkpoint/model_error.ts";
import { encodeProfile, readProfile } from "../../lib/references/profile.ts";
import { memoryHash } from "../../lib/references/memory_tensors.ts";
import { packProfile } from "../../lib/references/pack_profile.ts";
import { sampleProfile } from "./sample_profile.ts";

const BYTES = Uint8Array.of(1, 2, 3);

const PROFILE = sampleProfile("a/b", memoryHash(BYTES));

/** Reads a folder with this profile.json, and the memory if asked for. */
async function readBack(text: string, memory?: Uint8Array) {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/profile.json`, text);
    const file = `${folder}/good-1.safetensors`;
    if (memory !== undefined) await Deno.writeFile(file, memory);
    return await readProfile(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function assertRefused(
  [text, memory]: readonly [string, Uint8Array?],
  pattern: RegExp,
): Promise<void> {
  await assert.rejects(readBack(text, memory), (error: unknown) => {
    assert.ok(error instanceof ModelError, `${error}`);
    assert.match(error.message, pattern);
    return true;
  });
}

Deno.test("readProfile() reads what encodeProfile() wrote", async () => {
  const { profile, memories } = await readBack(encodeProfile(PROFILE), BYTES);
  assert.deepEqual(profile, PROFILE);
  assert.deepEqual(memories.get("a/b"), BYTES);
});

Deno.test("readProfile() reads how images are laid, and refuses what is no way", async () => {
  const frame = { side: 112, fit: "pad", tile: "2x3", overlap: 0.2 } as const;
  const framed = (more: object) =>
    encodeProfile({ ...PROFILE, frame: { ...frame, ...more } });
  const regions = { "*": "0".repeat(64) };
  const { profile } = await readBack(framed({ regions }), BYTES);
  assert.deepEqual(profile.frame, { ...frame, regions });
  const refused = [
    [{ fit: "squeeze" }, /frame\.fit must be stretch, pad or crop/],
    [{ tile: "many" }, /frame\.tile must be auto or such as 2x3/],
    [{ overlap: 2 }, /frame\.overlap must be at most 0\.9/],
  ] as const;
  for (const [more, pattern] of refused) {
    await assertRefused([framed(more), BYTES], pattern);
  }
});

Deno.test("readProfile() refuses another version, and damage", async () => {
  const change = (more: object) => encodeProfile({ ...PROFILE, ...more });
  await assertRefused(["{", BYTES], /not valid JSON/);
  await assertRefused(
    [change({ format: "mfp-clip profile 2" }), BYTES],
    /profile\.format must be "mfp-clip profile 1": current value is "mfp-clip profile 2"/,
  );
  await assertRefused([change({ smooth: "x" }), BYTES], /profile\.smooth/);
  const [category] = Object.values(PROFILE.categories);
  const outside = { file: "../x.safetensors", sha256: "0".repeat(64) };
  const categories = { a: { ...category, memory: outside } };
  await assertRefused([change({ categories }), BYTES], /a file name/);
});

Deno.test("readProfile() refuses a memory that is missing or another", async () => {
  const text = encodeProfile(PROFILE);
  await assertRefused([text], /no such file/);
  await assertRefused([text, Uint8Array.of(9)], /not the memory/);
});

/** Reads a .zip archive. */
async function readPacked(bytes: Uint8Array) {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeFile(`${folder}/nut.zip`, bytes);
    return await readProfile(`${folder}/nut.zip`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("readProfile() reads what packProfile() wrote, and the same in a folder", async () => {
  const files = new Map([["good-1.safetensors", BYTES]]);
  const packed = packProfile(PROFILE, files);
  assert.deepEqual(packProfile(PROFILE, files), packed);
  const read = await readPacked(packed);
  assert.deepEqual(read.profile, PROFILE);
  assert.deepEqual(read.memories.get("a/b"), BYTES);
  const inFolder = zipSync({
    "nut/profile.json": new TextEncoder().encode(encodeProfile(PROFILE)),
    "nut/good-1.safetensors": BYTES,
  });
  assert.deepEqual((await readPacked(inFolder)).memories.get("a/b"), BYTES);
});

Deno.test("readProfile() refuses an archive that is none, or holds no profile", async () => {
  const cases = [
    [Uint8Array.of(1), /Cannot load .*nut\.zip as /],
    [zipSync({ a: BYTES }), /nut\.zip as it must hold profile\.json$/],
    [packProfile(PROFILE, new Map()), /nut\.zip, good-1.* no such file$/],
  ] as const;
  for (const [bytes, message] of cases) {
    await assert.rejects(readPacked(bytes), { name: "ModelError", message });
  }
});
