import assert from "node:assert/strict";
import { allStores } from "../../../lib/batch/stores.ts";
import {
  AllowedStores,
  canonicalUri,
} from "../../../lib/server/requests/allowed_stores.ts";
import { temporaryFolder } from "../_server.ts";

async function refusalOf(
  stores: AllowedStores,
  uri: string,
): Promise<string> {
  try {
    await stores.check(uri);
    return "none";
  } catch (error) {
    return error instanceof Error && "failure" in error
      ? String(error.failure)
      : "other";
  }
}

Deno.test("canonicalUri() writes every address in one way", () => {
  assert.equal(canonicalUri("s3://bucket/a/b"), "s3://bucket/a/b");
  assert.equal(canonicalUri("gs://bucket/a b"), "s3://bucket/a b");
  assert.equal(canonicalUri("s3://bucket"), "s3://bucket/");
  assert.equal(canonicalUri("file:///a/x/../b"), "file:///a/b");
  assert.equal(canonicalUri("file:///a/%2e%2e/b"), "file:///b");
});

Deno.test("canonicalUri() refuses what is no address", () => {
  const odd = [
    "",
    "/etc/passwd",
    "bucket/key",
    "http://host/a",
    "s3://bucket/a/../b",
    "s3://bucket/./b",
    "s3://UPPER/a",
    "s3://bucket/a\nb",
    "s3://bucket/a\\b",
    "file://host/a",
    "file:///a%2fb",
    "file:///a%00b",
    "s3:///a",
    `s3://bucket/${"a".repeat(20_000)}`,
    `file:///${"a".repeat(20_000)}`,
  ];
  for (const uri of odd) assert.equal(canonicalUri(uri), undefined, uri);
});

Deno.test("check() allows only what lies below a prefix", async () => {
  const stores = new AllowedStores(allStores(), [
    "s3://bucket/images",
    "gs://other/",
  ]);
  assert.equal(await refusalOf(stores, "s3://bucket/images/a.png"), "none");
  assert.equal(await refusalOf(stores, "s3://bucket/images"), "none");
  assert.equal(await refusalOf(stores, "s3://other/deep/a.png"), "none");
  assert.equal(await refusalOf(stores, "s3://bucket/images2/a.png"), "denied");
  assert.equal(await refusalOf(stores, "s3://bucket/"), "denied");
  assert.equal(await refusalOf(stores, "s3://foreign/images/a.png"), "denied");
  assert.equal(await refusalOf(stores, "file:///etc/passwd"), "denied");
  assert.equal(await refusalOf(stores, "s3://bucket/images/../x"), "invalid");
});

Deno.test("check() allows nothing where no prefix is given", async () => {
  const stores = new AllowedStores(allStores(), []);
  assert.equal(await refusalOf(stores, "s3://bucket/a"), "denied");
  assert.equal(await refusalOf(stores, "file:///tmp/a"), "denied");
});

Deno.test("check() follows no link out of a folder", async () => {
  await using folder = await temporaryFolder();
  await Deno.mkdir(`${folder.path}/in`);
  await Deno.mkdir(`${folder.path}/out`);
  await Deno.writeTextFile(`${folder.path}/out/a.png`, "");
  await Deno.symlink(`${folder.path}/out`, `${folder.path}/in/link`);
  const stores = new AllowedStores(allStores(), [`${folder.uri}in/`]);
  assert.equal(await refusalOf(stores, `${folder.uri}in/link/a.png`), "denied");
  assert.equal(await refusalOf(stores, `${folder.uri}in/new/a.png`), "none");
});

Deno.test("pathOf() tells where an address lies below its prefix", () => {
  const stores = new AllowedStores(allStores(), ["s3://bucket/images/"]);
  assert.equal(stores.pathOf("s3://bucket/images/cup/1.png"), "cup/1.png");
});

Deno.test("AllowedStores refuses a prefix that is no address", () => {
  assert.throws(
    () => new AllowedStores(allStores(), ["/data"]),
    { name: "RangeError", message: /s3:\/\/BUCKET/ },
  );
});

Deno.test("check() follows no link to what lies above a folder", async () => {
  await using folder = await temporaryFolder();
  await Deno.mkdir(`${folder.path}/in`);
  await Deno.writeTextFile(`${folder.path}/secret.png`, "");
  await Deno.symlink(folder.path, `${folder.path}/in/up`);
  const stores = new AllowedStores(allStores(), [`${folder.uri}in/`]);
  for (const path of ["up", "up/", "up/secret.png", "up/new/"]) {
    assert.equal(
      await refusalOf(stores, `${folder.uri}in/${path}`),
      "denied",
      path,
    );
  }
  assert.equal(await refusalOf(stores, `${folder.uri}in/up/in/a.png`), "none");
});

Deno.test("check() allows what is not there yet, and below a file", async () => {
  await using folder = await temporaryFolder();
  const stores = new AllowedStores(allStores(), [`${folder.uri}a/b/`]);
  assert.equal(await refusalOf(stores, `${folder.uri}a/b/c/d.png`), "none");
  await Deno.writeTextFile(`${folder.path}/a`, "");
  assert.equal(await refusalOf(stores, `${folder.uri}a/b/c/d.png`), "none");
});

Deno.test("folder() leaves out what its links lead to elsewhere", async () => {
  await using root = await temporaryFolder();
  await Deno.mkdir(`${root.path}/in/deep`, { recursive: true });
  await Deno.mkdir(`${root.path}/out`);
  await Deno.writeTextFile(`${root.path}/out/secret.png`, "secret");
  await Deno.writeTextFile(`${root.path}/in/a.png`, "a");
  await Deno.symlink(`${root.path}/in/a.png`, `${root.path}/in/deep/b.png`);
  await Deno.symlink(`${root.path}/out/secret.png`, `${root.path}/in/c.png`);
  await Deno.symlink(`${root.path}/out`, `${root.path}/in/deep/out`);
  const store = new AllowedStores(allStores(), [`${root.uri}in/`])
    .folder(`${root.uri}in/`);
  const keys = (await Array.fromAsync(store.list(""))).map(({ key }) => key);
  assert.deepEqual(keys, ["a.png", "deep/b.png"]);
  const denied = { name: "StorageError", failure: "denied" };
  const bytes = new Uint8Array(1);
  await assert.rejects(store.read("c.png"), denied);
  await assert.rejects(store.stream("deep/out/secret.png"), denied);
  await assert.rejects(store.head("c.png"), denied);
  await assert.rejects(store.create("deep/out/d.png", bytes), denied);
  await assert.rejects(store.put("deep/out/d.png", bytes), denied);
  await assert.rejects(store.delete("deep/out/secret.png"), denied);
  assert.ok(await store.create("new/d.png", bytes));
});

Deno.test("isBeside() tells what an allowed bucket has outside of its folders", () => {
  const allowed = new AllowedStores(allStores(), [
    "s3://bucket/images/",
    "file:///data/",
  ]);
  assert.ok(allowed.isBeside("gs://bucket/other/a.png"));
  assert.ok(allowed.isBeside("s3://bucket/images2"));
  for (
    const uri of [
      "s3://bucket/images/a.png",
      "s3://bucket2/a.png",
      "s3://buck/et/a.png",
      "s3://bucket/images/../a.png",
      "file:///other/a.png",
      "bucket/a.png",
    ]
  ) {
    assert.equal(allowed.isBeside(uri), false, uri);
  }
});

Deno.test("object() reads nothing that a link leads to elsewhere", async () => {
  await using root = await temporaryFolder();
  await Deno.mkdir(`${root.path}/in`);
  await Deno.writeTextFile(`${root.path}/secret.png`, "secret");
  await Deno.writeTextFile(`${root.path}/in/a.png`, "a");
  await Deno.symlink(`${root.path}/secret.png`, `${root.path}/in/b.png`);
  const stores = new AllowedStores(allStores(), [`${root.uri}in/`]);
  const own = stores.object(`${root.uri}in/a.png`);
  assert.deepEqual(await own.store.read(own.key), new Uint8Array([97]));
  const other = stores.object(`${root.uri}in/b.png`);
  const denied = { name: "StorageError", failure: "denied" };
  await assert.rejects(other.store.read(other.key), denied);
});
