import assert from "node:assert/strict";
import {
  FolderInUseError,
  HeldFolder,
  LOCK_FILE,
} from "../../lib/files/held_folder.ts";
import { namesIn, withTemporary } from "../hub/_downloads.ts";
import { whileOtherRun } from "./other_run.ts";

Deno.test("HeldFolder.hold() refuses a folder that another run writes to", async () => {
  await withTemporary(async (folder) => {
    const path = `${folder}/a/b`;
    {
      await using held = await HeldFolder.hold(path);
      assert.equal(held.path, path);
      await assert.rejects(HeldFolder.hold(`${folder}/a/../a/b`), {
        name: "FolderInUseError",
        message:
          /^Cannot write to .* as no other run may .*: one does; .*, or choose/,
      });
      assert.deepEqual(await namesIn(path), [LOCK_FILE]);
      await using _other = await HeldFolder.hold(`${folder}/a`);
    }
    await using _held = await HeldFolder.hold(path);
  });
});

Deno.test("HeldFolder.hold() takes the folder of a run that was killed", async () => {
  await withTemporary(async (folder) => {
    await whileOtherRun(folder, async (kill) => {
      await assert.rejects(HeldFolder.hold(folder), FolderInUseError);
      await kill();
      assert.deepEqual(await namesIn(folder), [LOCK_FILE]);
      await using _held = await HeldFolder.hold(folder);
    });
    assert.deepEqual(await namesIn(folder), []);
  });
});

Deno.test("HeldFolder.hold() gives one of many the folder, time after time", async () => {
  await withTemporary(async (folder) => {
    const path = `${folder}/out`;
    let holders = 0;
    let refused = 0;
    const hold = async () => {
      for (let i = 0; i < 20; i++) {
        try {
          await using _held = await HeldFolder.hold(path);
          assert.equal(++holders, 1);
          await Deno.stat(path);
          holders--;
        } catch (error) {
          if (!(error instanceof FolderInUseError)) throw error;
          refused++;
        }
      }
    };
    await Promise.all(Array.from({ length: 8 }, hold));
    assert.ok(refused > 0);
    await using _held = await HeldFolder.hold(path);
  });
});

Deno.test("HeldFolder leaves nothing new, and all that was there or was written", async () => {
  await withTemporary(async (folder) => {
    for (const name of ["empty", "written", "there"]) {
      const path = `${folder}/${name}`;
      if (name === "there") await Deno.mkdir(path);
      await using _held = await HeldFolder.hold(path);
      if (name === "written") await Deno.writeTextFile(`${path}/a`, "");
    }
    assert.deepEqual(await namesIn(folder), ["there", "written"]);
    assert.deepEqual(await namesIn(`${folder}/written`), ["a"]);
  });
});

Deno.test("HeldFolder leaves the lock of the next run in a folder made anew", async () => {
  await withTemporary(async (folder) => {
    const path = `${folder}/out`;
    const removed = await HeldFolder.hold(path);
    await Deno.remove(path, { recursive: true });
    await using _next = await HeldFolder.hold(path);
    await removed[Symbol.asyncDispose]();
    await assert.rejects(HeldFolder.hold(path), FolderInUseError);
  });
});

Deno.test("HeldFolder.hold() ends where a link leads nowhere", async () => {
  await withTemporary(async (folder) => {
    await Deno.symlink(`${folder}/missing/file`, `${folder}/${LOCK_FILE}`);
    await assert.rejects(HeldFolder.hold(folder), Deno.errors.NotFound);
  });
});
