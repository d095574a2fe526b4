import assert from "node:assert/strict";
import { ZipDirectory } from "../../lib/files/zip_directory.ts";
import { bytes } from "../hub/_server.ts";
import { packZip } from "../data/trees.ts";

function open(zip: Uint8Array): Promise<ZipDirectory> {
  return ZipDirectory.open({
    size: zip.length,
    read: ({ start, end }) => Promise.resolve(zip.slice(start, end)),
  });
}

Deno.test("ZipDirectory reads the bytes of its entries", async () => {
  const data = new TextEncoder().encode("some bytes");
  const files = ["a", "b"].map((name) => ({ name, data }));
  const zip = await open(packZip(files));
  assert.equal(zip.entryCount, 2);
  for await (const entry of zip.entries()) {
    const { start, end } = await zip.locate(entry);
    assert.equal(end - start, entry.compressedSize);
    assert.equal((await zip.readPacked(entry)).length, entry.compressedSize);
  }
});

Deno.test("ZipDirectory.open() refuses an archive that is cut off or empty", async () => {
  const zip = packZip([{ name: "a", data: new Uint8Array(1000) }]);
  await assert.rejects(open(zip.subarray(0, -30)), Error);
  await assert.rejects(open(new Uint8Array(0)), Error);
});

Deno.test("ZipDirectory.entries() refuses entries that overlap", async (t) => {
  const data = bytes(1000);
  const [a, b] = ["a", "b"].map((name) => ({ name, data }));
  const cases = {
    "all of an entry": [a!, { ...b!, offset: 0 }],
    "its last byte": [a!, { ...b!, offset: 29 + data.length }],
    "in another order": [{ ...a!, offset: 500 }, { ...b!, offset: 0 }],
  };
  for (const [name, files] of Object.entries(cases)) {
    await t.step(name, async () => {
      const zip = await open(packZip(files));
      const all = Array.fromAsync(zip.entries());
      const message = /^two of its entries have byte \d+ in common$/;
      await assert.rejects(all, { message });
    });
  }
  const zip = await open(packZip([{ ...a!, offset: 5000 }, b!]));
  assert.equal((await Array.fromAsync(zip.entries())).length, 2);
});

Deno.test("ZipDirectory reads again after a read that failed", async () => {
  const zip = packZip([{ name: "a", data: bytes(200_000) }]);
  let isDown = false;
  const directory = await ZipDirectory.open({
    size: zip.length,
    read: ({ start, end }) =>
      isDown
        ? Promise.reject(new Error("down"))
        : Promise.resolve(zip.slice(start, end)),
  });
  const [entry] = await Array.fromAsync(directory.entries());
  isDown = true;
  await assert.rejects(directory.readPacked(entry!), { message: "down" });
  isDown = false;
  const { length } = await directory.readPacked(entry!);
  assert.equal(length, entry!.compressedSize);
});
