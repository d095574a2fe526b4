import assert from "node:assert/strict";
import { Hono } from "hono";
import {
  createScoringHandler,
  thresholdCriteria,
} from "../../lib/server/mod.ts";
import { FakeDetector, png, SETTINGS, temporaryFolder } from "./_server.ts";

async function scoreRequest(path = "/v1/score", headers = {}) {
  return new Request(`http://localhost${path}?category=cup`, {
    method: "POST",
    headers: { "Content-Type": "image/png", ...headers },
    body: await png(51),
  });
}

Deno.test("createScoringHandler() answers without a socket, passed on as a function", async () => {
  await using scoring = createScoringHandler(new FakeDetector());
  const { fetch } = scoring;
  const response = await fetch(await scoreRequest());
  const { score, category } = await response.json();
  assert.deepEqual([response.status, score, category], [200, 0.2, "cup"]);
});

Deno.test("createScoringHandler() judges by the thresholds that it is given", async () => {
  for (const threshold of [-5, 5]) {
    const criteria = thresholdCriteria(threshold);
    await using scoring = createScoringHandler(new FakeDetector(), {
      criteria,
    });
    const response = await scoring.fetch(await scoreRequest());
    assert.equal((await response.json()).is_anomalous, threshold < 0);
  }
});

Deno.test("createScoringHandler() can be mounted below a path", async () => {
  await using scoring = createScoringHandler(new FakeDetector());
  const app = new Hono().mount("/anomaly", scoring.fetch);
  const response = await app.fetch(await scoreRequest("/anomaly/v1/score"));
  assert.equal((await response.json()).score, 0.2);
});

Deno.test("createScoringHandler() asks for the tokens that it is given", async () => {
  await using scoring = createScoringHandler(new FakeDetector(), {
    tokens: ["secret"],
  });
  const without = await scoring.fetch(await scoreRequest());
  await without.body?.cancel();
  const headers = { Authorization: "Bearer secret" };
  const response = await scoring.fetch(
    await scoreRequest("/v1/score", headers),
  );
  await response.body?.cancel();
  assert.deepEqual([without.status, response.status], [401, 200]);
});

Deno.test("close() refuses later requests with 503", async () => {
  const scoring = createScoringHandler(new FakeDetector());
  await scoring.close();
  const response = await scoring.fetch(await scoreRequest());
  await response.body?.cancel();
  assert.equal(response.status, 503);
});

Deno.test("createScoringHandler() takes batches where it has a place for them", async () => {
  await using root = await temporaryFolder();
  await Deno.mkdir(`${root.path}/in`);
  await Deno.writeFile(`${root.path}/in/a.png`, await png(51));
  await using scoring = createScoringHandler(new FakeDetector(), {
    allowInput: [`${root.uri}in/`],
    batches: {
      state: `${root.uri}state/`,
      allowOutput: [`${root.uri}out/`],
      settings: SETTINGS,
    },
  });
  const posted = await scoring.fetch(
    new Request("http://localhost/v1/batches", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({
        input: `${root.uri}in/`,
        output: `${root.uri}out/`,
      }),
    }),
  );
  assert.equal(posted.status, 202);
  const { links } = await posted.json();
  for (;;) {
    const response = await scoring.fetch(
      new Request(`http://localhost${links.self}`),
    );
    const { state, done } = await response.json();
    if (state === "succeeded") return assert.equal(done, 1);
    assert.notEqual(state, "failed");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
});
