import assert from "node:assert/strict";
import { b64, shortOf } from "../_results.ts";
import { postJson, readyServer } from "../_server.ts";

Deno.test("Vertex AI: instances get predictions in order", async () => {
  const path = "/v1/endpoints/1/deployedModels/2:predict";
  const { server } = readyServer({ predictRoute: path });
  const response = await postJson(server, path, {
    instances: [
      { b64: await b64(255) },
      { image: { b64: await b64(0) }, category: "nut" },
      { b64: await b64(0), uri: "s3://bucket/a.png" },
      "text",
    ],
    parameters: { category: "cup", heatmap: true },
  });
  assert.equal(response.status, 200);
  const { predictions } = await response.json();
  assert.deepEqual(shortOf(predictions), [
    ["ok", 1],
    ["ok", 0],
    ["error", "invalid_request"],
    ["error", "invalid_request"],
  ]);
  assert.deepEqual(
    [predictions[0].category, predictions[1].category],
    ["cup", "nut"],
  );
  assert.equal(typeof predictions[0].heatmap, "string");
  assert.equal((await postJson(server, path, { instances: [] })).status, 400);
});

Deno.test("too many instances are sent on to batches", async () => {
  const { server } = readyServer({ limits: { items: 2 } });
  const instances = Array.from({ length: 3 }, () => ({ b64: "AAAA" }));
  const response = await postJson(server, "/invocations", { instances });
  assert.equal(response.status, 413);
  assert.match((await response.json()).error, /\/v1\/batches/);
});

Deno.test("Open Inference Protocol: metadata and readiness", async () => {
  const { server } = readyServer();
  async function get(path: string) {
    const response = await server.app.request(path);
    return { status: response.status, body: await response.json() };
  }
  const server2 = await get("/v2");
  assert.deepEqual(server2.body.extensions, []);
  const { body } = await get("/v2/models/fake");
  assert.deepEqual(body.inputs.map(({ name }: { name: string }) => name), [
    "image",
    "category",
  ]);
  const ready = await get("/v2/models/fake/versions/1/ready");
  assert.deepEqual(ready, { status: 200, body: { name: "fake", ready: true } });
  assert.equal((await get("/v2/models/other")).status, 404);
  assert.equal((await get("/v2/models/fake/versions/9")).status, 400);
});

Deno.test("Open Inference Protocol: tensors in, tensors out", async () => {
  const { server } = readyServer();
  const response = await postJson(server, "/v2/models/fake/infer", {
    id: "42",
    inputs: [
      {
        name: "image",
        shape: [3],
        datatype: "BYTES",
        data: [await b64(255), "AAAA", await b64(0)],
      },
      { name: "category", shape: [1], datatype: "BYTES", data: ["cup"] },
    ],
  });
  assert.equal(response.status, 200);
  const answer = await response.json();
  assert.deepEqual([answer.model_name, answer.id], ["fake", "42"]);
  const tensors = Object.fromEntries(
    answer.outputs.map((
      { name, data }: { name: string; data: unknown[] },
    ) => [name, data]),
  );
  assert.deepEqual(Object.keys(tensors), ["score", "score_logit", "error"]);
  assert.deepEqual(tensors.score, [1, null, 0]);
  assert.match(tensors.error[1], /format/);
});

Deno.test("Open Inference Protocol: an id is any text of at most 1000 characters", async () => {
  const { server } = readyServer();
  const data = [await b64(255)];
  const inputs = [{ name: "image", shape: [1], datatype: "BYTES", data }];
  const ask = async (id: unknown) =>
    await (await postJson(server, "/v2/models/fake/infer", { id, inputs }))
      .json();
  for (const id of ["", "A".repeat(1000), "ü".repeat(1000)]) {
    assert.equal((await ask(id)).id, id);
  }
  for (const id of ["A".repeat(1024), "-".repeat(1001), 42]) {
    const { error } = await ask(id);
    assert.match(error, /as id must be .*: a text of at most 1000 characters$/);
  }
});

Deno.test("texts that are long and base64 are called so where they are refused", async () => {
  const { server } = readyServer();
  const instance = { b64: await b64(255), category: "A".repeat(1024) };
  const instances = [instance];
  const answer = await postJson(server, "/invocations", { instances });
  const { predictions: [{ error }] } = await answer.json();
  assert.match(error, /category must be .* received a long text in base64$/);
});

Deno.test("Open Inference Protocol: outputs are chosen by name", async () => {
  const { server } = readyServer();
  const inputs = [
    { name: "image", shape: [1], datatype: "BYTES", data: [await b64(255)] },
  ];
  const outputs = [{ name: "heatmap" }];
  const path = "/v2/models/fake/versions/1/infer";
  const answer = await (await postJson(server, path, { inputs, outputs }))
    .json();
  assert.equal(answer.outputs.length, 1);
  assert.equal(answer.outputs[0].name, "heatmap");
  assert.equal(Uint8Array.fromBase64(answer.outputs[0].data[0])[0], 0x89);
});

Deno.test("Open Inference Protocol: other tensors are refused", async () => {
  const { server } = readyServer();
  const image = { name: "image", shape: [1], datatype: "BYTES", data: ["A"] };
  const wrong = [
    [{ ...image, name: "pixels" }],
    [{ ...image, shape: [2] }],
    [{ ...image, datatype: "FP32" }],
    [{ ...image, data: [1] }],
    [image, { ...image, name: "uri" }],
    [image, { ...image, name: "category", shape: [2], data: ["a", "b"] }],
    [],
  ];
  for (const inputs of wrong) {
    const response = await postJson(server, "/v2/models/fake/infer", {
      inputs,
    });
    assert.equal(response.status, 400, JSON.stringify(inputs));
    assert.equal(typeof (await response.json()).error, "string");
  }
});

Deno.test("Open Inference Protocol: data may be nested as the shape is", async () => {
  const { server } = readyServer();
  const data = [[await b64(255)], [await b64(0)]];
  const response = await postJson(server, "/v2/models/fake/infer", {
    inputs: [{ name: "image", shape: [2, 1], datatype: "BYTES", data }],
  });
  const { outputs: [score] } = await response.json();
  assert.deepEqual(score.data, [1, 0]);
});

Deno.test("Open Inference Protocol: other outputs, and inputs twice, are refused", async () => {
  const { server } = readyServer();
  const image = { name: "image", shape: [1], datatype: "BYTES", data: ["AA"] };
  const bodies = [
    { inputs: [image], outputs: [{ name: "score" }, { name: "mask" }] },
    { inputs: [image, image] },
  ];
  for (const body of bodies) {
    const response = await postJson(server, "/v2/models/fake/infer", body);
    assert.equal(response.status, 400);
  }
});
