import assert from "node:assert/strict";
import type { ObjectStore } from "../../../lib/storage/object_store.ts";
import type { ScoringServer } from "../../../lib/server/server.ts";
import { png, post, postJson, readyServer } from "../_server.ts";

/** Waits until so many images are in the server. */
async function untilQueued(
  { app }: ScoringServer,
  count: number,
): Promise<void> {
  for (;;) {
    const text = await (await app.request("/metrics")).text();
    if (text.includes(`mfp_queue_images ${count}\n`)) return;
  }
}

Deno.test("many images are refused while too many others wait for a place", async () => {
  const { server, detector } = readyServer({ limits: { queue: 2 } });
  const { promise, resolve } = Promise.withResolvers<void>();
  detector.gate = promise;
  const b64 = (await png()).toBase64();
  const instances = Array.from({ length: 4 }, () => ({ b64 }));
  const first = postJson(server, "/invocations", { instances });
  await untilQueued(server, 4);
  const refused = await postJson(server, "/invocations", { instances });
  assert.equal(refused.status, 429);
  assert.equal(refused.headers.get("Retry-After"), "1");
  const line = await post(server, "/invocations", JSON.stringify({ b64 }), {
    "Content-Type": "application/jsonlines",
  });
  assert.equal(line.status, 429);
  resolve();
  const { predictions } = await (await first).json();
  assert.equal(predictions.length, 4);
  assert.ok(
    predictions.every(({ status }: { status: string }) => status === "ok"),
  );
  await untilQueued(server, 0);
});

Deno.test("objects that requests name are read while there is memory for them", async () => {
  const image = await png();
  let reading = 0;
  let most = 0;
  const store = {
    async read(): Promise<Uint8Array<ArrayBuffer>> {
      most = Math.max(most, ++reading);
      await new Promise((resolve) => setTimeout(resolve, 1));
      reading--;
      return image;
    },
  } as unknown as ObjectStore;
  const { server } = readyServer({
    stores: { folder: () => store, object: (key) => ({ store, key }) },
    allowInput: ["s3://bucket/"],
    limits: { bodyBytes: 10_000, heldBytes: 25_000 },
  });
  const instances = Array.from({ length: 10 }, () => ({
    uri: "s3://bucket/a.png",
  }));
  const response = await postJson(server, "/invocations", { instances });
  const { predictions } = await response.json();
  assert.ok(
    predictions.every(({ status }: { status: string }) => status === "ok"),
  );
  assert.equal(most, 2);
  const text = await (await server.app.request("/metrics")).text();
  assert.match(text, /^mfp_held_bytes 0$/m);
});
