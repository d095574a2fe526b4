import assert from "node:assert/strict";
import { allStores } from "../../../../lib/batch/stores.ts";
import { Calls } from "../../../../lib/server/batches/thread/calls.ts";
import {
  remoteStores,
  storeMethods,
} from "../../../../lib/server/batches/thread/remote_store.ts";
import { temporaryFolder } from "../../_server.ts";

/** Stores whose work is done at the other end of a port. */
function farStores() {
  const { port1, port2 } = new MessageChannel();
  new Calls(port2, storeMethods(allStores()));
  return {
    stores: remoteStores(new Calls(port1, {})),
    [Symbol.dispose]() {
      port1.close();
      port2.close();
    },
  };
}

const BYTES = new Uint8Array([1, 2, 3, 4]);

Deno.test("remoteStores() read and write as the stores of the other side", async () => {
  await using root = await temporaryFolder();
  using far = farStores();
  const store = far.stores.folder(root.uri);
  assert.equal(await store.create("a b/c.bin", BYTES), true);
  assert.deepEqual([...BYTES], [1, 2, 3, 4]);
  assert.equal(await store.create("a b/c.bin", new Uint8Array(1)), false);
  const near = allStores().folder(root.uri);
  assert.deepEqual(await store.head("a b/c.bin"), await near.head("a b/c.bin"));
  const range = { start: 1, end: 3 };
  assert.deepEqual([...await store.read("a b/c.bin", { range })], [2, 3]);
  const stream = await store.stream("a b/c.bin");
  assert.deepEqual([...await new Response(stream).bytes()], [1, 2, 3, 4]);
  await store.put("d", new Response("text").body!);
  assert.equal(new TextDecoder().decode(await near.read("d")), "text");
  await store.delete("d");
  assert.equal(await store.head("d"), null);
  await assert.rejects(store.read("d"), { failure: "missing" });
});

Deno.test("remoteStores() find objects as stores of this side do", async () => {
  await using root = await temporaryFolder();
  using far = farStores();
  const uri = `${root.uri}a%20b/c%25.png`;
  const [found, near] = [far.stores.object(uri), allStores().object(uri)];
  assert.deepEqual([found.key, found.store.uri], [near.key, near.store.uri]);
  const bucket = "s3://bucket/a%20b/c.png";
  assert.equal(far.stores.object(bucket).key, allStores().object(bucket).key);
});

Deno.test("remoteStores() list more objects than come in one answer", async () => {
  await using root = await temporaryFolder();
  using far = farStores();
  for (let i = 0; i < 1001; i++) {
    await Deno.writeTextFile(`${root.path}/${i}.txt`, "");
  }
  const store = far.stores.folder(root.uri);
  const keys = (await Array.fromAsync(store.list(""))).map(({ key }) => key);
  const near = await Array.fromAsync(allStores().folder(root.uri).list(""));
  assert.deepEqual(keys, near.map(({ key }) => key));
  for await (const { key } of store.list("")) {
    assert.equal(key, keys[0]);
    break;
  }
});
