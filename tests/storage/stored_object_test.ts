import assert from "node:assert/strict";
import type { StoredBytes } from "../../lib/files/stored_bytes.ts";
import { openZip } from "../../lib/data/archives/zip.ts";
import { openStore } from "../../lib/storage/open_store.ts";
import { storedObject } from "../../lib/storage/stored_object.ts";
import { temporaryFolder } from "../checkpoint/temporary.ts";
import { bytesOf, textOf } from "./_contract.ts";
import { startS3Server } from "./_s3_server.ts";

/** An archive with the one file `a.txt`, "hello", made by Python's zipfile. */
const ZIP =
  "UEsDBBQAAAAAAAAAIVyGphA2BQAAAAUAAAAFAAAAYS50eHRoZWxsb1BLAQIUAxQAAAAA" +
  "AAAAIVyGphA2BQAAAAUAAAAFAAAAAAAAAAAAAACAAQAAAABhLnR4dFBLBQYAAAAAAQAB" +
  "ADMAAAAoAAAAAAA=";

async function readAll(
  stream: ReadableStream<Uint8Array>,
): Promise<string> {
  return await new Response(stream as ReadableStream<Uint8Array<ArrayBuffer>>)
    .text();
}

Deno.test("storedObject() opens an object again and again", async () => {
  await using folder = await temporaryFolder();
  const store = openStore(folder.path);
  await store.put("key", bytesOf("0123456789"));
  const object: StoredBytes = await storedObject(store, "key");
  assert.equal(object.location, `${store.uri}key`);
  assert.equal(object.size, 10);
  assert.equal(await readAll(object.open()), "0123456789");
  assert.equal(await readAll(object.open({ start: 2, end: 4 })), "23");
  await object.open().cancel();
  assert.equal(await readAll(object.open({ start: 8, end: 99 })), "89");
});

Deno.test("storedObject() reads one version only", async () => {
  await using folder = await temporaryFolder();
  const store = openStore(folder.path);
  await assert.rejects(storedObject(store, "key"), { failure: "missing" });
  await store.put("key", bytesOf("one"));
  const object = await storedObject(store, "key");
  await store.put("key", bytesOf("two"));
  await assert.rejects(readAll(object.open()), { failure: "missing" });
});

Deno.test("openZip() reads an archive where it lies in a bucket", async () => {
  await using server = await startS3Server();
  const store = openStore(`s3://${server.bucket}/`, server.settings);
  await store.put("a.zip", Uint8Array.fromBase64(ZIP));
  const source = await openZip(await storedObject(store, "a.zip"));
  assert.deepEqual(source.files, ["a.txt"]);
  assert.equal(textOf(await source.read("a.txt")), "hello");
});
