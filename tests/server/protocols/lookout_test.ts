import assert from "node:assert/strict";
import { decodeImage } from "../../../lib/image/decode.ts";
import { thresholdCriteria } from "../../../lib/results/verdict.ts";
import type { ServerOptions } from "../../../lib/server/server.ts";
import { ScoringServer } from "../../../lib/server/server.ts";
import { allStores } from "../../../lib/batch/stores.ts";
import { FakeDetector, png, post, readyServer, SETTINGS } from "../_server.ts";

const PATH = "/2020-11-20/projects/bottle/models/1/detect";
const PNG = { "Content-Type": "image/png" };

/** A server with a threshold, at a brightness of about one half. */
function decidingServer(options: Partial<ServerOptions> = {}): ScoringServer {
  const server = new ScoringServer({
    modelName: "fake",
    stores: allStores(),
    batchDelay: 0,
    ...options,
  });
  const known = thresholdCriteria(0);
  server.modelLoaded({
    detector: new FakeDetector(),
    settings: SETTINGS,
    criteria: (category) => category === "nut" ? undefined : known(category),
  });
  return server;
}

function signed(accessKey: string): Record<string, string> {
  return {
    ...PNG,
    Authorization:
      `AWS4-HMAC-SHA256 Credential=${accessKey}/20261129/eu-west-1/lookoutvision/aws4_request, SignedHeaders=host;x-amz-date, Signature=${
        "0".repeat(64)
      }`,
  };
}

async function errorOf(response: Response): Promise<unknown[]> {
  const { Message, ...rest } = await response.json();
  assert.deepEqual(rest, {});
  assert.match(Message, /^Cannot /);
  assert.ok(response.headers.get("x-amzn-RequestId"));
  return [response.status, response.headers.get("x-amzn-ErrorType")];
}

Deno.test("DetectAnomalies decides on an image, with a mask of its size", async () => {
  const server = decidingServer();
  const response = await post(server, PATH, await png(255), signed("any"));
  assert.equal(response.status, 200);
  const { DetectAnomalyResult: found } = await response.json();
  assert.deepEqual(found.Source, { Type: "direct" });
  assert.equal(found.IsAnomalous, true);
  assert.ok(found.Confidence > 0.99 && found.Confidence <= 1);
  assert.deepEqual(found.Anomalies, [
    {
      Name: "background",
      PixelAnomaly: { TotalPercentageArea: 0, Color: "#FFFFFF" },
    },
    {
      Name: "anomaly",
      PixelAnomaly: { TotalPercentageArea: 1, Color: "#FF0000" },
    },
  ]);
  const mask = await decodeImage(Uint8Array.fromBase64(found.AnomalyMask));
  assert.deepEqual([mask.width, mask.height], [12, 10]);
  assert.deepEqual([...mask.data.subarray(0, 3)], [255, 0, 0]);
});

Deno.test("DetectAnomalies lists the background alone where nothing is found", async () => {
  const server = decidingServer();
  const response = await post(server, PATH, await png(0), PNG);
  const { DetectAnomalyResult: found } = await response.json();
  assert.equal(found.IsAnomalous, false);
  assert.equal(found.Anomalies.length, 1);
  assert.equal(found.Anomalies[0].PixelAnomaly.TotalPercentageArea, 1);
  const mask = await decodeImage(Uint8Array.fromBase64(found.AnomalyMask));
  assert.ok(mask.data.every((value) => value === 255));
});

Deno.test("DetectAnomalies answers errors as clients of AWS read them", async () => {
  const server = decidingServer({
    allowCategories: ["bottle", "nut"],
    limits: { bodyBytes: 5000 },
  });
  const image = await png();
  const at = (project: string, version = "1") =>
    `/2020-11-20/projects/${project}/models/${version}/detect`;
  const cases = [
    [PATH, image, { "Content-Type": "text/plain" }, 400, "ValidationException"],
    [PATH, image.slice(0, 50), PNG, 400, "ValidationException"],
    [PATH, new Uint8Array(6000), PNG, 400, "ValidationException"],
    [at("bottle", "new"), image, PNG, 400, "ValidationException"],
    [at("-"), image, PNG, 400, "ValidationException"],
    [at("nut"), image, PNG, 404, "ResourceNotFoundException"],
    [at("cup"), image, PNG, 404, "ResourceNotFoundException"],
  ] as const;
  for (const [path, body, headers, status, type] of cases) {
    const response = await post(server, path, body, headers);
    assert.deepEqual(await errorOf(response), [status, type], path);
  }
  const { server: zeroShot } = readyServer();
  const undecided = await post(zeroShot, PATH, image, PNG);
  assert.deepEqual(await errorOf(undecided), [409, "ConflictException"]);
});

Deno.test("DetectAnomalies throttles where too many images wait", async () => {
  const server = decidingServer({ limits: { queue: 0 } });
  const response = await post(server, PATH, await png(), PNG);
  assert.equal(response.headers.get("Retry-After"), "1");
  assert.deepEqual(await errorOf(response), [429, "ThrottlingException"]);
});

Deno.test("DetectAnomalies takes the access key id for the token", async () => {
  const server = decidingServer({ tokens: ["secret", "a/b+c="] });
  const image = await png();
  for (const token of ["secret", "a/b+c="]) {
    assert.equal((await post(server, PATH, image, signed(token))).status, 200);
  }
  const bearer = { ...PNG, Authorization: "Bearer secret" };
  assert.equal((await post(server, PATH, image, bearer)).status, 200);
  for (const headers of [PNG, signed("secre"), signed("")]) {
    const { status } = await post(server, PATH, image, headers);
    assert.ok(status === 403 || status === 400);
  }
  const wrong = await post(server, PATH, image, signed("wrong"));
  assert.deepEqual(await errorOf(wrong), [403, "AccessDeniedException"]);
  const elsewhere = await post(
    server,
    "/v1/score?category=cup",
    image,
    signed("secret"),
  );
  assert.equal(elsewhere.status, 400);
});
