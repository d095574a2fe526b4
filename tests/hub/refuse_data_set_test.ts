import assert from "node:assert/strict";
import {
  installDataSet,
  isDataSetInstalled,
} from "../../lib/hub/install_data_set.ts";
import {
  entriesOf,
  mvtecTree,
  packTar,
  packZip,
  type RawEntry,
} from "../data/trees.ts";
import { entryAt, KEYS, keysOf, miniTar, quietly } from "./_data_sets.ts";
import { namesIn, quick, withTemporary } from "./_downloads.ts";
import { sendFile, serve } from "./_server.ts";

const UNSAFE: [RawEntry, RegExp][] = [
  [{ name: "../evil.png" }, /must stay below its root: .*"\.\.\/evil\.png"$/],
  [{ name: "a/../../evil.png" }, /must stay below its root/],
  [{ name: "/evil.png" }, /must stay below its root: .*"\/evil\.png"$/],
  [
    { name: "evil.png", type: "symlink", linkname: "/etc/passwd" },
    /only files and folders, no symlink/,
  ],
];

Deno.test("installDataSet() lets no archive write outside its folder", async () => {
  const good = entriesOf(await mvtecTree());
  for (const [bad, message] of UNSAFE) {
    const entry = bad.type ? bad : { ...bad, data: new Uint8Array(3) };
    for (
      const data of [await packTar([...good, entry]), packZip([...good, entry])]
    ) {
      await using server = serve((asked) => sendFile(asked, data));
      await withTemporary(async (cache) => {
        const run = installDataSet(
          entryAt(server.origin, data),
          `${cache}/data/mini`,
          quietly(),
        );
        await assert.rejects(run, { name: "DataSetError", message });
        assert.deepEqual(await namesIn(`${cache}/data`), ["mini.download"]);
        assert.deepEqual(await namesIn(cache), ["data"]);
      });
    }
  }
});

Deno.test("installDataSet() refuses an archive without all images", async () => {
  const tree = await mvtecTree();
  const { "bottle/test/broken_large/001.png": _, ...short } = tree;
  const { "metal_nut/test/good/000.png": __, ...other } = tree;
  const renamed = Object.fromEntries(
    Object.entries(tree).map(([path, data]) =>
      [path.replace("bottle/", "flask/"), data] as const
    ),
  );
  const cases = [
    [
      short,
      "the images of bottle must be 1 for training, 1 good and 2 bad for tests: current value is 1 for training, 1 good and 1 bad for tests",
    ],
    [
      other,
      "the images in all must be 2 for training, 2 good and 3 bad for tests: current value is 2 for training, 1 good and 3 bad for tests",
    ],
    [
      renamed,
      "the categories must be bottle, metal_nut: current value is flask, metal_nut",
    ],
  ] as const;
  for (const [tree, reason] of cases) {
    const data = await packTar(entriesOf(tree));
    await using server = serve((asked) => sendFile(asked, data));
    await withTemporary(async (cache) => {
      const folder = `${cache}/mini`;
      const entry = entryAt(server.origin, data);
      await assert.rejects(installDataSet(entry, folder, quietly()), {
        name: "DataSetError",
        message: `Cannot take ${folder}.partial for Mini AD as ${reason}`,
      });
      assert.ok(!await isDataSetInstalled(folder));
      assert.deepEqual(await namesIn(cache), ["mini.download"]);
    });
  }
});

Deno.test("installDataSet() does not download again what it has not unpacked", async () => {
  const data = await miniTar();
  await using server = serve((asked) => sendFile(asked, data));
  await withTemporary(async (cache) => {
    const folder = `${cache}/mini`;
    const entry = entryAt(server.origin, data);
    const free = (folder: string) =>
      Promise.resolve(folder.endsWith(".partial") ? 0 : 1e12);
    const run = installDataSet(entry, folder, {
      tuning: { ...quick(), free },
    });
    await assert.rejects(run, {
      name: "DiskError",
      message:
        /mini\.partial as its disk must have room for it: .* 0 bytes are free$/,
    });
    const asked = server.asked.length;
    await installDataSet(entry, folder, quietly());
    assert.equal(server.asked.length, asked);
    assert.deepEqual(await keysOf(folder), KEYS);
  });
});

Deno.test("installDataSet() stops before the files of an archive fill the disk", async () => {
  const data = await miniTar();
  await using server = serve((asked) => sendFile(asked, data));
  await withTemporary(async (cache) => {
    const folder = `${cache}/mini`;
    let asked = 0;
    const free = (folder: string) =>
      Promise.resolve(folder.endsWith(".partial") && asked++ > 2 ? 0 : 1e12);
    const run = installDataSet(entryAt(server.origin, data), folder, {
      tuning: { ...quick(), free },
    });
    await assert.rejects(run, { name: "DiskError", failure: "full" });
    assert.ok(!(await namesIn(cache)).includes("mini.partial"));
  });
});
