import assert from "node:assert/strict";
import { HTTPException } from "hono/http-exception";
import { BodyParser } from "../../../../lib/server/requests/parsing/body_parser.ts";
import { imageForm, postJson, readyServer } from "../../_server.ts";

/** More bytes than are read on the event loop. */
const LARGE = 1_200_000;
const never = new AbortController().signal;

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

async function statusOf(work: Promise<unknown>): Promise<number> {
  const error = await work.then(() => undefined, (error) => error);
  assert.ok(error instanceof HTTPException, `${error}`);
  return error.status;
}

Deno.test("BodyParser reads small and large JSON to the same", async () => {
  using parser = new BodyParser();
  const image = new Uint8Array(2000).fill(7);
  const value = { list: [1, null, "short"], b64: image.toBase64() };
  for (const space of [0, LARGE]) {
    const body = bytesOf(JSON.stringify(value) + " ".repeat(space));
    const found = await parser.parse(body, { kind: "json" }, never);
    assert.deepEqual(found, { ...value, b64: image });
  }
});

Deno.test("BodyParser reads small and large lines and forms to the same", async () => {
  using parser = new BodyParser();
  for (const size of [10, LARGE]) {
    const image = new Uint8Array(size).fill(9);
    const line = JSON.stringify({ b64: image.toBase64() });
    const how = { kind: "lines", most: 2 } as const;
    const lines = await parser.parse(bytesOf(`${line}\n\nno\n`), how, never);
    const b64 = size < 1000 ? image.toBase64() : image;
    assert.deepEqual(lines, [{ b64 }, "no"]);
    const request = new Response(imageForm(image, { category: "cup" }));
    const contentType = request.headers.get("Content-Type")!;
    const form = { kind: "form", contentType, most: 9 } as const;
    assert.deepEqual(await parser.parse(await request.bytes(), form, never), [
      { name: "image", value: image, fileName: "a.png" },
      { name: "category", value: "cup" },
    ]);
  }
});

Deno.test("BodyParser refuses what is no JSON, large or small", async () => {
  using parser = new BodyParser();
  const how = { kind: "json" } as const;
  for (
    const text of ["{", "{".padEnd(LARGE), "\ud800".padEnd(LARGE, "\ud800")]
  ) {
    assert.equal(await statusOf(parser.parse(bytesOf(text), how, never)), 400);
  }
  const deep = bytesOf("[".repeat(LARGE));
  assert.equal(await statusOf(parser.parse(deep, how, never)), 413);
});

Deno.test("BodyParser refuses more text than is worth copying", async () => {
  using parser = new BodyParser();
  const body = bytesOf(JSON.stringify("?".repeat(3_000_000)));
  assert.equal(
    await statusOf(parser.parse(body, { kind: "json" }, never)),
    413,
  );
});

Deno.test("BodyParser gives up what takes too long, and reads the next", async () => {
  using hasty = new BodyParser(1);
  const how = { kind: "json" } as const;
  const body = () => bytesOf("[]".padEnd(LARGE));
  assert.equal(await statusOf(hasty.parse(body(), how, never)), 413);
  using parser = new BodyParser();
  assert.deepEqual(await parser.parse(body(), how, never), []);
});

Deno.test("BodyParser does not answer one body with another", async () => {
  using parser = new BodyParser();
  const how = { kind: "json" } as const;
  const controller = new AbortController();
  const { signal } = controller;
  const left = parser.parse(bytesOf("[1]".padEnd(LARGE)), how, signal);
  const next = parser.parse(bytesOf("[2]".padEnd(LARGE)), how, never);
  controller.abort(new Error("left"));
  await assert.rejects(left, { message: "left" });
  assert.deepEqual(await next, [2]);
});

Deno.test("large bodies are scored as small ones are", async () => {
  const { server } = readyServer();
  const image = { b64: new Uint8Array(LARGE).toBase64() };
  const body = { instances: [image, { b64: "no!" }] };
  const response = await postJson(server, "/invocations", body);
  const { predictions } = await response.json();
  assert.deepEqual(
    predictions.map(({ reason }: { reason: string }) => reason),
    ["unsupported_format", "invalid_request"],
  );
  const inputs = [
    { name: "image", shape: [1], datatype: "BYTES", data: [image.b64] },
  ];
  const answer = await postJson(server, "/v2/models/fake/infer", { inputs });
  assert.equal(answer.status, 200);
  const { outputs } = await answer.json();
  const error = outputs.find(({ name }: { name: string }) => name === "error");
  assert.match(error.data[0], /^Cannot decode the image/);
  server.close();
});
