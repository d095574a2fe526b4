import assert from "node:assert/strict";
import { allStores } from "../../lib/batch/stores.ts";
import { ScoringServer } from "../../lib/server/server.ts";
import { FakeDetector, png, post, SETTINGS } from "./_server.ts";

const LIVE = ["/healthz", "/v2/health/live"];
const READY = ["/readyz", "/v2/health/ready", "/health"];

async function statusOf(server: ScoringServer, path: string): Promise<number> {
  return (await server.app.request(path)).status;
}

function loadingServer(): ScoringServer {
  return new ScoringServer({
    modelName: "fake",
    stores: allStores(),
    healthRoute: "/health",
  });
}

Deno.test("health routes tell loading, ready and draining apart", async () => {
  const server = loadingServer();
  async function check(
    wanted: { ping: number; ready: number },
  ): Promise<void> {
    assert.equal(await statusOf(server, "/ping"), wanted.ping);
    for (const path of READY) {
      assert.equal(await statusOf(server, path), wanted.ready, path);
    }
    for (const path of LIVE) {
      assert.equal(await statusOf(server, path), 200, path);
    }
  }
  await check({ ping: 204, ready: 503 });
  server.modelLoaded({ detector: new FakeDetector(), settings: SETTINGS });
  await check({ ping: 200, ready: 200 });
  await server.drain();
  await check({ ping: 503, ready: 503 });
});

Deno.test("the server is ready, and scores, while the model's files are hashed", async () => {
  const server = loadingServer();
  const { promise: fingerprint } = Promise.withResolvers<string>();
  const settings = { ...SETTINGS, model: { name: "fake", fingerprint } };
  server.modelLoaded({ detector: new FakeDetector(), settings });
  assert.equal(await statusOf(server, "/readyz"), 200);
  const headers = { "Content-Type": "image/png" };
  const path = "/v1/score?category=a";
  const { status } = await post(server, path, await png(), headers);
  assert.equal(status, 200);
  await server.drain();
});

Deno.test("GET /ping has no body", async () => {
  const server = loadingServer();
  server.modelLoaded({ detector: new FakeDetector(), settings: SETTINGS });
  const response = await server.app.request("/ping");
  assert.equal(await response.text(), "");
});

Deno.test("scoring routes answer 503 until the model is loaded", async () => {
  const server = loadingServer();
  const paths = ["/v1/score?category=cup", "/invocations", "/"];
  for (const path of paths) {
    const response = await post(server, path, await png());
    assert.equal(response.status, 503, path);
    assert.equal(response.headers.get("Retry-After"), "5", path);
  }
});

Deno.test("requests that come while draining are still answered", async () => {
  const server = loadingServer();
  server.modelLoaded({ detector: new FakeDetector(), settings: SETTINGS });
  await server.drain();
  const response = await post(server, "/v1/score?category=a", await png(), {
    "Content-Type": "image/png",
  });
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("Connection"), "close");
});

Deno.test("the second port answers health and metrics only", async () => {
  const { healthApp } = loadingServer();
  const statuses = await Promise.all(
    ["/healthz", "/metrics", "/health", "/v1/score", "/"].map(async (path) =>
      (await healthApp.request(path)).status
    ),
  );
  assert.deepEqual(statuses, [200, 200, 503, 404, 404]);
});
