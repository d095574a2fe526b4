import assert from "node:assert/strict";
import { DiskError, diskError } from "../../lib/files/disk_error.ts";
import { writeWhole } from "../../lib/files/whole_file.ts";
import { canMount, mountSmallDisk } from "./small_disk.ts";

const mayMount = await canMount();

async function caught(work: () => Promise<unknown>): Promise<unknown> {
  try {
    await work();
  } catch (error) {
    return error;
  }
}

Deno.test("diskError() turns the system's own error into a sentence", async () => {
  const path = `/tmp/${"n".repeat(300)}`;
  const error = await caught(() => Deno.writeTextFile(path, ""));
  const told = diskError(error, path);
  assert(told instanceof DiskError);
  assert.equal(told.failure, "name-too-long");
  assert.equal(
    told.message,
    `Cannot use ${path} as its name is too long for the file system`,
  );
  assert.equal(told.cause, error);
  assert.equal(diskError(told, "another"), told);
});

Deno.test("diskError() takes the path from the error's message", () => {
  const message = "No space left on device (os error 28)";
  const told = ["", ": writefile '/a b'", ": copy '/x' -> '/a b'"].map((rest) =>
    diskError(Object.assign(new Error(message + rest), { code: "ENOSPC" }))
  );
  assert.deepEqual(told.map((error) => (error as DiskError).message), [
    "Cannot write a file as the disk is full",
    "Cannot write /a b as the disk is full",
    "Cannot write /a b as the disk is full",
  ]);
});

Deno.test("diskError() leaves all other errors alone", async () => {
  const missing = await caught(() => Deno.readTextFile("/none/such"));
  for (const error of [missing, new Error("os error 2"), "text", undefined]) {
    assert.equal(diskError(error), error);
  }
});

Deno.test("diskError() knows the errors of Windows by their numbers", () => {
  const told = [112, 19, 206].map((number) =>
    diskError(new Error(`No (os error ${number}): writefile 'C:\\a'`))
  );
  assert.deepEqual(told.map((error) => (error as DiskError).failure), [
    "full",
    "read-only",
    "name-too-long",
  ]);
});

Deno.test({
  name: mayMount
    ? "writeWhole() says that the disk is full or read-only, and leaves nothing"
    : "writeWhole() on a full disk: skipped, as mounting one takes root",
  ignore: !mayMount,
  async fn() {
    await using disk = await mountSmallDisk(16);
    const { path, freeze } = disk!;
    const file = `${path}/a`;
    await assert.rejects(writeWhole(file, new Uint8Array(1 << 20)), {
      name: "DiskError",
      failure: "full",
      message: `Cannot write ${file} as the disk is full`,
    });
    assert.deepEqual(await Array.fromAsync(Deno.readDir(path)), []);
    freeze();
    await assert.rejects(writeWhole(file, "a"), {
      name: "DiskError",
      failure: "read-only",
      message: `Cannot write ${file} as the disk is read-only`,
    });
  },
});
