import assert from "node:assert/strict";
import { openStore } from "../../lib/storage/open_store.ts";
import type { ObjectStore } from "../../lib/storage/object_store.ts";
import { storedObject } from "../../lib/storage/stored_object.ts";
import { keysOf } from "./_contract.ts";
import { CREDENTIALS } from "./_s3_server.ts";

/** A bucket whose answers never end and have no length. */
interface Endless extends AsyncDisposable {
  readonly store: ObjectStore;
}

const CHUNK = new Uint8Array(1 << 16).fill(32);

function startEndless(status = 200): Endless {
  const options = { hostname: "127.0.0.1", port: 0, onListen() {} };
  const headers = { etag: '"one"' };
  const server = Deno.serve(options, ({ method }) => {
    if (method === "HEAD") {
      return new Response(null, {
        headers: { ...headers, "content-length": "10" },
      });
    }
    const body = new ReadableStream({
      pull: (controller) => controller.enqueue(CHUNK),
    });
    return new Response(body, { status, headers });
  });
  const store = openStore("s3://bucket/a/", {
    endpoint: `http://127.0.0.1:${server.addr.port}`,
    credentials: CREDENTIALS,
    attempts: 1,
  });
  return { store, [Symbol.asyncDispose]: () => server.shutdown() };
}

Deno.test("read() refuses a body of untold length that goes on", async () => {
  await using server = startEndless();
  const message = "Cannot read s3://bucket/a/key as it must have at most " +
    "100000 bytes: current value is more";
  const refused = { failure: "too_large", message } as const;
  const options = { maxBytes: 100_000 };
  await assert.rejects(server.store.read("key", options), refused);
  const stream = await server.store.stream("key", options);
  await assert.rejects(new Response(stream).bytes(), refused);
});

Deno.test("storedObject() refuses more bytes than the object has", async () => {
  await using server = startEndless();
  const object = await storedObject(server.store, "key");
  assert.equal(object.size, 10);
  const message = /must have at most 10 bytes: current value is more/;
  await assert.rejects(Array.fromAsync(object.open()), { message });
});

Deno.test("list(), put() and errors refuse an answer that goes on", async () => {
  const message = /its answer has more than 16777216 bytes/;
  const refused = { failure: "unavailable", message } as const;
  await using server = startEndless();
  await assert.rejects(keysOf(server.store.list("")), refused);
  await assert.rejects(server.store.put("key", CHUNK), refused);
  await using denying = startEndless(403);
  await assert.rejects(denying.store.read("key"), refused);
});
