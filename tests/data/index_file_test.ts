import assert from "node:assert/strict";
import {
  INDEX_FILE,
  openIndexed,
  scanFolder,
  writeIndex,
} from "../../lib/data/index_file.ts";
import { openDataSet } from "../../lib/data/open.ts";
import { below, mvtecTree, png, withFolder } from "./trees.ts";

async function rowsOf(location: string): Promise<unknown[]> {
  const { name, categories, samples } = await openDataSet(location);
  const rows = await Array.fromAsync(samples(), async (sample) => {
    const { key, category, label, defect } = sample;
    const { data } = await sample.image();
    return [key, category, label, defect, data[0], await sample.mask?.()];
  });
  return [name, categories, rows];
}

async function index(location: string): Promise<void> {
  await writeIndex(location, await scanFolder(location));
}

Deno.test("openDataSet() reads by an index what it reads by a scan", async () => {
  for (const root of ["", "outer/mvtec_anomaly_detection"]) {
    const tree = root === ""
      ? await mvtecTree()
      : below(root, await mvtecTree());
    await withFolder(tree, async (folder) => {
      await Deno.mkdir(`${folder}/${root}/cable/test/good`, {
        recursive: true,
      });
      const scanned = await rowsOf(folder);
      assert.equal(await openIndexed(folder), null);
      await index(folder);
      assert.ok(await openIndexed(folder));
      assert.deepEqual(await rowsOf(folder), scanned);
      const train = await openDataSet(folder, { split: "train" });
      assert.equal(train.size, 2);
    });
  }
});

Deno.test("openIndexed() passes over an index older than a change", async () => {
  await withFolder(await mvtecTree(), async (folder) => {
    await index(folder);
    const good = `${folder}/bottle/test/good`;
    await Deno.writeFile(`${good}/001.png`, await png(1));
    await Deno.utime(good, new Date(1e12), new Date(1e12));
    assert.equal(await openIndexed(folder), null);
    assert.equal((await openDataSet(folder)).size, 6);
    await index(folder);
    assert.ok(await openIndexed(folder));
    await Deno.remove(good, { recursive: true });
    assert.equal(await openIndexed(folder), null);
    assert.equal((await openDataSet(folder)).size, 4);
  });
});

Deno.test("openIndexed() does not look for the files it lists", async () => {
  await withFolder(await mvtecTree(), async (folder) => {
    await index(folder);
    const good = `${folder}/bottle/test/good`;
    const { mtime } = await Deno.stat(good);
    await Deno.remove(`${good}/000.png`);
    await Deno.utime(good, mtime!, mtime!);
    const samples = await Array.fromAsync(
      (await openDataSet(folder)).samples(),
    );
    assert.equal(samples.length, 5);
    await assert.rejects(samples[2]!.image(), {
      name: "ImageDecodeError",
      message: /bottle\/test\/good\/000\.png of .* must exist/,
    });
  });
});

Deno.test("openIndexed() passes over an index it cannot read", async () => {
  await withFolder(await mvtecTree(), async (folder) => {
    await index(folder);
    const path = `${folder}/${INDEX_FILE}`;
    const text = await Deno.readTextFile(path);
    for (
      const bad of [
        text.slice(0, -9),
        "",
        text.replace(/"version":1/, '"version":2'),
      ]
    ) {
      await Deno.writeTextFile(path, bad);
      assert.equal(await openIndexed(folder), null);
      assert.equal((await openDataSet(folder)).size, 5);
    }
  });
});

Deno.test("writeIndex() refuses images without labels", async () => {
  await withFolder({ "cap/1.png": await png(1) }, async (folder) => {
    await assert.rejects(index(folder), {
      name: "DataSetError",
      message: /an index needs labels for all images: .* none for cap\/1\.png$/,
    });
  });
});
