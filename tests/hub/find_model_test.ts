import assert from "node:assert/strict";
import { fileURLToPath, pathToFileURL } from "node:url";
import { findModel } from "../../lib/hub/find_model.ts";
import { temporaryFolder } from "../checkpoint/temporary.ts";

const NANO = fileURLToPath(new URL("../../models/nano", import.meta.url));

Deno.test("findModel() finds models that come with the package, and paths", async () => {
  await using folder = await temporaryFolder();
  const { path } = folder;
  assert.equal(await findModel("nano"), NANO);
  assert.equal(await findModel(path), path);
  assert.equal(await findModel(pathToFileURL(`${path}/`)), path);
  assert.equal(await findModel(pathToFileURL(path).href), path);
});

Deno.test("findModel() says what to do about a model that is not downloaded", async () => {
  await using cache = await temporaryFolder();
  const name = "vit-l-14-336";
  await assert.rejects(findModel(name, { cacheFolder: cache.path }), {
    name: "ModelError",
    message: `Cannot find the model ${name} as it is not, or not wholly, in ` +
      `${cache.path}/models/${name}: deno task download ${name} downloads it`,
  });
  await assert.rejects(findModel(name), {
    name: "ModelError",
    message: `Cannot find the model ${name} as no cache folder is given in ` +
      `which it could lie: deno task download ${name} downloads it`,
  });
});

Deno.test("findModel() suggests what is near a mistyped name or path", async () => {
  const wanted = "it must be nano, a downloaded model, or a model directory";
  await assert.rejects(findModel("nanno"), {
    name: "ModelError",
    message: `Cannot find the model nanno as ${wanted}: did you mean nano`,
  });
  await assert.rejects(findModel(`${NANO}o`), {
    message:
      `Cannot find the model ${NANO}o as ${wanted}: did you mean ${NANO}`,
  });
  for (const path of ["/none/at/all", `${NANO}/mfp_clip.json/deeper`]) {
    await assert.rejects(findModel(path), {
      message: `Cannot find the model ${path} as ${wanted}`,
    });
  }
});

Deno.test("findModel() refuses what does not lie on the local disk", async () => {
  const url = new URL("https://example.com/nano/");
  const message = `Cannot find the model ${url} as its files must lie on the ` +
    "local disk";
  await assert.rejects(findModel(url), { name: "ModelError", message });
  await assert.rejects(findModel(url.href), { message });
  const models = new URL("https://example.com/mfp-clip/models/");
  await assert.rejects(findModel("nano", { models }), {
    name: "ModelError",
    message:
      /^Cannot find the model nano as this package was loaded from https:\/\/example\.com and its models must lie on the local disk: give the path/,
  });
});
