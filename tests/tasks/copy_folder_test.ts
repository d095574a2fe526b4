import assert from "node:assert/strict";
import { allStores } from "../../lib/batch/stores.ts";
import { copyFolder } from "../../tasks/copy_folder.ts";
import { temporaryFolder } from "../server/_server.ts";

Deno.test("copyFolder() copies once, and again what has changed", async () => {
  await using from = await temporaryFolder();
  await using to = await temporaryFolder();
  await Deno.mkdir(`${from.path}/clip`);
  await Deno.writeTextFile(`${from.path}/a.json`, "one");
  await Deno.writeTextFile(`${from.path}/clip/b.json`, "two");
  const store = allStores().folder(from.uri);
  assert.equal(await copyFolder(store, to.path), 2);
  assert.equal(await Deno.readTextFile(`${to.path}/clip/b.json`), "two");
  const before = await Deno.stat(`${to.path}/a.json`);
  await Deno.writeTextFile(`${from.path}/clip/b.json`, "three");
  assert.equal(await copyFolder(store, to.path), 2);
  const after = await Deno.stat(`${to.path}/a.json`);
  assert.deepEqual(after.ino, before.ino);
  assert.equal(await Deno.readTextFile(`${to.path}/clip/b.json`), "three");
});

Deno.test("copyFolder() finds nothing where there is nothing", async () => {
  await using to = await temporaryFolder();
  const store = allStores().folder(`${to.path}/missing`);
  assert.equal(await copyFolder(store, `${to.path}/copy`), 0);
});
