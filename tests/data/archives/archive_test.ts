import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { gzipSync } from "node:zlib";
import { ImageDecodeError } from "../../../lib/image/image.ts";
import { ARCHIVE_LIMITS } from "../../../lib/data/archives/archive.ts";
import { openArchive, openDataSet } from "../../../lib/data/open.ts";
import { DataSetError, type Sample } from "../../../lib/data/sample.ts";
import type { StoredBytes } from "../../../lib/files/stored_bytes.ts";
import { openTar } from "../../../lib/data/archives/tar.ts";
import { openZip } from "../../../lib/data/archives/zip.ts";
import {
  below,
  entriesOf,
  mvtecTree,
  packTar,
  packZip,
  png,
  type RawEntry,
  withFile,
  withFolder,
} from "../trees.ts";
import { xzArchive } from "../xz_fixture.ts";

/** Everything there is to know of a sample, decoded. */
async function unfold(sample: Sample): Promise<unknown[]> {
  const { key, category, label, defect } = sample;
  const image = await sample.image();
  const mask = sample.mask === null ? null : await sample.mask();
  return [key, category, label, defect, image, mask];
}

async function unfoldAll(location: string): Promise<unknown[][]> {
  const dataSet = await openDataSet(location);
  const all = await Array.fromAsync(dataSet.samples(), unfold);
  return all.sort((a, b) => String(a[0]) < String(b[0]) ? -1 : 1);
}

/** Packs entries in each kind of archive that code at hand can write. */
async function archivesOf(
  entries: RawEntry[],
): Promise<[string, Uint8Array][]> {
  const tar = await packTar(entries);
  return [
    ["set.tar", tar],
    ["set.tar.gz", gzipSync(tar)],
    ["set.zip", packZip(entries)],
  ];
}

/** Bytes in memory, opened as an object in a store would be. */
function stored(location: string, data: Uint8Array): StoredBytes {
  return {
    location,
    size: data.length,
    open: ({ start, end } = { start: 0, end: data.length }) =>
      ReadableStream.from([data.slice(start, end)]),
  };
}

async function refusal(name: string, data: Uint8Array): Promise<string> {
  try {
    await openArchive(stored(name, data));
  } catch (error) {
    assert.ok(error instanceof DataSetError, String(error));
    assert.ok(error.message.includes(name) && !error.message.includes("\n"));
    return error.message;
  }
  assert.fail(`${name} was opened`);
}

Deno.test("openArchive() refuses a zip whose entries overlap", async () => {
  const data = await png(1);
  const entries = ["a.png", "b.png"].map((name) => ({ name, data, offset: 0 }));
  assert.match(
    await refusal("a.zip", packZip(entries)),
    /a\.zip as .*valid: two of its entries have byte 0 in common$/,
  );
});

Deno.test("openDataSet() reads an archive as it reads its folder", async (t) => {
  const tree = await mvtecTree();
  let expected: unknown[][] = [];
  await withFolder(tree, async (folder) => {
    expected = await unfoldAll(folder);
  });
  assert.equal(expected.length, 5);
  const wrapped = entriesOf(below("mvtec_anomaly_detection", tree));
  for (const entries of [entriesOf(tree), wrapped, wrapped.toReversed()]) {
    for (const [name, data] of await archivesOf(entries)) {
      await t.step(`${name} with ${entries[0]!.name} first`, async () => {
        await withFile(name, data, async (path) => {
          assert.deepEqual(await unfoldAll(path), expected);
          assert.equal((await openDataSet(path)).name, "set");
        });
      });
    }
  }
});

Deno.test("openDataSet() reads .tar.xz", async () => {
  await withFile("zipper.tar.xz", xzArchive(), async (path) => {
    const rows = await unfoldAll(path);
    assert.deepEqual(rows.map(([key]) => key), [
      "zipper/test/good/000.png",
      "zipper/test/split/000.png",
    ]);
    const grey = { width: 4, height: 3, data: new Uint8Array(36).fill(60) };
    const image = { ...grey, orientation: 1, furtherPages: 0 };
    const lit = { width: 4, height: 3, data: new Uint8Array(12).fill(1) };
    const mask = { ...lit, notes: ["large"] };
    assert.deepEqual(rows[1]!.slice(1), ["zipper", 1, "split", image, mask]);
  });
});

Deno.test("samples() of a tar archive come in its order, limited by key", async () => {
  const entries = entriesOf(await mvtecTree()).toReversed();
  const bytes = stored("set.tar", await packTar(entries));
  const dataSet = await openArchive(bytes, { limitTotal: 3 });
  const keys = await Array.fromAsync(dataSet.samples(), ({ key }) => key);
  assert.deepEqual(keys, [
    "bottle/test/good/000.png",
    "bottle/test/broken_large/001.png",
    "bottle/test/broken_large/000.png",
  ]);
});

Deno.test("samples() can be left early and started again", async (t) => {
  const entries = entriesOf(await mvtecTree());
  const archives = await archivesOf(entries);
  for (
    const [name, data] of [...archives, ["x.tar.xz", xzArchive()] as const]
  ) {
    await t.step(name, async () => {
      await withFile(name, data, async (path) => {
        const dataSet = await openDataSet(path);
        for await (const sample of dataSet.samples()) {
          assert.ok(sample.key);
          break;
        }
        const all = await Array.fromAsync(dataSet.samples());
        assert.equal(all.length, dataSet.size);
      });
    });
  }
});

Deno.test("openArchive() strips a plain archive's outer folder only", async () => {
  const categoriesOf = async (...names: string[]) => {
    const data = await png(1);
    const archive = packZip(names.map((name) => ({ name, data })));
    return (await openArchive(stored("x.zip", archive))).categories;
  };
  assert.deepEqual(await categoriesOf("all/nut/1.png", "all/cap/1.png"), [
    "cap",
    "nut",
  ]);
  assert.deepEqual(await categoriesOf("nut/1.png", "nut/2.png"), ["nut"]);
  assert.deepEqual(await categoriesOf("1.png"), ["object"]);
});

const UNSAFE: [RawEntry, RegExp][] = [
  [{ name: "../a.png" }, /must stay below its root: current value is "\.\.\/a/],
  [{ name: "a/../../b.png" }, /current value is "a\/\.\.\/\.\.\/b\.png"$/],
  [{ name: "/etc/a.png" }, /current value is "\/etc\/a\.png"$/],
  [{ name: "C:/a.png" }, /current value is "C:\/a\.png"$/],
  [{ name: "..\\a.png" }, /must stay below its root/],
];

Deno.test("openArchive() refuses a whole archive for an unsafe entry", async (t) => {
  const good = { name: "good.png", data: await png(1) };
  for (const [entry, message] of UNSAFE) {
    await t.step(entry.name, async () => {
      const archives = await archivesOf([good, entry]);
      for (const [name, data] of archives) {
        assert.match(await refusal(name, data), message);
      }
    });
  }
});

Deno.test("openArchive() refuses devices in tar archives", async () => {
  const entry = { name: "a.png", type: "fifo", linkname: "b.png" } as const;
  assert.match(
    await refusal("a.tar", await packTar([entry])),
    /no fifo: current value is "a.png"$/,
  );
});

Deno.test("openArchive() refuses an encrypted zip", async () => {
  const zip = packZip([{ name: "a.png", data: await png(1) }]);
  const view = new DataView(zip.buffer, zip.byteOffset);
  const central = view.getUint32(zip.length - 6, true);
  view.setUint16(central + 8, 0x801, true);
  assert.match(await refusal("a.zip", zip), /no encrypted file: .*"a\.png"$/);
});

Deno.test("openArchive() refuses a name that is there twice", async () => {
  const data = await png(1);
  const entries = [{ name: "a.png", data }, { name: "./a.png", data }];
  for (const [name, archive] of await archivesOf(entries)) {
    assert.match(
      await refusal(name, archive),
      /each name in it must be there once: current value is "\.\/a\.png"$/,
    );
  }
});

Deno.test("openArchive() refuses truncated archives", async (t) => {
  const entries = entriesOf(await mvtecTree());
  const archives = await archivesOf(entries);
  for (
    const [name, data] of [...archives, ["x.tar.xz", xzArchive()] as const]
  ) {
    await t.step(name, async () => {
      for (const part of [0.2, 0.5, 0.8, 0.95]) {
        const cut = data.slice(0, Math.floor(data.length * part));
        assert.match(
          await refusal(name, cut),
          /it must be whole and valid: \S/,
        );
      }
    });
  }
  const [, tar] = archives[0]!;
  assert.match(
    await refusal("a.tar", tar.slice(0, 5 * 1024)),
    /must be whole and valid: its end is missing$/,
  );
});

Deno.test("openArchive() refuses compressed files that are no tar", async () => {
  const data = gzipSync(new Uint8Array(4096).fill(65));
  assert.match(await refusal("a.gz", data), /must be whole and valid: .*tar/);
  const page = new TextEncoder().encode("<html></html>");
  assert.match(await refusal("a.zip", page), /must be a folder, a \.zip/);
});

Deno.test("a damaged zip entry is the fault of one image", async () => {
  const images = [await png(1), await png(2)];
  const zip = packZip(images.map((data, i) => ({ name: `${i}.png`, data })));
  zip[40] = zip[40]! ^ 0xff;
  const dataSet = await openArchive(stored("a.zip", zip));
  const [first, second] = await Array.fromAsync(dataSet.samples());
  await assert.rejects(first!.image(), (error) => {
    assert.ok(error instanceof ImageDecodeError);
    assert.match(error.message, /a\.zip as 0\.png must be whole and valid/);
    return true;
  });
  assert.equal((await second!.image()).data[0], 2);
});

Deno.test("openTar() and openZip() hold to their limits", async () => {
  const entries = entriesOf(await mvtecTree());
  const tar = stored("a.tar", await packTar(entries));
  const zip = stored("a.zip", packZip(entries));
  const few = { ...ARCHIVE_LIMITS, entries: 5 };
  const expected = /must have at most 5 entries: current value is 6$/;
  await assert.rejects(openTar(tar, "none", few), expected);
  await assert.rejects(openZip(zip, few), expected);

  const small = { ...ARCHIVE_LIMITS, fileBytes: 10 };
  const path = "bottle/test/good/000.png";
  const sources = [
    await openTar(tar, "none", small),
    await openZip(zip, small),
  ];
  for (const source of sources) {
    const [file] = await Array.fromAsync(source.each(new Set([path])));
    await assert.rejects(file!.read(), {
      name: "DataSetError",
      message: /000\.png must have at most 10 bytes: current value is \d+$/,
    });
  }

  const claims = packZip(entries);
  // The last one, as the others would overlap those after them.
  const central = Buffer.from(claims).lastIndexOf("PK\x01\x02");
  new DataView(claims.buffer, claims.byteOffset)
    .setUint32(central + 20, 2 ** 31, true);
  const huge = await openZip(stored("a.zip", claims));
  await assert.rejects(huge.read(entries.at(-1)!.name), {
    name: "DataSetError",
    message: /must have at most 536870912 bytes: current value is 2147483648$/,
  });

  const source = await openTar(tar, "none", {
    ...ARCHIVE_LIMITS,
    keptBytes: 9,
  });
  const mask = "bottle/ground_truth/broken_large/000_mask.png";
  await assert.rejects(source.keep(new Set([mask])), {
    name: "DataSetError",
    message: /its masks and lists must have at most 9 bytes together/,
  });
});

Deno.test("a tar's masks are found by its list, whatever their name", async () => {
  const tree = await mvtecTree();
  const entry = {
    img_path: "images/1.png",
    mask_path: "labels/1.png",
    cls_name: "bottle",
    specie_name: "broken",
    anomaly: 1,
  };
  const list = JSON.stringify({ test: { bottle: [entry] } });
  const archive = await packTar(entriesOf({
    "images/1.png": tree["bottle/test/broken_large/000.png"]!,
    "labels/1.png": tree["bottle/ground_truth/broken_large/000_mask.png"]!,
    "meta.json": new TextEncoder().encode(list),
  }));
  const dataSet = await openArchive(stored("a.tar", archive));
  const [row] = await Array.fromAsync(dataSet.samples(), unfold);
  const { data } = row!.at(-1) as { data: Uint8Array };
  assert.equal(data.reduce((sum, value) => sum + value, 0), 5);
});
