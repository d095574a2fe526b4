import assert from "node:assert/strict";
import { imagesOf, isZip } from "../../../lib/server/page/zip.js";
import { packZip } from "../../data/trees.ts";

function archive(names: readonly string[]): File {
  const entries = names.map((name) => ({
    name,
    data: new TextEncoder().encode(`bytes of ${name}`.repeat(50)),
  }));
  return new File([new Uint8Array(packZip(entries))], "parts.ZIP");
}

Deno.test("imagesOf() unpacks the images of an archive, and nothing else", async () => {
  const file = archive([
    "a/1.png",
    "a/2.JPG",
    "notes.txt",
    "__MACOSX/a/1.png",
    "a/.3.png",
  ]);
  assert.ok(isZip(file));
  const images = await imagesOf(file);
  assert.deepEqual(images.map((image: { name: string }) => image.name), [
    "a/1.png",
    "a/2.JPG",
  ]);
  const unpacked = await images[1]!.read();
  assert.equal(await unpacked.text(), "bytes of a/2.JPG".repeat(50));
});

Deno.test("imagesOf() refuses what is no archive", async () => {
  const file = new File(["no archive, but longer than an end record"], "a.zip");
  await assert.rejects(imagesOf(file), /a\.zip as it must be a \.zip archive/);
});

Deno.test("imagesOf() stops where more comes out than the archive says", async () => {
  const bytes = new Uint8Array(await archive(["1.png"]).arrayBuffer());
  const view = new DataView(bytes.buffer);
  const directory = view.getUint32(bytes.length - 6, true);
  view.setUint32(directory + 24, 10, true);
  const [image] = await imagesOf(new File([bytes], "a.zip"));
  await assert.rejects(image!.read(), /larger than its archive says/);
});
