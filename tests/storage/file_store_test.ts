import assert from "node:assert/strict";
import { fileError } from "../../lib/storage/file_errors.ts";
import { FileStore } from "../../lib/storage/file_store.ts";
import type { StorageError } from "../../lib/storage/object_store.ts";
import { temporaryFolder } from "../checkpoint/temporary.ts";
import { bytesOf, keysOf, testStore, textOf } from "./_contract.ts";

testStore("FileStore", async () => {
  const folder = await temporaryFolder();
  const store = new FileStore(`${folder.path}/not yet there`);
  return { store, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}, { isFull: true });

Deno.test("FileStore has a file: address, and takes relative paths", () => {
  const { uri } = new FileStore("a b/c");
  assert.ok(uri.startsWith("file:///"));
  assert.ok(uri.endsWith("/a%20b/c/"));
});

Deno.test("FileStore refuses what is no path of a file", async () => {
  await using folder = await temporaryFolder();
  const store = new FileStore(folder.path);
  await folder.write("file", "x");
  await Deno.mkdir(`${folder.path}/folder`);
  const partial = `a/.${crypto.randomUUID()}.part`;
  for (const key of ["/x", "a//b", "a/", partial, "folder", "file/x"]) {
    const put = store.put(key, bytesOf("x"));
    await assert.rejects(put, { name: "StorageError", failure: "invalid" });
    const create = store.create(key, bytesOf("x"));
    await assert.rejects(create, { name: "StorageError", failure: "invalid" });
  }
  assert.equal(await store.head("folder"), null);
  assert.equal(await store.head("file/x"), null);
  await store.delete("folder");
  assert.deepEqual(await keysOf(store.list("")), ["file"]);
});

Deno.test("FileStore shows nothing of a file that was not finished", async () => {
  await using folder = await temporaryFolder();
  const store = new FileStore(folder.path);
  const failing = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller) {
      controller.enqueue(bytesOf("half"));
      controller.error(new Error("lost"));
    },
  });
  await assert.rejects(store.put("key", failing), /lost/);
  assert.deepEqual(await Array.fromAsync(Deno.readDir(folder.path)), []);
  await folder.write(`.${crypto.randomUUID()}.part`, "killed");
  assert.deepEqual(await keysOf(store.list("")), []);
});

Deno.test("FileStore tags each version, however fast they come", async () => {
  await using folder = await temporaryFolder();
  const store = new FileStore(folder.path);
  const tags = new Set<string | undefined>();
  for (let i = 0; i < 20; i++) {
    await store.put("key", bytesOf(`${i % 2}`));
    tags.add((await store.head("key"))?.etag);
  }
  assert.equal(tags.size, 20);
});

Deno.test("FileStore tags the bytes, not what else is known of a file", async () => {
  await using folder = await temporaryFolder();
  const store = new FileStore(folder.path);
  await store.put("key", bytesOf("1"));
  const { etag } = (await store.head("key"))!;
  await Deno.chmod(`${folder.path}/key`, 0o640);
  await Deno.link(`${folder.path}/key`, `${folder.path}/copy`);
  assert.equal((await store.head("key"))?.etag, etag);
});

Deno.test("FileStore follows links, but not in circles", async () => {
  await using folder = await temporaryFolder();
  await Deno.mkdir(`${folder.path}/a`);
  await folder.write("a/file", "x");
  await Deno.symlink(`${folder.path}/a`, `${folder.path}/b`);
  await Deno.symlink(folder.path, `${folder.path}/a/up`);
  const store = new FileStore(folder.path);
  assert.deepEqual(await keysOf(store.list("")), ["a/file", "b/file"]);
  assert.equal(textOf(await store.read("b/file")), "x");
});

Deno.test("FileStore lists what is no file, so that its reader is told", async () => {
  await using folder = await temporaryFolder();
  await folder.write("file", "x");
  await Deno.symlink(`${folder.path}/none`, `${folder.path}/dangling`);
  await Deno.symlink("/dev/null", `${folder.path}/device`);
  const store = new FileStore(folder.path);
  const keys = ["dangling", "device", "file"];
  assert.deepEqual(await keysOf(store.list("")), keys);
  const missing = { name: "StorageError", failure: "missing" };
  await assert.rejects(store.read("dangling"), missing);
  await assert.rejects(store.read("device"), missing);
});

Deno.test("FileStore says what it may not do", {
  permissions: { read: true, write: false },
}, async () => {
  const store = new FileStore("/tmp");
  const refused = { name: "StorageError", failure: "denied" };
  await assert.rejects(store.put("key", bytesOf("x")), refused);
});

Deno.test("fileError() tells a file that may not be read from a folder", () => {
  const error = new Deno.errors.PermissionDenied("Permission denied");
  const failures = ["read", "list", "write"].map((action) => {
    const told = fileError(error, { action, location: "file:///a" });
    return (told as StorageError).failure;
  });
  assert.deepEqual(failures, ["unreadable", "denied", "denied"]);
});

Deno.test("FileStore removes what a dead writer left, and nothing of a live one", async () => {
  await using folder = await temporaryFolder();
  const [dead, live] = [1, 2].map(() => `.${crypto.randomUUID()}.part`);
  await folder.write(dead!, "killed");
  await folder.write(live!, "half");
  const before = new Date(Date.now() - 25 * 3600 * 1000);
  await Deno.utime(`${folder.path}/${dead}`, before, before);
  const store = new FileStore(folder.path);
  await store.put("key", bytesOf("x"));
  const there = await Array.fromAsync(Deno.readDir(folder.path));
  assert.deepEqual(there.map(({ name }) => name).sort(), [live, "key"].sort());
});

Deno.test("FileStore takes a link that leads to itself as missing", async () => {
  await using folder = await temporaryFolder();
  await Deno.symlink(`${folder.path}/loop`, `${folder.path}/loop`);
  await folder.write("file", "x");
  const store = new FileStore(folder.path);
  const missing = { name: "StorageError", failure: "missing" };
  await assert.rejects(store.read("loop"), missing);
  await assert.rejects(store.stream("loop"), missing);
  assert.equal(await store.head("loop"), null);
  assert.deepEqual(await keysOf(store.list("")), ["file", "loop"]);
});
