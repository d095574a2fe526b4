import assert from "node:assert/strict";
import { allStores } from "../../lib/batch/stores.ts";
import type { ScoringServer } from "../../lib/server/server.ts";
import { encodePngHeader, zipBomb } from "./_bombs.ts";
import { imageForm, png, readyServer } from "./_server.ts";

const REQUESTS = 1000;
const SCORE = "/v1/score?category=cup";
const TOKEN = "secret";

const TENSORS = JSON.stringify({
  inputs: [{ name: "image", shape: [1], datatype: "BYTES", data: ["AAAA"] }],
});

interface Malformed {
  readonly name: string;
  readonly status: number;
  readonly path?: string;
  readonly method?: string;
  readonly body?: BodyInit;
  readonly headers?: Readonly<Record<string, string>>;
}

type Bytes = Uint8Array<ArrayBuffer>;

/** Bytes that differ from one request to the next. */
function noise(seed: number, size: number): Bytes {
  let state = seed * 2654435761 >>> 0;
  return Uint8Array.from({ length: size }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  });
}

function images(seed: number, good: Bytes): Malformed[] {
  const image = { "Content-Type": "image/png" };
  const cut = 40 + seed % (good.length - 60);
  return [
    {
      name: "noise",
      status: 415,
      body: noise(seed, 100 + seed),
      headers: image,
    },
    { name: "empty", status: 415, body: new Uint8Array(0), headers: image },
    { name: "GIF", status: 415, body: `GIF89a${seed}`, headers: image },
    { name: "SVG", status: 415, body: `<svg id="${seed}"/>`, headers: image },
    { name: "cut PNG", status: 422, body: good.slice(0, cut), headers: image },
    {
      name: "100 megapixels",
      status: 413,
      body: encodePngHeader(10_000, 10_000 + seed),
      headers: image,
    },
    { name: "zip bomb", status: 415, body: zipBomb(), headers: image },
    {
      name: "gzip bomb",
      status: 415,
      body: zipBomb(),
      headers: { ...image, "Content-Encoding": "gzip" },
    },
    {
      name: "too many bytes",
      status: 413,
      body: new Uint8Array(100_001 + seed),
      headers: image,
    },
    {
      name: "wrong type",
      status: 415,
      body: good,
      headers: { "Content-Type": ["text/html", "video/mp4", "x"][seed % 3]! },
    },
    {
      name: "no such answer",
      status: 406,
      body: good,
      headers: { ...image, Accept: "audio/ogg" },
    },
  ];
}

function categories(seed: number, good: Bytes): Malformed[] {
  const headers = { "Content-Type": "image/png" };
  return ["", "x".repeat(201 + seed), "a%00b", "%0A", "%20"].map((text) => ({
    name: `category ${text.slice(0, 4)}`,
    status: 400,
    path: `/v1/score?category=${text}`,
    body: good,
    headers,
  }));
}

async function forms(seed: number, good: Bytes): Promise<Malformed[]> {
  const whole = new Response(imageForm(good, { category: "cup" }));
  const headers = { "Content-Type": whole.headers.get("Content-Type")! };
  const body = await whole.bytes();
  const cut = Math.max(body.length - 3 - seed % (body.length - 10), 1);
  const other = new FormData();
  other.set("picture", new File([good], "a.png"));
  const text = new FormData();
  text.set("image", "text");
  return [
    { name: "cut form", status: 400, body: body.slice(0, cut), headers },
    { name: "form of noise", status: 400, body: noise(seed, 300), headers },
    { name: "form without image", status: 400, body: other },
    { name: "form with text", status: 400, body: text },
    {
      name: "form without boundary",
      status: 415,
      body,
      headers: { "Content-Type": "multipart/form-data" },
    },
  ];
}

function addresses(seed: number): Malformed[] {
  const path = "/v1/batches";
  const headers = { "Content-Type": "application/json" };
  const output = "s3://mine/out/";
  const inputs: [string, number, string][] = [
    ["traversal", 400, `s3://mine/${"../".repeat(1 + seed % 9)}etc/passwd`],
    ["bare path", 400, "/etc/passwd"],
    ["web address", 400, "http://169.254.169.254/latest"],
    ["foreign bucket", 403, `s3://foreign-${seed}/images/`],
    ["local file", 403, "file:///etc/"],
  ];
  return inputs.map(([name, status, input]) => ({
    name,
    status,
    path,
    body: JSON.stringify({ input, output }),
    headers,
  }));
}

function documents(seed: number): Malformed[] {
  const json = { "Content-Type": "application/json" };
  const foreign = { name: `${seed}.png`, bucket: "foreign" };
  return [
    ["broken JSON", 400, "/v1/batches", `{"input": ${seed}`],
    ["unknown field", 400, "/v1/batches", `{"input": "s", "x": ${seed}}`],
    ["JSON null", 400, "/v1/batches", "null"],
    ["no instances", 400, "/invocations", `{"instances": ${seed}}`],
    ["other model", 404, `/v2/models/m${seed}/infer`, TENSORS],
    ["no tensors", 400, "/v2/models/fake/infer", `{"inputs": "${seed}"}`],
    ["no event", 400, "/", `{"seed": ${seed}}`],
    ["foreign event", 403, "/", JSON.stringify(foreign)],
  ].map(([name, status, path, body]) => ({
    name: String(name),
    status: Number(status),
    path: String(path),
    body: String(body),
    headers: name === "foreign event"
      ? { ...json, "ce-type": "google.cloud.storage.object.v1.finalized" }
      : json,
  }));
}

/** JSON in a body of no type, or of another. */
function untyped(seed: number): Malformed[] {
  const paths = ["/v1/batches", "/predict", "/v2/models/fake/infer"];
  const body = new TextEncoder().encode(`{"seed": ${seed}}`);
  return paths.flatMap((path) => [
    { name: `no type ${path}`, status: 415, path, body },
    {
      name: `other type ${path}`,
      status: 415,
      path,
      body,
      headers: { "Content-Type": "text/csv" },
    },
    { name: `nothing ${path}`, status: 400, path, body: new Uint8Array() },
  ]);
}

function credentials(seed: number, good: Bytes): Malformed[] {
  const wrong: [string, number][] = [
    [`Bearer ${TOKEN}${seed}`, 401],
    [`Bearer ${"x".repeat(seed % 50 + 1)}`, 401],
    ["Bearer", 400],
    ["Basic c2VjcmV0", 400],
    [`Bearer ${TOKEN} ${TOKEN}`, 400],
  ];
  return wrong.map(([authorization, status]) => ({
    name: authorization,
    status,
    body: good,
    headers: { "Content-Type": "image/png", Authorization: authorization },
  }));
}

function routes(seed: number): Malformed[] {
  return [
    { name: "no route", status: 404, path: `/nothing/${seed}` },
    {
      name: "other method",
      status: 405,
      path: "/v1/score",
      method: "DELETE",
    },
    {
      name: "batch outside",
      status: 404,
      path: "/v1/batches/..%2f..%2fetc%2fpasswd",
      method: "GET",
    },
  ];
}

async function table(seed: number, good: Bytes): Promise<Malformed[]> {
  return [
    ...images(seed, good),
    ...categories(seed, good),
    ...await forms(seed, good),
    ...addresses(seed),
    ...documents(seed),
    ...untyped(seed),
    ...credentials(seed, good),
    ...routes(seed),
  ];
}

async function send(
  { app }: ScoringServer,
  { path = SCORE, method = "POST", body, headers }: Omit<Malformed, "name">,
): Promise<Response> {
  return await app.request(path, {
    method,
    headers: { Authorization: `Bearer ${TOKEN}`, ...headers },
    ...body !== undefined && { body },
  });
}

Deno.test("1,000 malformed requests get their 4xx, and do no harm", async () => {
  const defects: unknown[] = [];
  const { server } = readyServer({
    tokens: [TOKEN],
    predictRoute: "/predict",
    allowInput: ["s3://mine/"],
    allowOutput: ["s3://mine/out/"],
    events: allStores().folder("/nowhere"),
    state: allStores().folder("/nowhere"),
    pollMilliseconds: 1e6,
    limits: { bodyBytes: 100_000 },
    onError: (error) => defects.push(error),
  });
  const good = await png(51, { width: 64, height: 64 });
  const image = { "Content-Type": "image/png" };
  let sent = 0;
  for (let seed = 0; sent < REQUESTS; seed++) {
    for (const { name, status, ...request } of await table(seed, good)) {
      const response = await send(server, { status, ...request });
      const answer = await response.text();
      assert.equal(response.status, status, `${name} ${seed}: ${answer}`);
      if (!answer.includes("results")) {
        assert.match(answer, /"error":"Cannot /, `${name} ${seed}`);
      }
      sent++;
    }
    const next = await send(server, {
      status: 200,
      body: good,
      headers: image,
    });
    assert.equal(next.status, 200);
    await next.body?.cancel();
  }
  await server.drain();
  assert.deepEqual(defects, []);
});
