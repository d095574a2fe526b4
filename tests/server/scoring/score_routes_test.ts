import assert from "node:assert/strict";
import { allStores } from "../../../lib/batch/stores.ts";
import { ScoringServer } from "../../../lib/server/server.ts";
import {
  FakeDetector,
  imageForm,
  png,
  post,
  readyServer,
  SETTINGS,
  SIDE,
} from "../_server.ts";

const PNG = { "Content-Type": "image/png" };

Deno.test("POST /v1/score answers scores of an image", async () => {
  const { server } = readyServer();
  const response = await post(
    server,
    "/v1/score?category=bottle",
    await png(51),
    PNG,
  );
  assert.equal(response.status, 200);
  const { milliseconds, ...answer } = await response.json();
  assert.deepEqual(answer, {
    status: "ok",
    category: "bottle",
    score: 0.2,
    score_logit: answer.score_logit,
    width: 12,
    height: 10,
    side: SIDE,
  });
  assert.deepEqual(Object.keys(milliseconds), ["decode", "queue", "session"]);
  assert.match(response.headers.get("X-Request-Id") ?? "", /^[\w-]+$/);
});

Deno.test("POST /v1/score keeps the request id of the client", async () => {
  const { server } = readyServer();
  const headers = { ...PNG, "X-Request-Id": "mine-1" };
  const response = await post(server, "/v1/score", await png(), headers);
  assert.equal(response.status, 400);
  assert.equal(response.headers.get("X-Request-Id"), "mine-1");
  assert.equal((await response.json()).request_id, "mine-1");
});

Deno.test("POST /v1/score answers a heatmap where PNG is preferred", async () => {
  const { server } = readyServer();
  const response = await post(server, "/v1/score?category=cup", await png(), {
    ...PNG,
    Accept: "application/json;q=0.5, image/png",
  });
  assert.equal(response.headers.get("Content-Type"), "image/png");
  assert.equal(response.headers.get("X-Score"), "0.2");
  const bytes = await response.bytes();
  assert.deepEqual(
    [...bytes.subarray(1, 4)],
    [..."PNG"].map((letter) => letter.charCodeAt(0)),
  );
});

Deno.test("POST /v1/score puts the heatmap into JSON where asked", async () => {
  const { server } = readyServer();
  const path = "/v1/score?category=cup&heatmap=true";
  const { heatmap } = await (await post(server, path, await png(), PNG)).json();
  assert.equal(Uint8Array.fromBase64(heatmap)[0], 0x89);
});

Deno.test("POST /v1/score answers 406 to other media types", async () => {
  const { server } = readyServer();
  const headers = { ...PNG, Accept: "text/html" };
  const path = "/v1/score?category=cup";
  const response = await post(server, path, await png(), headers);
  assert.equal(response.status, 406);
});

Deno.test("POST /v1/score reads a form", async () => {
  const { server } = readyServer();
  const form = imageForm(await png(102), { category: "metal nut" });
  const response = await post(server, "/v1/score", form);
  const { category, score } = await response.json();
  assert.deepEqual([category, score], ["metal nut", 0.4]);
});

Deno.test("POST /v1/score puts concurrent images into batches", async () => {
  const { server, detector } = readyServer({ batchSize: 4, batchDelay: 50 });
  const image = await png();
  const responses = await Promise.all(
    Array.from(
      { length: 12 },
      () => post(server, "/v1/score?category=cup", image, PNG),
    ),
  );
  assert.ok(responses.every(({ status }) => status === 200));
  assert.equal(detector.batches.reduce((sum, size) => sum + size, 0), 12);
  assert.ok(detector.batches.length < 12);
});

Deno.test("POST /v1/score refuses more images than may wait", async () => {
  const { server, detector } = readyServer({ limits: { queue: 2 } });
  const { promise, resolve } = Promise.withResolvers<void>();
  detector.gate = promise;
  const image = await png();
  const all = Array.from(
    { length: 5 },
    () => post(server, "/v1/score?category=cup", image, PNG),
  );
  const first = await Promise.race(all);
  assert.equal(first.status, 429);
  assert.equal(first.headers.get("Retry-After"), "1");
  resolve();
  const statuses = (await Promise.all(all)).map(({ status }) => status);
  assert.deepEqual(statuses.sort(), [200, 200, 429, 429, 429]);
});

Deno.test("POST /v1/score ends what takes too long with 504", async () => {
  const { server, detector } = readyServer({
    limits: { requestMilliseconds: 20 },
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  detector.gate = promise;
  const image = await png();
  const running = post(server, "/v1/score?category=cup", image, PNG);
  const waiting = post(server, "/v1/score?category=cup", image, PNG);
  setTimeout(resolve, 60);
  const statuses = [(await running).status, (await waiting).status];
  assert.ok(statuses.includes(504), `${statuses}`);
});

Deno.test("POST /v1/score knows only the categories it is told", async () => {
  const { server } = readyServer({ allowCategories: ["cup"] });
  const image = await png();
  const known = await post(server, "/v1/score?category=cup", image, PNG);
  const other = await post(server, "/v1/score?category=nut", image, PNG);
  assert.deepEqual([known.status, other.status], [200, 400]);
});

Deno.test("POST /v1/score hides why the model failed", async () => {
  const told: unknown[] = [];
  const { server, detector } = readyServer({ onError: (e) => told.push(e) });
  detector.poison = "bad";
  const path = "/v1/score?category=bad";
  const response = await post(server, path, await png(), PNG);
  assert.equal(response.status, 500);
  assert.doesNotMatch((await response.json()).error, /fake/);
  assert.match(String(told[0]), /the fake fails/);
});

Deno.test("a session that keeps failing makes the server unhealthy", async () => {
  const { server, detector } = readyServer();
  detector.poison = "bad";
  const image = await png();
  for (let i = 0; i < 3; i++) {
    await post(server, "/v1/score?category=bad", image, PNG);
  }
  assert.equal((await server.app.request("/healthz")).status, 503);
  detector.poison = "";
  await post(server, "/v1/score?category=good", image, PNG);
  assert.equal((await server.app.request("/healthz")).status, 200);
});

Deno.test("the fake detector scores by brightness", async () => {
  const detector = new FakeDetector();
  const pixels = new Uint8Array(SIDE * SIDE * 3).fill(255);
  const [found] = await detector.detect([{ pixels, category: "cup" }]);
  assert.equal(found?.imageScore, 1);
});

Deno.test("POST /v1/score answers 504 though the session is stuck", async () => {
  const { server, detector } = readyServer({
    limits: { requestMilliseconds: 20 },
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  detector.gate = promise;
  const headers = { "Content-Type": "image/png" };
  const path = "/v1/score?category=cup";
  const answers = await Promise.all(
    [1, 2].map(async () => await post(server, path, await png(), headers)),
  );
  assert.deepEqual(answers.map(({ status }) => status), [504, 504]);
  resolve();
});

Deno.test("POST /v1/score tells what to know of the prompt", async () => {
  const server = new ScoringServer({
    modelName: "fake",
    stores: allStores(),
    batchDelay: 0,
  });
  const warning = "the prompt was cut";
  const detector = Object.assign(new FakeDetector(), {
    promptWarnings: (category: string) => category === "cup" ? [] : [warning],
  });
  server.modelLoaded({ detector, settings: SETTINGS });
  async function warningsOf(category: string): Promise<unknown> {
    const path = `/v1/score?category=${category}`;
    return (await (await post(server, path, await png(), PNG)).json()).warnings;
  }
  assert.deepEqual(await warningsOf("steel"), [warning]);
  assert.equal(await warningsOf("cup"), undefined);
  server.close();
});

Deno.test("POST /v1/score refuses a form that says two categories, or none in a text", async () => {
  const { server } = readyServer();
  const image = await png();
  const ask = async (query: string, ...values: (string | File)[]) => {
    const form = imageForm(image);
    for (const value of values) form.append("category", value as string);
    const response = await post(server, `/v1/score${query}`, form);
    return { status: response.status, ...await response.json() };
  };
  const file = new File(["cup"], "cup.txt");
  for (
    const [query, values, pattern] of [
      ["", ["cup", "nut"], /at most one category, a text/],
      ["", ["cup", "cup"], /at most one category, a text/],
      ["", [file], /at most one category, a text/],
      ["?category=cup", [file], /at most one category, a text/],
      ["?category=cup", ["nut"], /the profile, "cup": current value is "nut"/],
    ] as const
  ) {
    const { status, error } = await ask(query, ...values);
    assert.equal(status, 400, `${query} ${values}`);
    assert.match(error, pattern);
  }
  assert.equal((await ask("?category=cup", "cup")).category, "cup");
});
