import assert from "node:assert/strict";
import { readyServer } from "../_server.ts";

Deno.test("GET /v1/places lists the folders that requests may name", async () => {
  const { server } = readyServer({
    allowInput: ["s3://line-4/", "file:///data"],
    allowOutput: ["gs://results/a"],
  });
  const response = await server.app.request("/v1/places");
  assert.deepEqual(await response.json(), {
    input: ["s3://line-4/", "file:///data/"],
    output: ["s3://results/a/"],
  });
});

Deno.test("GET /v1/places asks for the token of the server", async () => {
  const { server } = readyServer({ tokens: ["secret"] });
  const response = await server.app.request("/v1/places");
  assert.equal(response.status, 401);
});
