import assert from "node:assert/strict";
import {
  hostOf,
  isTransform,
  portsOf,
  tokensOf,
} from "../../tasks/flags/serve_flags.ts";
import { chooseModel, nameOf } from "../../tasks/serve/open_model.ts";
import { temporaryFolder } from "../server/_server.ts";

Deno.test("portsOf() prefers the flag, then Vertex AI, then PORT", () => {
  const variables = { AIP_HTTP_PORT: "8081", PORT: "80", PORT_HEALTH: "81" };
  assert.deepEqual(portsOf(9000, variables), { port: 9000, healthPort: 81 });
  assert.equal(portsOf(undefined, variables).port, 8081);
  assert.equal(portsOf(undefined, { PORT: "80" }).port, 80);
  assert.deepEqual(portsOf(undefined, { PORT: "" }), {
    port: 8080,
    healthPort: undefined,
  });
  assert.throws(() => portsOf(undefined, { PORT: "http" }), /PORT/);
});

Deno.test("tokensOf() takes several, and only what a header can hold", () => {
  assert.deepEqual(tokensOf({}), []);
  assert.deepEqual(tokensOf({ MFP_TOKENS: "a1, b2==" }), ["a1", "b2=="]);
  for (const text of ["a b", "a,", "ä"]) {
    assert.throws(() => tokensOf({ MFP_TOKENS: text }), /MFP_TOKENS/);
  }
});

Deno.test("isTransform() reads what SageMaker sets in batch transform", () => {
  assert.equal(isTransform({}), false);
  assert.equal(isTransform({ SAGEMAKER_BATCH: "false" }), false);
  assert.equal(isTransform({ SAGEMAKER_BATCH: "true" }), true);
});

Deno.test("chooseModel() asks flag, environment and platform folders", async () => {
  await using full = await temporaryFolder();
  await using empty = await temporaryFolder();
  await Deno.writeTextFile(`${full.path}/mfp_clip.json`, "{}");
  const folders = ["/nowhere", empty.path, full.path];
  const uris = { MODEL_URI: "s3://a/m", AIP_STORAGE_URI: "gs://b/m" };
  assert.equal(await chooseModel("nano", uris, folders), "nano");
  assert.equal(await chooseModel(undefined, uris, folders), "s3://a/m");
  assert.equal(
    await chooseModel(undefined, { AIP_STORAGE_URI: "gs://b/m" }, folders),
    "gs://b/m",
  );
  assert.equal(await chooseModel(undefined, {}, folders), full.path);
  assert.equal(await chooseModel(undefined, {}, [empty.path]), "nano");
});

Deno.test("nameOf() takes the last part of a model's place", () => {
  assert.equal(nameOf("nano"), "nano");
  assert.equal(nameOf("/opt/ml/model/"), "model");
  assert.equal(nameOf("s3://bucket/models/vit-l"), "vit-l");
});

Deno.test("hostOf() opens the port to others with tokens, or where it is told", () => {
  assert.equal(hostOf(undefined, {}), "127.0.0.1");
  assert.equal(hostOf(undefined, { MFP_TOKENS: "a" }), "0.0.0.0");
  assert.equal(hostOf(undefined, { MFP_HOST: "::" }), "::");
  assert.equal(hostOf("10.0.0.1", { MFP_HOST: "::" }), "10.0.0.1");
});
