import assert from "node:assert/strict";
import { installModel } from "../../lib/hub/install_model.ts";
import { isModelInstalled } from "../../lib/hub/installed_model.ts";
import type { RegistryModel } from "../../lib/hub/registry.ts";
import { namesIn, withTemporary } from "./_downloads.ts";
import { assertModel, at, MODEL, sendNano } from "./_models.ts";
import { type Asked, serve } from "./_server.ts";

Deno.test("installModel() downloads, from the endpoint, with the token", async () => {
  await using server = serve(sendNano);
  await withTemporary(async (cache) => {
    const folder = `${cache}/models/mini`;
    assert.ok(!await isModelInstalled(MODEL, folder));
    const huggingFace = { token: "hf_secret" };
    await installModel(MODEL, folder, at(server.origin, { huggingFace }));
    await assertModel(folder);
    assert.deepEqual(await namesIn(folder), [
      ".mfp-clip",
      "clip",
      "mfp_clip.json",
      "resnet50.safetensors",
    ]);
    assert.deepEqual(await namesIn(`${cache}/models`), ["mini"]);
    assert.equal(server.asked.length, 5);
    for (const { headers } of server.asked) {
      assert.equal(headers.get("authorization"), "Bearer hf_secret");
    }
    const choices = JSON.parse(
      await Deno.readTextFile(`${folder}/mfp_clip.json`),
    );
    assert.deepEqual(choices.taps, [1, 2, 3, 4]);
    assert.equal(choices.i2tp_fusion, "feature");
    assert.equal(choices.mpfa, 3);
  });
});

Deno.test("installModel() goes through the redirects of large files", async () => {
  const stored = (asked: Asked) => asked.path.replace(/\?.*/, "");
  await withTemporary(async (cache) => {
    await using store = serve((asked) =>
      sendNano({ ...asked, path: stored(asked) })
    );
    await using server = serve(({ path }) => ({
      status: 302,
      headers: { location: `${store.origin}${path}?signature=x` },
    }));
    const huggingFace = { token: "hf_secret" };
    const folder = `${cache}/mini`;
    await installModel(MODEL, folder, at(server.origin, { huggingFace }));
    await assertModel(folder);
    for (const { headers } of store.asked) {
      assert.equal(headers.get("authorization"), null);
    }
  });
});

Deno.test("installModel() gets what is missing, and replaces what is damaged", async () => {
  await using server = serve(sendNano);
  await withTemporary(async (folder) => {
    await installModel(MODEL, folder, at(server.origin));
    const before = server.asked.length;
    await installModel(MODEL, folder, at(server.origin));
    await installModel(MODEL, folder, at(server.origin, { verify: true }));
    await installModel(MODEL, folder, at(server.origin, { offline: true }));
    assert.equal(server.asked.length, before);

    await Deno.remove(`${folder}/resnet50.safetensors`);
    assert.ok(!await isModelInstalled(MODEL, folder));
    await installModel(MODEL, folder, at(server.origin));
    assert.equal(server.asked.length, before + 1);

    const weights = `${folder}/clip/model.safetensors`;
    const data = await Deno.readFile(weights);
    data[data.length - 1]! ^= 1;
    await Deno.writeFile(weights, data);
    await installModel(MODEL, folder, at(server.origin));
    assert.equal(server.asked.length, before + 1, "sizes fit");
    const notices: string[] = [];
    await installModel(
      MODEL,
      folder,
      at(server.origin, {
        verify: true,
        onNotice: (text) => notices.push(text),
      }),
    );
    assert.equal(server.asked.length, before + 2);
    assert.match(notices[0]!, /model\.safetensors is not as expected/);
    await assertModel(folder);
  });
});

Deno.test("installModel() without a network says what is missing", async () => {
  await withTemporary(async (folder) => {
    await assert.rejects(installModel(MODEL, folder, { offline: true }), {
      name: "ModelError",
      message:
        `Cannot get clip/config.json without a network as it must be at ${folder}/clip/config.json: nothing was found`,
    });
    assert.ok(!await isModelInstalled(MODEL, folder));
  });
});

Deno.test("installModel() says which file cannot be had", async () => {
  for (
    const [status, name] of [[404, "ModelError"], [401, "ModelError"], [
      503,
      "DownloadError",
    ]] as const
  ) {
    await using server = serve(() => ({ status }));
    await withTemporary(async (folder) => {
      await assert.rejects(installModel(MODEL, folder, at(server.origin)), {
        name,
        message: new RegExp(
          `^Cannot download ${server.origin}/org/mini/resolve/abc123/clip/config\\.json as the server must send it: current value is status ${status}$`,
        ),
      });
    });
  }
});

Deno.test("installModel() checks that the files make a model", async () => {
  const cases: [Partial<RegistryModel>, RegExp][] = [
    [
      { activation: "gelu" },
      /activation must be gelu: current value is quick_gelu$/,
    ],
    [{ choices: { image_size: 113 } }, /image_size must be a multiple/],
    [{ files: MODEL.files.slice(0, 4) }, /resnet50/],
  ];
  await using server = serve(sendNano);
  for (const [change, message] of cases) {
    await withTemporary(async (folder) => {
      const model = { ...MODEL, ...change };
      await assert.rejects(installModel(model, folder, at(server.origin)), {
        name: "ModelError",
        message,
      });
      assert.ok(!await isModelInstalled(model, folder));
    });
  }
});

Deno.test("installModel() keeps the choices that a user has changed", async () => {
  await using server = serve(sendNano);
  await withTemporary(async (folder) => {
    const text = JSON.stringify({ ...MODEL.choices, mpfa: 5 });
    await Deno.writeTextFile(`${folder}/mfp_clip.json`, text);
    await installModel(MODEL, folder, at(server.origin));
    assert.equal(await Deno.readTextFile(`${folder}/mfp_clip.json`), text);
  });
});
