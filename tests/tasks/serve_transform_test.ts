import assert from "node:assert/strict";
import { startServer, untilReady } from "../server/_client.ts";
import { png, temporaryFolder } from "../server/_server.ts";

Deno.test("serve tells a batch transform job of a broken image in its result", async () => {
  await using folder = await temporaryFolder();
  await using server = await startServer(
    [`--state=${folder.path}`, "--threads=1"],
    { PORT: "0", SAGEMAKER_BATCH: "true" },
  );
  const { address } = server;
  await untilReady(address);
  const response = await fetch(`${address}/invocations`, {
    method: "POST",
    headers: { "Content-Type": "application/x-image" },
    body: (await png()).slice(0, 60),
  });
  assert.equal(response.status, 200, server.log());
  const { status, reason } = await response.json();
  assert.deepEqual([status, reason], ["error", "broken_image"]);
});
