import assert from "node:assert/strict";
import type { ScoringServer } from "../../lib/server/server.ts";
import { png, post, postJson, readyServer } from "./_server.ts";

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
