import assert from "node:assert/strict";
import { openIndexed } from "../../lib/data/index_file.ts";
import { installDataSet } from "../../lib/hub/install_data_set.ts";
import { entriesOf, mvtecTree, packZip } from "../data/trees.ts";
import { ENTRY, entryAt, KEYS, keysOf, quietly } from "./_data_sets.ts";
import { namesIn, withTemporary } from "./_downloads.ts";

Deno.test("installDataSet() tells how to get what cannot be downloaded", async () => {
  await withTemporary(async (cache) => {
    const folder = `${cache}/data/mini`;
    await assert.rejects(installDataSet(ENTRY, folder, quietly()), {
      name: "DataSetError",
      message:
        `Cannot download Mini AD as it must be got by hand from https://mini.invalid, for it is sent by mail: put its folder at ${folder} or its archive at ${folder}.zip (.tar, .tar.gz, .tgz, .tar.xz, .txz), and run this again`,
    });
  });
});

Deno.test("installDataSet() takes in the archive that a user has put in place", async () => {
  await withTemporary(async (cache) => {
    const folder = `${cache}/mini`;
    const archive = packZip(entriesOf(await mvtecTree()));
    await Deno.writeFile(`${folder}.zip`, archive);
    await installDataSet(ENTRY, folder, quietly({ offline: true }));
    assert.deepEqual(await keysOf(folder), KEYS);
    assert.deepEqual(await namesIn(cache), ["mini", "mini.zip"]);
  });
});

Deno.test("installDataSet() takes in the folder that a user has put in place", async () => {
  await withTemporary(async (cache) => {
    const folder = `${cache}/mini`;
    for (const [path, data] of Object.entries(await mvtecTree())) {
      await Deno.mkdir(`${folder}/${path}`.replace(/[^/]*$/, ""), {
        recursive: true,
      });
      await Deno.writeFile(`${folder}/${path}`, data);
    }
    await installDataSet(ENTRY, folder, quietly({ offline: true }));
    assert.ok(await openIndexed(folder));
    assert.deepEqual(await keysOf(folder), KEYS);
    await installDataSet(ENTRY, folder, quietly({ verify: true }));
    await Deno.remove(`${folder}/metal_nut`, { recursive: true });
    await assert.rejects(
      installDataSet(ENTRY, folder, quietly({ verify: true })),
      { name: "DataSetError", message: /files must be as they were unpacked/ },
    );
  });
});

Deno.test("installDataSet() without a network says what is missing", async () => {
  await withTemporary(async (cache) => {
    const entry = entryAt("https://mini.invalid", new Uint8Array());
    const run = installDataSet(entry, `${cache}/mini`, { offline: true });
    await assert.rejects(run, {
      name: "DataSetError",
      message:
        /^Cannot get mini\.tar without a network as it must be at .*mini\.download\/mini\.tar: nothing was found$/,
    });
  });
});
