import assert from "node:assert/strict";
import { b64, shortOf } from "../_results.ts";
import { png, post, readyServer, temporaryFolder } from "../_server.ts";

async function linesOf(response: Response) {
  const text = await response.text();
  return text.trim().split("\n").map((line) => JSON.parse(line));
}

Deno.test("SageMaker: raw bytes get scores, or a heatmap", async () => {
  const { server } = readyServer();
  const image = await png(255);
  const scores = await post(server, "/invocations", image, {
    "Content-Type": "application/x-image",
    "X-Amzn-SageMaker-Custom-Attributes": "trace=1; category=metal nut",
  });
  const { category, score } = await scores.json();
  assert.deepEqual([category, score], ["metal nut", 1]);
  const heatmap = await post(server, "/invocations", image, {
    "Content-Type": "image/png",
    Accept: "image/png",
  });
  assert.equal(heatmap.headers.get("Content-Type"), "image/png");
});

Deno.test("SageMaker: the header of a category is UTF-8 where it can be, or Latin-1", async () => {
  const { server } = readyServer();
  const image = await png();
  // Each character is a byte of the header, as it is of one from a socket.
  for (const name of ["M\xc3\xbctter \xe6\xaf\x94", "M\xfctter"]) {
    const response = await post(server, "/invocations", image, {
      "Content-Type": "image/png",
      "X-Amzn-SageMaker-Custom-Attributes": `category=${name}`,
    });
    const expected = name.length > 6 ? "Mütter 比" : "Mütter";
    assert.equal((await response.json()).category, expected);
  }
});

Deno.test("SageMaker: lines of JSON get a line each, in order", async () => {
  const { server } = readyServer();
  const lines = [
    JSON.stringify({ b64: await b64(255), category: "cup" }),
    "no json",
    JSON.stringify({ b64: "AAAA" }),
    JSON.stringify({ b64: await b64(0) }),
  ];
  const body = lines.join("\n");
  const response = await post(server, "/invocations", body, {
    "Content-Type": "application/jsonlines",
  });
  assert.equal(response.status, 200);
  const results = await linesOf(response);
  assert.deepEqual(shortOf(results), [
    ["ok", 1],
    ["error", "invalid_request"],
    ["error", "unsupported_format"],
    ["ok", 0],
  ]);
  assert.equal(results[3].category, "object");
});

Deno.test("SageMaker: a list of addresses is read where allowed", async () => {
  await using folder = await temporaryFolder();
  await Deno.writeFile(`${folder.path}/a.png`, await png(255));
  const { server } = readyServer({ allowInput: [folder.uri] });
  const list = `${folder.uri}a.png,cup\nfile:///etc/hostname\n` +
    `${folder.uri}b.png\n`;
  const response = await post(server, "/invocations", list, {
    "Content-Type": "text/csv",
  });
  const results = await linesOf(response);
  assert.deepEqual(shortOf(results), [
    ["ok", 1],
    ["error", "forbidden"],
    ["error", "not_found"],
  ]);
});

Deno.test("SageMaker: a list of megabytes is refused before it is looked at", async () => {
  const { server } = readyServer();
  const list = `file:///${"a".repeat(3_000_000)}`;
  const headers = { "Content-Type": "text/csv" };
  const response = await post(server, "/invocations", list, headers);
  assert.equal(response.status, 413);
  await response.body?.cancel();
  server.close();
});

Deno.test("SageMaker: an image's faults are results in batch transform only", async () => {
  const headers = { "Content-Type": "application/x-image" };
  const limits = { pixels: 200 };
  const bodies = [
    [(await png()).slice(0, 60), 422, "broken_image"],
    [new Uint8Array(0), 415, "unsupported_format"],
    [await png(1, { width: 20, height: 20 }), 413, "too_large"],
  ] as const;
  for (const [body, refusal, reason] of bodies) {
    const { server } = readyServer({ limits });
    const refused = await post(server, "/invocations", body, headers);
    assert.equal(refused.status, refusal);
    const { server: batch } = readyServer({ limits, isTransform: true });
    const told = await post(batch, "/invocations", body, headers);
    assert.equal(told.status, 200);
    const result = await told.json();
    assert.deepEqual([result.status, result.reason], ["error", reason]);
    assert.match(result.error, /^Cannot /);
  }
});

Deno.test("SageMaker: batch transform is still told of failures of the server", async () => {
  const { server, detector } = readyServer({ isTransform: true });
  detector.poison = "object";
  const headers = { "Content-Type": "application/x-image" };
  const failing = await post(server, "/invocations", await png(), headers);
  assert.equal(failing.status, 500);
  const other = { "Content-Type": "text/html" };
  const wrong = await post(server, "/invocations", await png(), other);
  assert.equal(wrong.status, 415);
});

Deno.test("SageMaker: batch transform is told to send what AWS allows", async () => {
  async function told(limits: { bodyBytes?: number; queue?: number }) {
    const { server } = readyServer({ limits });
    const response = await server.app.request("/execution-parameters");
    const {
      MaxConcurrentTransforms: transforms,
      MaxPayloadInMB: megabytes,
      BatchStrategy: strategy,
    } = await response.json();
    assert.equal(strategy, "SINGLE_RECORD");
    assert.ok(transforms * megabytes <= 100, `${transforms} x ${megabytes}`);
    return [transforms, megabytes];
  }
  assert.deepEqual(await told({}), [3, 32]);
  assert.deepEqual(await told({ bodyBytes: 1000 }), [32, 1]);
  assert.deepEqual(await told({ bodyBytes: 1000, queue: 5 }), [5, 1]);
  assert.deepEqual(await told({ bodyBytes: 60 << 20 }), [1, 60]);
  assert.deepEqual(await told({ bodyBytes: 4096e6 }), [1, 100]);
});
