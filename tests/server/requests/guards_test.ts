import assert from "node:assert/strict";
import { png, post, readyServer } from "../_server.ts";

const PATH = "/v1/score?category=cup";

Deno.test("a token is asked for, and either of two will do", async () => {
  const { server } = readyServer({ tokens: ["secret-1", "secret-2"] });
  const image = await png();
  async function statusWith(authorization?: string): Promise<number> {
    const headers = {
      "Content-Type": "image/png",
      ...authorization !== undefined && { Authorization: authorization },
    };
    return (await post(server, PATH, image, headers)).status;
  }
  assert.equal(await statusWith("Bearer secret-1"), 200);
  assert.equal(await statusWith("bearer secret-2"), 200);
  assert.equal(await statusWith("Bearer secret-3"), 401);
  assert.equal(await statusWith("Bearer secret-"), 401);
  assert.equal(await statusWith(), 401);
  assert.equal(await statusWith("Basic c2VjcmV0LTE="), 400);
});

Deno.test("a refusal for want of a token says how to send one", async () => {
  const { server } = readyServer({ tokens: ["secret"] });
  const response = await post(server, PATH, await png());
  assert.match(response.headers.get("WWW-Authenticate") ?? "", /^Bearer/);
  const { error, request_id } = await response.json();
  assert.match(error, /Authorization: Bearer/);
  assert.equal(response.headers.get("X-Request-Id"), request_id);
});

Deno.test("health and pages need no token, all else does", async () => {
  const { server } = readyServer({ tokens: ["secret"] });
  async function statusOf(path: string, method = "GET"): Promise<number> {
    return (await server.app.request(path, { method })).status;
  }
  const open = [
    "/",
    "/docs",
    "/openapi.json",
    "/assets/score.js",
    "/healthz",
    "/readyz",
    "/ping",
    "/v2/health/ready",
    "/v2/models/fake/ready",
  ];
  for (const path of open) assert.equal(await statusOf(path), 200, path);
  const closed = ["/metrics", "/v2/models/fake", "/v1/batches/x", "/nothing"];
  for (const path of closed) assert.equal(await statusOf(path), 401, path);
  assert.equal(await statusOf("/", "POST"), 401);
  assert.equal(await statusOf("/invocations", "POST"), 401);
});

Deno.test("methods that no route has are refused", async () => {
  const { server } = readyServer();
  const odd = await server.app.request("/v1/score", { method: "BREW" });
  assert.equal(odd.status, 501);
  const other = await server.app.request("/v1/score", { method: "PUT" });
  assert.equal(other.status, 405);
  assert.equal(other.headers.get("Allow"), "POST");
});

Deno.test("bodies are counted, whatever their headers say", async () => {
  const { server } = readyServer({ limits: { bodyBytes: 1000 } });
  function stream(size: number): ReadableStream<Uint8Array<ArrayBuffer>> {
    let left = size;
    return new ReadableStream({
      pull(controller) {
        if (left <= 0) return controller.close();
        controller.enqueue(new Uint8Array(Math.min(left, 100)));
        left -= 100;
      },
    });
  }
  async function statusOf(size: number, length?: number): Promise<number> {
    const headers = {
      "Content-Type": "image/png",
      ...length !== undefined && { "Content-Length": `${length}` },
    };
    return (await post(server, PATH, stream(size), headers)).status;
  }
  assert.equal(await statusOf(1001), 413);
  assert.equal(await statusOf(5000, 10), 413);
  assert.equal(await statusOf(10, 5000), 413);
  assert.equal(await statusOf(1000), 415);
});

Deno.test("bodies of all requests together are bounded", async () => {
  const { server } = readyServer({ limits: { heldBytes: 500 } });
  const response = await post(server, PATH, new Uint8Array(501), {
    "Content-Type": "image/png",
  });
  assert.equal(response.status, 503);
  const metrics = await (await server.app.request("/metrics")).text();
  assert.match(metrics, /^mfp_held_bytes 0$/m);
});

Deno.test("a body that breaks off is refused", async () => {
  const { server } = readyServer();
  const broken = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start(controller) {
      controller.enqueue(new Uint8Array(10));
      controller.error(new Error("connection reset"));
    },
  });
  const response = await post(server, PATH, broken, {
    "Content-Type": "image/png",
  });
  assert.equal(response.status, 400);
});

Deno.test("a body that never ends is given up", async () => {
  const { server } = readyServer({ limits: { requestMilliseconds: 20 } });
  const stalled = new ReadableStream<Uint8Array<ArrayBuffer>>();
  const response = await post(server, PATH, stalled, {
    "Content-Type": "image/png",
  });
  assert.equal(response.status, 408);
});

Deno.test("addresses are refused where their bytes are no UTF-8", async () => {
  const { server } = readyServer();
  const image = await png();
  const headers = { "Content-Type": "image/png" };
  const paths = [
    "/v1/score?category=%ED%A0%BD",
    "/v1/score?category=M%FCtter",
    "/v1/profiles?category=%C3",
    "/invocations?category=%ff",
    "/2020-11-20/projects/%FC/models/1/detect",
  ];
  for (const path of paths) {
    const response = await post(server, path, image, headers);
    const text = await response.text();
    assert.equal(response.status, 400, path);
    assert.match(text, /must be UTF-8/, path);
  }
  const path = "/v1/score?category=M%C3%BCtter%20100%";
  const response = await post(server, path, image, headers);
  assert.equal((await response.json()).category, "Mütter 100%");
});
