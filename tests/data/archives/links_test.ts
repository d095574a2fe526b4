import assert from "node:assert/strict";
import { readLocation } from "../read_tree.ts";
import {
  mask,
  packTar,
  packZip,
  png,
  type RawEntry,
  withFile,
} from "../trees.ts";

const image = await png(7);

const FILES: RawEntry[] = [
  { name: "blobs/a", data: image },
  { name: "blobs/b", data: await mask(5) },
  { name: "nut/test/good/1.png", data: await png(1) },
  { name: "nut/test/bad/2.png", data: image },
];

function symlink(name: string, linkname: string): RawEntry {
  return { name, type: "symlink", linkname, data: text.encode(linkname) };
}

const text = new TextEncoder();

/** Both forms of an archive with these links; tar keeps a link without data. */
async function archivesOf(links: RawEntry[]) {
  const bare = links.map(({ data: _, ...link }) => link);
  return [
    ["a.tar", await packTar([...FILES, ...bare])],
    ["a.zip", packZip([...FILES, ...links])],
  ] as const;
}

Deno.test("openDataSet() reads links to files of the same archive", async () => {
  const links = [
    symlink("nut/test/good/link.png", "../../../blobs/a"),
    symlink("nut/test/good/chain.png", "link.png"),
    symlink("nut/ground_truth/bad/2_mask.png", "../../../blobs/b"),
  ];
  for (const [name, data] of await archivesOf(links)) {
    await withFile(name, data, async (path) => {
      const { rows, notes } = await readLocation(path);
      assert.deepEqual(
        rows.map(([key, , label, , lit]) => [key, label, lit]),
        [
          ["nut/test/bad/2.png", 1, "5"],
          ["nut/test/good/1.png", 0, null],
          ["nut/test/good/chain.png", 0, null],
          ["nut/test/good/link.png", 0, null],
        ],
        name,
      );
      assert.doesNotMatch(notes.join("\n"), /link/);
    });
  }
});

Deno.test("openDataSet() reads hard links of tar archives", async () => {
  const link = {
    name: "nut/test/good/2.png",
    type: "link",
    linkname: "nut/test/good/1.png",
  } as const;
  const data = await packTar([...FILES, link]);
  await withFile("a.tar", data, async (path) => {
    const { rows } = await readLocation(path);
    assert.deepEqual(rows.map(([key]) => key), [
      "nut/test/bad/2.png",
      "nut/test/good/1.png",
      "nut/test/good/2.png",
    ]);
  });
});

Deno.test("openDataSet() follows no link out of an archive, and tells of it", async () => {
  const links = [
    symlink("nut/test/good/2.png", "/etc/passwd"),
    symlink("nut/test/good/3.png", "../../../../x.png"),
    symlink("nut/test/good/4.png", "gone.png"),
    symlink("nut/test/good/5.png", "5.png"),
  ];
  for (const [name, data] of await archivesOf(links)) {
    await withFile(name, data, async (path) => {
      const { rows, notes } = await readLocation(path);
      assert.equal(rows.length, 2, name);
      assert.match(
        notes.join("\n"),
        /4 links were not followed as they lead to no file of the archive: nut\/test\/good\/2\.png/,
      );
    });
  }
});
