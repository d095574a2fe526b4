import assert from "node:assert/strict";
import { unpack } from "../../lib/hub/unpack.ts";
import { temporaryFolder } from "../checkpoint/temporary.ts";
import { packTar, packZip } from "../data/trees.ts";

Deno.test("unpack() refuses files that are far larger than their archive", async () => {
  await using folder = await temporaryFolder();
  const zeros = new Uint8Array(40 << 20);
  const tar = await packTar(
    Array.from({ length: 8 }, (_, i) => ({ name: `${i}.png`, data: zeros })),
  );
  const gzip = new Blob([new Uint8Array(tar)]).stream()
    .pipeThrough(new CompressionStream("gzip"));
  const archive = await folder.write(
    "bomb.tar.gz",
    await new Response(gzip).bytes(),
  );
  await Deno.mkdir(`${folder.path}/out`);
  await assert.rejects(unpack(archive, `${folder.path}/out`), {
    name: "DataSetError",
    message: /as its files must have at most \d+ bytes together/,
  });
});

Deno.test("unpack() refuses entries that overlap, and writes nothing", async () => {
  await using folder = await temporaryFolder();
  const data = new Uint8Array(1000);
  const zip = packZip([
    { name: "a.png", data },
    { name: "b.png", data, offset: 0 },
  ]);
  const archive = await folder.write("a.zip", zip);
  await Deno.mkdir(`${folder.path}/out`);
  await assert.rejects(unpack(archive, `${folder.path}/out`), {
    name: "DataSetError",
    message: /valid: two of its entries have byte 0 in common$/,
  });
  assert.deepEqual([...Deno.readDirSync(`${folder.path}/out`)], []);
});

Deno.test("unpack() refuses names that no disk can hold", async (t) => {
  const data = new Uint8Array(1);
  const cases = {
    DiskError: [`${"d/".repeat(3000)}x.png`],
    DataSetError: ["a.png", "a.png/b.png"],
  };
  for (const [name, names] of Object.entries(cases)) {
    await t.step(name, async () => {
      await using folder = await temporaryFolder();
      const tar = await packTar(names.map((name) => ({ name, data })));
      const archive = await folder.write("a.tar", tar);
      await Deno.mkdir(`${folder.path}/out`);
      await assert.rejects(unpack(archive, `${folder.path}/out`), {
        name,
        message: /too long for the file system|must be a file or a folder/,
      });
    });
  }
});

Deno.test("unpack() refuses a file where it has made a folder", async () => {
  await using folder = await temporaryFolder();
  const names = ["a.png/b.png", "a.png"];
  const data = new Uint8Array(1);
  const tar = await packTar(names.map((name) => ({ name, data })));
  const archive = await folder.write("a.tar", tar);
  await Deno.mkdir(`${folder.path}/out`);
  await assert.rejects(unpack(archive, `${folder.path}/out`), {
    name: "DataSetError",
    message: /must be a file or a folder: current value is "a.png"$/,
  });
});
