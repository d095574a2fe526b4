import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { openIndexed } from "../../lib/data/index_file.ts";
import { openDataSet } from "../../lib/data/open.ts";
import type { DataSetEntry } from "../../lib/hub/data_sets.ts";
import type { HubOptions, Step } from "../../lib/hub/hub_options.ts";
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
  type RawEntry,
} from "../data/trees.ts";
import { xzArchive } from "../data/xz_fixture.ts";
import { namesIn, quick, sha256, withTemporary } from "./_downloads.ts";
import { sendFile, serve, type Server } from "./_server.ts";

const ENTRY: DataSetEntry = {
  name: "mini",
  title: "Mini AD",
  licence: "CC0",
  page: "https://mini.invalid",
  otherwise: "it is sent by mail",
  categories: ["bottle", "metal_nut"],
  counts: { bottle: { train: 1, good: 1, bad: 2 } },
  total: { train: 2, good: 2, bad: 3 },
};

function entryAt(
  origin: string,
  data: Uint8Array,
  name: string = "mini.tar",
): DataSetEntry {
  const expected = { sha256: sha256(data) };
  const archive = { path: name, url: `${origin}/${name}`, expected };
  return { ...ENTRY, archive };
}

function offline(options: HubOptions = {}): HubOptions {
  return { tuning: { ...quick(), segmentBytes: 1e6 }, ...options };
}

async function miniTar(): Promise<Uint8Array> {
  return await packTar(entriesOf(below("mini_ad", await mvtecTree())));
}

/** Serves an archive and installs it. */
async function install(
  data: Uint8Array,
  run: (folder: string, server: Server) => Promise<void>,
  options: HubOptions & { readonly name?: string } = {},
): Promise<void> {
  await using server = serve((asked) => sendFile(asked, data));
  await withTemporary(async (cache) => {
    const folder = `${cache}/data/mini`;
    const entry = entryAt(server.origin, data, options.name);
    await installDataSet(entry, folder, offline(options));
    await run(folder, server);
  });
}

async function keysOf(location: string): Promise<string[]> {
  const { samples } = await openDataSet(location);
  return await Array.fromAsync(samples(), ({ key }) => key);
}

const KEYS = [
  "bottle/test/broken_large/000.png",
  "bottle/test/broken_large/001.png",
  "bottle/test/good/000.png",
  "metal_nut/test/bent/000.PNG",
  "metal_nut/test/good/000.png",
];

Deno.test("installDataSet() downloads, unpacks, checks and indexes", async () => {
  const steps: Step[] = [];
  await install(await miniTar(), async (folder) => {
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
    await install(data, async (folder) => {
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
    await installDataSet(zipper, folder, offline());
    assert.equal((await openDataSet(folder)).size, 2);
  });
});

Deno.test("installDataSet() does nothing where all is there", async () => {
  const data = await miniTar();
  await install(data, async (folder, server) => {
    const before = server.asked.length;
    const entry = entryAt(server.origin, data);
    await installDataSet(entry, folder, offline());
    await installDataSet(entry, folder, offline({ verify: true }));
    await installDataSet(entry, folder, offline({ offline: true }));
    assert.equal(server.asked.length, before);
  });
});

Deno.test("installDataSet() finds damage when it is to verify", async () => {
  const data = await miniTar();
  await install(data, async (folder, server) => {
    const entry = entryAt(server.origin, data);
    const path = `${folder}/mini_ad/bottle/test/good/000.png`;
    const bytes = await Deno.readFile(path);
    bytes[50]! ^= 1;
    await Deno.writeFile(path, bytes);
    await assert.rejects(
      installDataSet(entry, folder, offline({ verify: true })),
      {
        name: "DataSetError",
        message:
          /1 of 12 are not, the first is mini_ad\/bottle\/test\/good\/000\.png; remove/,
      },
    );
  });
});

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
          offline(),
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
      await assert.rejects(installDataSet(entry, folder, offline()), {
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
      name: "WriteZero",
      message:
        /mini\.partial as its disk must have room for it: .* 0 bytes are free$/,
    });
    const asked = server.asked.length;
    await installDataSet(entry, folder, offline());
    assert.equal(server.asked.length, asked);
    assert.deepEqual(await keysOf(folder), KEYS);
  });
});

Deno.test("installDataSet() tells how to get what cannot be downloaded", async () => {
  await withTemporary(async (cache) => {
    const folder = `${cache}/data/mini`;
    await assert.rejects(installDataSet(ENTRY, folder, offline()), {
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
    await installDataSet(ENTRY, folder, offline({ offline: true }));
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
    await installDataSet(ENTRY, folder, offline({ offline: true }));
    assert.ok(await openIndexed(folder));
    assert.deepEqual(await keysOf(folder), KEYS);
    await installDataSet(ENTRY, folder, offline({ verify: true }));
    await Deno.remove(`${folder}/metal_nut`, { recursive: true });
    await assert.rejects(
      installDataSet(ENTRY, folder, offline({ verify: true })),
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

Deno.test("installDataSet() runs once for two that want the same", async () => {
  const data = await miniTar();
  await using server = serve((asked) => sendFile(asked, data));
  await withTemporary(async (cache) => {
    const folder = `${cache}/mini`;
    const entry = entryAt(server.origin, data);
    const notices: string[] = [];
    const options = offline({ onNotice: (text) => notices.push(text) });
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
