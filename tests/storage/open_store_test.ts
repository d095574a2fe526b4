import assert from "node:assert/strict";
import { openObject, openStore } from "../../lib/storage/open_store.ts";
import { StorageError } from "../../lib/storage/object_store.ts";

const SETTINGS = { region: "eu-west-1" };

function uriOf(uri: string): string {
  return openStore(uri, SETTINGS).uri;
}

Deno.test("openStore() finds folders and buckets by their addresses", () => {
  assert.equal(uriOf("/a/b"), "file:///a/b/");
  assert.equal(uriOf("file:///a%20b/c/"), "file:///a%20b/c/");
  assert.equal(uriOf("s3://bucket"), "s3://bucket/");
  assert.equal(uriOf("s3://bucket/a/b"), "s3://bucket/a/b/");
  assert.equal(uriOf("s3://bucket/a%20b/é/"), "s3://bucket/a%20b/é/");
});

Deno.test("openObject() divides an address into store and key", () => {
  const partsOf = (uri: string) => {
    const { store, key } = openObject(uri, SETTINGS);
    return [store.uri, key];
  };
  assert.deepEqual(partsOf("/a/b.zip"), ["file:///a/", "b.zip"]);
  assert.deepEqual(partsOf("file:///a/b%20c.zip"), ["file:///a/", "b c.zip"]);
  assert.deepEqual(partsOf("s3://bucket/b.zip"), ["s3://bucket/", "b.zip"]);
  assert.deepEqual(partsOf("s3://bucket/a/b%20c"), ["s3://bucket/a/", "b%20c"]);
  assert.equal(partsOf("b.zip")[1], "b.zip");
});

Deno.test("openStore() and openObject() refuse other addresses", () => {
  const refused = { name: "StorageError", failure: "invalid" };
  const stores = ["", "gs://bucket/a", "http://host/a", "s3:///a"];
  for (const uri of [...stores, "file://host/a"]) {
    assert.throws(() => openStore(uri, SETTINGS), refused, uri);
  }
  for (const uri of ["a/", "s3://bucket", "s3://bucket/", "s3://bucket/a/"]) {
    assert.throws(() => openObject(uri, SETTINGS), refused, uri);
  }
});

Deno.test("openStore() refuses settings that are wrong, without showing secrets", () => {
  const wrong = [
    { endpoint: "storage.example.com" },
    { endpoint: "https://user:pass-word@storage.example.com" },
    { endpoint: "ftp://storage.example.com" },
    { attempts: 0 },
    { stallSeconds: -1 },
    { stallSeconds: NaN },
  ];
  for (const settings of wrong) {
    assert.throws(
      () => openStore("s3://bucket/", { ...SETTINGS, ...settings }),
      (error) =>
        error instanceof StorageError && error.failure === "invalid" &&
        !error.message.includes("pass-word"),
    );
  }
});
