import assert from "node:assert/strict";
import { listen } from "../../lib/server/listen.ts";
import { hammer } from "./_client.ts";
import { png, readyServer } from "./_server.ts";

const LOCAL = { hostname: "127.0.0.1", port: 0 };

Deno.test("drain() answers every request that was accepted", async () => {
  const { server, detector } = readyServer({ batchSize: 4 });
  const listening = await listen(server, LOCAL);
  const address = `http://127.0.0.1:${listening.port}`;
  const image = await png();
  const clients = Array.from({ length: 16 }, () => hammer(address, image));
  const scored = () => detector.batches.reduce((sum, size) => sum + size, 0);
  while (scored() < 40) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const start = performance.now();
  await listening.drain({ accept: 300 });
  const answers = (await Promise.all(clients)).flat();
  const accepted = answers.filter(({ sent }) => sent < start);
  assert.ok(accepted.length > 16);
  assert.deepEqual([...new Set(accepted.map(({ status }) => status))], [200]);
});

Deno.test("drain() refuses what would take too long, and still answers", async () => {
  const { server, detector } = readyServer({ batchSize: 1 });
  const { promise, resolve } = Promise.withResolvers<void>();
  const listening = await listen(server, LOCAL);
  const address = `http://127.0.0.1:${listening.port}`;
  detector.gate = promise;
  const image = await png();
  const all = Array.from({ length: 6 }, async () => {
    const response = await fetch(`${address}/v1/score?category=cup`, {
      method: "POST",
      headers: { "Content-Type": "image/png" },
      body: image,
    });
    await response.body?.cancel();
    return response.status;
  });
  while (server.lifecycle.isReady && detector.batches.length < 2) {
    await new Promise((done) => setTimeout(done, 5));
  }
  const drained = listening.drain({ accept: 10, refuse: 400, cut: 5000 });
  setTimeout(resolve, 600);
  const statuses = (await Promise.all(all)).sort();
  assert.deepEqual(statuses, [200, 200, 503, 503, 503, 503]);
  await drained;
});

Deno.test("drain() refuses uploads that do not end", async () => {
  const { server } = readyServer();
  const listening = await listen(server, LOCAL);
  const { readable, writable } = new TransformStream<
    Uint8Array<ArrayBuffer>,
    Uint8Array<ArrayBuffer>
  >();
  const writer = writable.getWriter();
  const asked = fetch(
    `http://127.0.0.1:${listening.port}/v1/score?category=cup`,
    {
      method: "POST",
      headers: { "Content-Type": "image/png" },
      body: readable,
    },
  );
  await writer.write(new Uint8Array(10));
  // Until the server holds the bytes, the connection may not be open yet.
  while (/^mfp_held_bytes 0$/m.test(await server.metrics.text())) {
    await new Promise((done) => setTimeout(done, 5));
  }
  const drained = listening.drain({ accept: 50, refuse: 100, cut: 5000 });
  const response = await asked;
  await response.body?.cancel();
  assert.equal(response.status, 503);
  await writer.close().catch(() => {});
  await drained;
});

Deno.test("drain() does not wait for a session that hangs", async () => {
  const { server, detector } = readyServer();
  const { promise, resolve } = Promise.withResolvers<void>();
  detector.gate = promise;
  const listening = await listen(server, LOCAL);
  const asked = fetch(
    `http://127.0.0.1:${listening.port}/v1/score?category=cup`,
    {
      method: "POST",
      headers: { "Content-Type": "image/png" },
      body: await png(),
    },
  );
  while (detector.batches.length === 0) {
    await new Promise((done) => setTimeout(done, 5));
  }
  // Without `cut` it would wait 7.5 seconds; the bound is far from both.
  const late = Promise.withResolvers<"late">();
  const timer = setTimeout(() => late.resolve("late"), 4000);
  const drained = listening.drain({ accept: 0, refuse: 20, cut: 100 });
  assert.equal(await Promise.race([drained, late.promise]), undefined);
  clearTimeout(timer);
  resolve();
  await (await asked).body?.cancel();
});

Deno.test("listen() opens a second port for health alone", async () => {
  const { server } = readyServer();
  const probe = Deno.listen(LOCAL);
  const healthPort = probe.addr.port;
  probe.close();
  const listening = await listen(server, { ...LOCAL, healthPort });
  const health = await fetch(`http://127.0.0.1:${healthPort}/ping`);
  await health.body?.cancel();
  const other = await fetch(`http://127.0.0.1:${healthPort}/docs`);
  await other.body?.cancel();
  assert.deepEqual([health.status, other.status], [200, 404]);
  await listening.drain({ accept: 0 });
});

Deno.test("a Host header that is no host is refused", async () => {
  const errors: unknown[] = [];
  const { server } = readyServer({ onError: (error) => errors.push(error) });
  const listening = await listen(server, { hostname: "127.0.0.1", port: 0 });
  for (const host of ["a b", "[::1", "x:99999", "x/metrics?", "x#", "u@x"]) {
    using connection = await Deno.connect({
      hostname: "127.0.0.1",
      port: listening.port,
    });
    const request =
      `POST /v1/score?category=cup HTTP/1.1\r\nHost: ${host}\r\n` +
      "Content-Type: image/png\r\nContent-Length: 4\r\n\r\nnone";
    await connection.write(new TextEncoder().encode(request));
    const answer = new Uint8Array(1000);
    const size = await connection.read(answer) ?? 0;
    const text = new TextDecoder().decode(answer.subarray(0, size));
    assert.match(text, /^HTTP\/1.1 400 /, host);
  }
  await listening.drain({ accept: 0 });
  assert.deepEqual(errors, []);
});

Deno.test("a server of this machine alone answers no other name", async () => {
  const { server } = readyServer();
  const listening = await listen(server, { ...LOCAL, isLocal: true });
  const ask = (host: string) =>
    untilClosed(
      listening.port,
      `GET /healthz HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
    );
  for (const host of ["localhost", "127.0.0.1:80", "[::1]"]) {
    assert.match(await ask(host), /^HTTP\/1.1 200 /);
  }
  for (const host of ["evil.example", "localhost.evil.example", "10.0.0.1"]) {
    assert.match(await ask(host), /^HTTP\/1.1 400 .*must be localhost/s);
  }
  await listening.drain({ accept: 0 });
});

/** Sends text over a connection of its own, and reads until it is closed. */
async function untilClosed(port: number, text: string): Promise<string> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  if (text !== "") await connection.write(new TextEncoder().encode(text));
  try {
    return await new Response(connection.readable).text();
  } catch (error) {
    if (error instanceof Deno.errors.ConnectionReset) return "";
    throw error;
  }
}

Deno.test("connections that keep silent are closed", async (t) => {
  const { server } = readyServer();
  const limits = { headers: 200, idle: 200, request: 600 };
  const listening = await listen(server, { ...LOCAL, ...limits });
  const silent: Record<string, [sent: string, answer: RegExp]> = {
    "nothing is sent": ["", /^(HTTP\/1.1 408 .*)?$/s],
    "half a request line": ["GET /heal", /^(HTTP\/1.1 408 .*)?$/s],
    "half of the headers": [
      "GET /healthz HTTP/1.1\r\nHost: a\r\n",
      /^(HTTP\/1.1 408 .*)?$/s,
    ],
    "no second request": [
      "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n",
      /^HTTP\/1.1 200 /,
    ],
    "half of a body": [
      "POST /v1/score?category=cup HTTP/1.1\r\nHost: a\r\n" +
      "Content-Type: image/png\r\nContent-Length: 9\r\n\r\nabc",
      /^(HTTP\/1.1 408 .*)?$/s,
    ],
  };
  for (const [name, [sent, answer]] of Object.entries(silent)) {
    await t.step(name, async () => {
      assert.match(await untilClosed(listening.port, sent), answer);
    });
  }
  await listening.drain({ accept: 0 });
});

Deno.test("more connections than the bound are closed, and the server answers", async () => {
  const { server } = readyServer();
  const listening = await listen(server, { ...LOCAL, connections: 8 });
  const address = { hostname: "127.0.0.1", port: listening.port };
  const held = [];
  for (let i = 0; i < 8; i++) held.push(await Deno.connect(address));
  const further = await untilClosed(listening.port, "");
  assert.equal(further, "");
  for (const connection of held) connection.close();
  const url = `http://127.0.0.1:${listening.port}/healthz`;
  // It takes a moment until the server sees that they are closed.
  const answer = async () => (await fetch(url)).body?.cancel().then(() => 1);
  while (await answer().catch(() => 0) !== 1);
  await listening.drain({ accept: 0 });
});

Deno.test("listen() says why a port cannot be opened", async () => {
  const { server } = readyServer();
  const open = Deno.listen(LOCAL);
  const { port } = open.addr;
  await assert.rejects(listen(server, { ...LOCAL, port }), {
    name: "ListenError",
    failure: "taken",
    message:
      `Cannot listen at 127.0.0.1:${port} as another program has the port`,
  });
  open.close();
  await assert.rejects(listen(server, { hostname: "a b", port: 0 }), {
    name: "ListenError",
    failure: "address",
    message: "Cannot listen at a b:0 as the host must be a name or an address",
  });
});
