import assert from "node:assert/strict";
import { allStores } from "../../../../lib/batch/stores.ts";
import { assertBounded } from "../../../../lib/server/requests/parsing/json_bounds.ts";
import { post, postJson, readyServer, temporaryFolder } from "../../_server.ts";

const JSON_TYPE = { "Content-Type": "application/json" };
const LINES_TYPE = { "Content-Type": "application/jsonlines" };

function isRefused(text: string): boolean {
  try {
    assertBounded(new TextEncoder().encode(text));
    return false;
  } catch {
    return true;
  }
}

function deep(levels: number): string {
  return "[".repeat(levels) + "]".repeat(levels);
}

Deno.test("assertBounded() refuses what is deep or has very many members", () => {
  assert.equal(isRefused(deep(64)), false);
  assert.equal(isRefused(deep(65)), true);
  assert.equal(isRefused('{"a":'.repeat(65)), true);
  assert.equal(isRefused(`[${"0,".repeat(20_000)}0]`), false);
  assert.equal(isRefused(`[${"0,".repeat(20_001)}0]`), true);
});

Deno.test("assertBounded() passes over what stands in texts", () => {
  assert.equal(
    isRefused(JSON.stringify([deep(70), ",".repeat(30_000)])),
    false,
  );
  assert.equal(isRefused(`["\\"${deep(70)}"]`), false);
  assert.equal(isRefused(`["\\\\",${deep(70)}]`), true);
  assert.equal(isRefused(`["never ends, ${deep(70)}`), false);
});

Deno.test("JSON is looked at before it is parsed, on every route", async () => {
  await using folder = await temporaryFolder();
  const { server } = readyServer({
    predictRoute: "/predict",
    events: allStores().folder(folder.path),
    state: allStores().folder(folder.path),
  });
  const many = `[${"0,".repeat(20_001)}0]`;
  const bodies: [string, string][] = [
    ["/", `{"Records":${many}}`],
    ["/invocations", `{"instances":${deep(100)}}`],
    ["/predict", `{"instances":${many}}`],
    ["/v2/models/fake/infer", `{"inputs":${deep(100)}}`],
    ["/v1/batches", `{"input":${many}}`],
  ];
  for (const [path, body] of bodies) {
    assert.equal((await post(server, path, body, JSON_TYPE)).status, 413, path);
  }
  const line = await post(
    server,
    "/invocations",
    `"\n${deep(100)}`,
    LINES_TYPE,
  );
  assert.equal(line.status, 413);
  const event = await post(server, "/", many, {
    "Content-Type": "application/cloudevents-batch+json",
  });
  assert.equal(event.status, 413);
  await server.drain();
});

Deno.test("lines are counted before they are read, the empty ones too", async () => {
  const { server } = readyServer({ limits: { items: 2 } });
  async function statusOf(type: string, body: string): Promise<number> {
    const headers = { "Content-Type": type };
    return (await post(server, "/invocations", body, headers)).status;
  }
  for (const type of ["application/jsonlines", "text/csv"]) {
    assert.equal(await statusOf(type, "a\r\n\r\nb\r\n"), 200);
    assert.equal(await statusOf(type, "a\nb\nc"), 413);
    assert.equal(await statusOf(type, "\n".repeat(100)), 413);
  }
});

Deno.test("answers do not repeat all of a long request", async () => {
  const { server } = readyServer({ allowInput: ["file:///nowhere/"] });
  const long = "x".repeat(100_000);
  const name = await postJson(server, "/v2/models/fake/infer", {
    inputs: [{ name: long, shape: [1], datatype: "BYTES", data: [""] }],
  });
  const uri = await postJson(server, "/invocations", {
    instances: [{ uri: `file:///nowhere/${long}` }],
  });
  for (const response of [name, uri]) {
    assert.ok((await response.text()).length < 2000);
  }
});

Deno.test("a form of very many parts is refused", async () => {
  const { server } = readyServer();
  const part = '--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n\r\n';
  const response = await post(
    server,
    "/v1/score?category=cup",
    `${part.repeat(1000)}--b--\r\n`,
    { "Content-Type": "multipart/form-data; boundary=b" },
  );
  assert.equal(response.status, 400);
  assert.match((await response.json()).error, /few parts/);
});
