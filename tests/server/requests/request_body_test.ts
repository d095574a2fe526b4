import assert from "node:assert/strict";
import { OpenAPIHono } from "@hono/zod-openapi";
import { Lifecycle } from "../../../lib/server/lifecycle.ts";
import { DEFAULT_LIMITS } from "../../../lib/server/limits.ts";
import {
  IncomingBodies,
  type SlowOptions,
} from "../../../lib/server/requests/incoming_bodies.ts";
import { boundedBody } from "../../../lib/server/requests/request_body.ts";
import { BodyParser } from "../../../lib/server/requests/parsing/body_parser.ts";
import { Semaphore, type Units } from "../../../lib/async/semaphore.ts";
import { ServerMetrics } from "../../../lib/server/server_metrics.ts";
import type { ServerEnv } from "../../../lib/server/services.ts";

const CHUNKS = 5000;
const FIRST_BYTES = 64 << 10;

/** A semaphore that tells how often it is asked, and for how much. */
class WatchedSemaphore extends Semaphore {
  asked = 0;
  most = 0;

  override tryAcquire(count?: number): Units | undefined {
    const units = super.tryAcquire(count);
    this.#note();
    if (units === undefined) return undefined;
    const grow = (wanted: number) => {
      const isGrown = units.grow(wanted);
      this.#note();
      return isGrown;
    };
    return { ...units, grow };
  }

  #note(): void {
    this.asked++;
    this.most = Math.max(this.most, this.taken);
  }
}

/** An application that tells what it holds while it has a body. */
function bodyApp(
  held: Semaphore,
  bodyBytes: number,
  silenceMilliseconds = DEFAULT_LIMITS.silenceMilliseconds,
  slow?: SlowOptions,
) {
  const app = new OpenAPIHono<ServerEnv>();
  app.use(async (c, next) => {
    c.set("signal", new AbortController().signal);
    await next();
  });
  const services = {
    limits: { ...DEFAULT_LIMITS, bodyBytes, silenceMilliseconds },
    bodies: new IncomingBodies(held, slow),
    parser: new BodyParser(),
    metrics: new ServerMetrics(),
    lifecycle: new Lifecycle(),
  };
  app.post("/", boundedBody(services), (c) => {
    const body = c.get("body");
    const sum = body.reduce((total, value) => total + value, 0);
    const { byteLength } = body.buffer;
    return c.json({ sum, byteLength, taken: held.taken });
  });
  return app;
}

/** Sends a body in chunks of one byte each over a real socket. */
async function postTinyChunks(port: number, count: number): Promise<string> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const text = "POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" +
    "Content-Type: image/png\r\nTransfer-Encoding: chunked\r\n\r\n" +
    "1\r\n\x01\r\n".repeat(count) + "0\r\n\r\n";
  const writer = connection.writable.getWriter();
  await writer.write(new TextEncoder().encode(text));
  return await new Response(connection.readable).text();
}

Deno.test("boundedBody() holds no more for tiny chunks than for their bytes", async () => {
  const held = new WatchedSemaphore(1 << 20);
  const { fetch } = bodyApp(held, 1 << 20);
  const local = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
  await using server = Deno.serve(local, (request) => fetch(request));
  const { port } = server.addr as Deno.NetAddr;
  const answer = await postTinyChunks(port, CHUNKS);
  assert.match(answer, /^HTTP\/1.1 200 /);
  assert.deepEqual(JSON.parse(/\{.*\}/.exec(answer)![0]), {
    sum: CHUNKS,
    byteLength: CHUNKS,
    taken: CHUNKS,
  });
  assert.equal(held.most, FIRST_BYTES);
  assert.ok(held.asked <= 3, `${held.asked}`);
  assert.equal(held.taken, 0);
});

Deno.test("boundedBody() counts the memory of a body as it grows", async () => {
  const held = new WatchedSemaphore(1 << 22);
  const limit = 1_000_000;
  const app = bodyApp(held, limit);
  const chunk = new Uint8Array(1000).fill(1);
  async function post(chunks: number): Promise<Response> {
    const body = ReadableStream.from(Array(chunks).fill(chunk));
    return await app.request("/", { method: "POST", body });
  }
  const answer = await (await post(900)).json();
  assert.deepEqual([answer.sum, answer.taken], [900_000, 900_000]);
  assert.equal(held.most, limit);
  assert.ok(held.asked < 10, `${held.asked}`);
  assert.equal((await post(1001)).status, 413);
  assert.equal(held.taken, 0);
});

Deno.test("boundedBody() takes the memory that Content-Length claims, and no more", async () => {
  const held = new WatchedSemaphore(100_000);
  const app = bodyApp(held, 1 << 20);
  async function post(claimed: number, sent: number): Promise<Response> {
    const headers = { "Content-Length": `${claimed}` };
    const body = ReadableStream.from([new Uint8Array(sent)]);
    return await app.request("/", { method: "POST", headers, body });
  }
  const answer = await (await post(90_000, 90_000)).json();
  assert.deepEqual([answer.byteLength, held.most], [90_000, 90_000]);
  assert.equal((await post(100_001, 1)).status, 503);
  assert.equal((await post(10, 11)).status, 413);
  assert.equal(held.taken, 0);
});

Deno.test("boundedBody() gives up a client that keeps silent", async () => {
  const held = new Semaphore(1 << 20);
  const app = bodyApp(held, 1 << 20, 50);
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const writer = writable.getWriter();
  writer.write(new Uint8Array(10)).catch(() => {});
  const response = await app.request("/", { method: "POST", body: readable });
  assert.equal(response.status, 408);
  assert.equal(held.taken, 0);
});

/** A client that claims a body, sends a little, and then nothing. */
function stall(app: ReturnType<typeof bodyApp>, claimed: number, sent: number) {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  writable.getWriter().write(new Uint8Array(sent)).catch(() => {});
  const headers = { "Content-Length": `${claimed}` };
  return app.request("/", { method: "POST", headers, body: readable });
}

/** Sends a body at once. */
async function send(app: ReturnType<typeof bodyApp>, bytes: number) {
  const headers = { "Content-Length": `${bytes}` };
  const body = ReadableStream.from([new Uint8Array(bytes)]);
  return await app.request("/", { method: "POST", headers, body });
}

Deno.test("boundedBody() takes the memory of the slowest body where others need it", async () => {
  const held = new Semaphore(100_000);
  const slow = { patience: 0, leastPerSecond: Infinity };
  const app = bodyApp(held, 1 << 20, undefined, slow);
  const slowest = stall(app, 50_000, 1);
  const second = stall(app, 50_000, 40_000);
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(held.taken, 100_000);
  assert.equal((await send(app, 40_000)).status, 200);
  const refused = await slowest;
  assert.equal(refused.status, 408);
  assert.match(await refused.text(), /came slowly/);
  assert.equal(held.taken, 50_000);
  assert.equal((await send(app, 90_000)).status, 200);
  assert.equal((await second).status, 408);
  assert.equal(held.taken, 0);
});

Deno.test("boundedBody() lets a body come slowly while there is memory, and at first", async () => {
  const held = new Semaphore(100_000);
  const app = bodyApp(held, 1 << 20, 300, { patience: 60_000 });
  const stalled = stall(app, 60_000, 1);
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal((await send(app, 40_000)).status, 200);
  assert.equal((await send(app, 60_000)).status, 503);
  assert.equal(held.taken, 60_000);
  assert.match(await (await stalled).text(), /nothing came/);
});
