import assert from "node:assert/strict";
import { openDataSet } from "../../lib/data/open.ts";
import { readLocation, readTree, refusalOf } from "./read_tree.ts";
import { packZip, png, withFile, withFolder } from "./trees.ts";

const image = await png(9);

Deno.test("openDataSet() lists every file that is called like an image", async () => {
  const endings = [
    ...["pgm", "PPM", "pnm", "pbm", "tga", "dcm", "dicom", "j2k", "jp2"],
    ...["heic", "gif", "svg", "jxl", "ico", "hdr", "exr", "dng"],
  ];
  const tree = Object.fromEntries(
    endings.map((ending, i) => [`nut/good/${i}.${ending}`, image]),
  );
  const { rows } = await readTree({ ...tree, "nut/bad/1.png": image });
  assert.equal(rows.length, endings.length + 1);
});

Deno.test("openDataSet() counts the files that it does not read", async () => {
  const { notes } = await readTree({
    "nut/good/1.png": image,
    "nut/good/2.npy": image,
    "nut/good/3.npy": image,
    "nut/good/scan": image,
    "nut/readme.txt": image,
    "LICENSE": image,
  });
  assert.deepEqual(notes, [
    "3 files were not read: .npy 2, without an ending 1",
  ]);
  assert.match(
    await refusalOf({ "nut/1": image, "nut/2": image }),
    /no image in any folder, 2 files were not read: without an ending 2$/,
  );
});

Deno.test("openDataSet() lists pipes, devices and links to nothing called like images", async () => {
  await withFolder({ "nut/1.png": image }, async (folder) => {
    await Deno.symlink("/dev/zero", `${folder}/nut/2.png`);
    await Deno.symlink("gone.png", `${folder}/nut/3.png`);
    const { rows } = await readLocation(folder);
    assert.deepEqual(
      rows.map(([key]) => key),
      ["nut/1.png", "nut/2.png", "nut/3.png"],
    );
  });
});

Deno.test("openDataSet() passes over what systems leave behind", async () => {
  const litter = [
    "@eaDir",
    "#recycle",
    "$RECYCLE.BIN",
    "lost+found",
    "System Volume Information",
    "__MACOSX",
    ".ipynb_checkpoints",
  ];
  const { rows, notes } = await readTree({
    "nut/1.png": image,
    "nut/._1.png": image,
    "nut/.DS_Store": image,
    "nut/Thumbs.db": image,
    ...Object.fromEntries(litter.map((name) => [`${name}/1.png`, image])),
    "nut/@eaDir/1.png/SYNOPHOTO_THUMB_S.jpg": image,
  });
  assert.deepEqual(rows.map(([key]) => key), ["nut/1.png"]);
  assert.deepEqual(notes, []);
});

Deno.test({
  name: "openDataSet() gives a row to a link to nothing",
  ignore: Deno.build.os === "windows",
  async fn() {
    await withFolder({ "nut/1.png": image }, async (folder) => {
      await Deno.symlink("/nowhere/at/all.png", `${folder}/nut/2.png`);
      await Deno.symlink("3.png", `${folder}/nut/3.png`);
      const { samples, size } = await openDataSet(folder);
      assert.equal(size, 3);
      for (const sample of (await Array.fromAsync(samples())).slice(1)) {
        await assert.rejects(sample.image(), {
          name: "ImageDecodeError",
          message: /^Cannot read nut\/[23]\.png as there must be a file: /,
        });
      }
    });
  },
});

Deno.test("openDataSet() reads UTF-8 names of zip archives without the flag", async () => {
  const utf8 = new TextEncoder().encode("Schraube groß/1.png");
  const dos = Uint8Array.from("Gr\x94\xe1e/2.png", (c) => c.charCodeAt(0));
  const data = packZip([
    { name: "", rawName: utf8, data: image },
    { name: "", rawName: dos, data: image },
  ]);
  await withFile("photos.zip", data, async (path) => {
    const { rows } = await readLocation(path);
    assert.deepEqual(rows.map(([, category]) => category), [
      "Größe".replace("ß", "\u00df"),
      "Schraube groß",
    ]);
  });
});
