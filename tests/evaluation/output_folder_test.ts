import assert from "node:assert/strict";
import { nameError, OutputFolder } from "../../lib/evaluation/output_folder.ts";

const BYTES = new TextEncoder().encode("whole");

async function withFolder(
  body: (path: string) => Promise<void>,
): Promise<void> {
  const path = await Deno.makeTempDir();
  try {
    await body(path);
  } finally {
    await Deno.remove(path, { recursive: true });
  }
}

async function listing(path: string): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(path));
  return entries.map((entry) => entry.name).sort();
}

Deno.test("OutputFolder.write() leaves the file and nothing else", async () => {
  await withFolder(async (path) => {
    const folder = await OutputFolder.create(`${path}/a/b`);
    await folder.write("maps/bottle/test/000.png.npy", BYTES);
    await folder.complete();
    assert.deepEqual(await listing(`${path}/a/b`), ["maps"]);
    const file = `${path}/a/b/maps/bottle/test/000.png.npy`;
    assert.equal(await Deno.readTextFile(file), "whole");
  });
});

Deno.test("OutputFolder.write() refuses keys that leave the folder", async () => {
  await withFolder(async (path) => {
    const folder = await OutputFolder.create(`${path}/out`);
    for (const key of ["../a", "a/../../b", "/etc/a", "a//b", "./a", "a\0b"]) {
      await assert.rejects(
        folder.write(key, BYTES),
        /^RangeError: Cannot write a result as its key must be a path below/,
      );
    }
    assert.deepEqual(await listing(path), ["out"]);
    assert.deepEqual(await listing(`${path}/out`), ["incomplete.tmp"]);
  });
});

Deno.test("OutputFolder.create() removes an earlier run at once", async () => {
  await withFolder(async (path) => {
    const first = await OutputFolder.create(path);
    await first.write("heatmaps/old.png.png", BYTES);
    for (const name of ["scores.parquet", "report.html", "summary.json"]) {
      await first.write(name, BYTES);
    }
    await first.complete();
    await Deno.writeTextFile(`${path}/notes.txt`, "mine");
    await OutputFolder.create(path);
    assert.deepEqual(await listing(path), ["incomplete.tmp", "notes.txt"]);
  });
});

Deno.test("OutputFolder.create() clears what a killed run left", async () => {
  await withFolder(async (path) => {
    const killed = await OutputFolder.create(path);
    await killed.write("maps/old.png.npy", BYTES);
    await Deno.writeFile(`${path}/.${crypto.randomUUID()}.part`, BYTES);
    const folder = await OutputFolder.create(path);
    await folder.complete();
    assert.deepEqual(await listing(path), []);
  });
});

Deno.test("OutputFolder.create() spares folders no run has made", async () => {
  await withFolder(async (path) => {
    await Deno.mkdir(`${path}/maps`);
    await Deno.writeTextFile(`${path}/maps/city.npy`, "mine");
    await OutputFolder.create(path);
    assert.deepEqual(await listing(`${path}/maps`), ["city.npy"]);
  });
});

Deno.test("OutputFolder.write() leaves nothing behind when it fails", async () => {
  await withFolder(async (path) => {
    const folder = await OutputFolder.create(path);
    await Deno.mkdir(`${path}/heatmaps/a.png`, { recursive: true });
    await assert.rejects(folder.write("heatmaps/a.png", BYTES));
    assert.deepEqual(await listing(`${path}/heatmaps`), ["a.png"]);
    assert.deepEqual(await listing(path), ["heatmaps", "incomplete.tmp"]);
  });
});

Deno.test("nameError() tells of names that are too long for a heatmap's", () => {
  assert.equal(nameError(`nut/${"a".repeat(247)}.png`), null);
  assert.match(
    nameError(`nut/${"ä".repeat(124)}.png`) ?? "",
    /must have at most 251 bytes: current value is 252$/,
  );
});
