import assert from "node:assert/strict";
import { thresholdCriteria } from "../../../lib/results/verdict.ts";
import { png, post, postJson, readyServer } from "../_server.ts";

const PNG = { "Content-Type": "image/png" };

/** Grey is good, white is defective. */
const criteria = thresholdCriteria(1);

Deno.test("POST /v1/score answers a verdict and regions where there is a threshold", async () => {
  const { server } = readyServer({ criteria });
  const ask = async (brightness: number) => {
    const image = await png(brightness);
    const response = await post(server, "/v1/score?category=nut", image, PNG);
    return await response.json();
  };
  const { is_anomalous, threshold, confidence, regions } = await ask(255);
  assert.deepEqual([is_anomalous, threshold, confidence], [true, 1, null]);
  assert.equal(regions.length, 1);
  assert.deepEqual(regions[0].box, [0, 0, 12, 10]);
  const good = await ask(51);
  assert.deepEqual([good.is_anomalous, good.regions], [false, null]);
});

Deno.test("POST /v1/score answers the verdict beside a picture in a header", async () => {
  const { server } = readyServer({ criteria });
  const response = await post(
    server,
    "/v1/score?category=nut",
    await png(255),
    {
      ...PNG,
      Accept: "image/png",
    },
  );
  await response.body?.cancel();
  assert.equal(response.headers.get("X-Is-Anomalous"), "true");
});

Deno.test("Vertex AI's instances have verdicts too", async () => {
  const { server } = readyServer({ criteria, predictRoute: "/predict" });
  const instances = [51, 255].map(async (brightness) => ({
    image: { b64: (await png(brightness)).toBase64() },
    category: "nut",
  }));
  const response = await postJson(server, "/predict", {
    instances: await Promise.all(instances),
  });
  const { predictions } = await response.json();
  assert.deepEqual(
    predictions.map((p: { is_anomalous: boolean }) => p.is_anomalous),
    [false, true],
  );
});

Deno.test("the page says what must be known of scores", async () => {
  const { server } = readyServer({ caution: "It knows <no> photographs." });
  const page = await (await server.app.request("/")).text();
  assert.match(page, /role="note">It knows &lt;no&gt; photographs\./);
  const silent = await (await readyServer().server.app.request("/")).text();
  assert.doesNotMatch(silent, /role="note"/);
});

Deno.test("POST /v1/score takes a threshold that is a decimal number only", async () => {
  const { server } = readyServer({ criteria });
  const ask = async (threshold: string) => {
    const path = `/v1/score?category=nut&threshold=${threshold}`;
    const response = await post(server, path, await png(255), PNG);
    const { threshold: found } = await response.json();
    return [response.status, found];
  };
  for (const text of ["", "%20", "0x10", "1,5", "Infinity"]) {
    assert.deepEqual(await ask(text), [400, undefined], text);
  }
  assert.deepEqual(await ask("-1.5e1"), [200, -15]);
});
