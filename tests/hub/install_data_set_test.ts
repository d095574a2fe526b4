import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { openIndexed } from "../../lib/data/index_file.ts";
import { openDataSet } from "../../lib/data/open.ts";
import type { Step } from "../../lib/hub/hub_options.ts";
import {
  installDataSet,
  isDataSetInstalled,
} from "../../lib/hub/install_data_set.ts";
import {
  below,
  entriesOf,
  mvtecTree,
  packTar,
  packZip,
} from "../data/trees.ts";
import { xzArchive } from "../data/xz_fixture.ts";
import {
  entryAt,
  KEYS,
  keysOf,
  miniTar,
  quietly,
  withInstalled,
} from "./_data_sets.ts";
import { namesIn, withTemporary } from "./_downloads.ts";
import { sendFile, serve } from "./_server.ts";

Deno.test("installDataSet() downloads, unpacks, checks and indexes", async () => {
  const steps: Step[] = [];
  await withInstalled(await miniTar(), async (folder) => {
    assert.ok(await isDataSetInstalled(folder));
    assert.ok(await openIndexed(folder));
    assert.deepEqual(await keysOf(folder), KEYS);
    const sample =
      (await Array.fromAsync((await openDataSet(folder)).samples()))[0]!;
    assert.equal((await sample.image()).data[0], 10);
    assert.deepEqual(await namesIn(folder), [".mfp-clip", "mini_ad"]);
    assert.deepEqual(await namesIn(`${folder}/..`), ["mini"]);
  }, { onStep: (step) => steps.push(step) });
  const stages = new Set(steps.map(({ stage }) => stage));
  assert.deepEqual([...stages], ["download", "unpack"]);
  for (const stage of stages) {
    const last = steps.findLast((step) => step.stage === stage)!;
    assert.equal(last.done, last.total);
  }
});

Deno.test("installDataSet() unpacks every kind of archive", async () => {
  const entries = entriesOf(below("mini_ad", await mvtecTree()));
  const archives = [
    ["mini.zip", packZip(entries)],
    ["mini.tar.gz", gzipSync(await packTar(entries))],
  ] as const;
  for (const [name, data] of archives) {
    await withInstalled(data, async (folder) => {
      assert.deepEqual(await keysOf(folder), KEYS);
    }, { name });
  }
  const data = xzArchive();
  await using server = serve((asked) => sendFile(asked, data));
  await withTemporary(async (cache) => {
    const { counts: _, total: __, ...entry } = entryAt(
      server.origin,
      data,
      "zipper.tar.xz",
    );
    const folder = `${cache}/zipper`;
    const zipper = { ...entry, categories: ["zipper"] };
    await installDataSet(zipper, folder, quietly());
    assert.equal((await openDataSet(folder)).size, 2);
  });
});

Deno.test("installDataSet() does nothing where all is there", async () => {
  const data = await miniTar();
  await withInstalled(data, async (folder, server) => {
    const before = server.asked.length;
    const entry = entryAt(server.origin, data);
    await installDataSet(entry, folder, quietly());
    await installDataSet(entry, folder, quietly({ verify: true }));
    await installDataSet(entry, folder, quietly({ offline: true }));
    assert.equal(server.asked.length, before);
  });
});

Deno.test("installDataSet() finds damage when it is to verify", async () => {
  const data = await miniTar();
  await withInstalled(data, async (folder, server) => {
    const entry = entryAt(server.origin, data);
    const path = `${folder}/mini_ad/bottle/test/good/000.png`;
    const bytes = await Deno.readFile(path);
    bytes[50]! ^= 1;
    await Deno.writeFile(path, bytes);
    await assert.rejects(
      installDataSet(entry, folder, quietly({ verify: true })),
      {
        name: "DataSetError",
        message:
          /1 of 11 are not, the first is mini_ad\/bottle\/test\/good\/000\.png; remove/,
      },
    );
  });
});

Deno.test("installDataSet() runs once for two that want the same", async () => {
  const data = await miniTar();
  await using server = serve((asked) => sendFile(asked, data));
  await withTemporary(async (cache) => {
    const folder = `${cache}/mini`;
    const entry = entryAt(server.origin, data);
    const notices: string[] = [];
    const options = quietly({ onNotice: (text) => notices.push(text) });
    await Promise.all([
      installDataSet(entry, folder, options),
      installDataSet(entry, folder, options),
    ]);
    assert.deepEqual(await keysOf(folder), KEYS);
    const ranges = server.asked.map(({ headers }) => headers.get("range"));
    assert.equal(new Set(ranges).size, ranges.length);
    assert.ok(
      notices.includes("Waiting for another process to download Mini AD"),
    );
  });
});
