import assert from "node:assert/strict";
import { openModelDirectory } from "../../lib/mfp_clip/model_directory.ts";
import type { HubOptions } from "../../lib/hub/hub_options.ts";
import { installModel, isModelInstalled } from "../../lib/hub/install_model.ts";
import type { RegistryModel } from "../../lib/hub/registry.ts";
import { namesIn, quick, sha256, withTemporary } from "./_downloads.ts";
import { type Asked, type Reply, sendFile, serve } from "./_server.ts";

const NANO = new URL("../../models/nano/", import.meta.url);

const PATHS = [
  "clip/config.json",
  "clip/merges.txt",
  "clip/model.safetensors",
  "clip/vocab.json",
  "resnet50.safetensors",
];

const FILES = new Map(
  await Promise.all(
    PATHS.map(async (path) =>
      [path, await Deno.readFile(new URL(path, NANO))] as const
    ),
  ),
);

/** A model whose files are nano's, on a Hugging Face that is not there. */
const MODEL: RegistryModel = {
  name: "mini",
  description: "Mini",
  licence: "MIT",
  activation: "quick_gelu",
  mfpClip: { image_size: 112, taps: [1, 2, 3, 4] },
  files: [...FILES].map(([path, data]) => ({
    path,
    url: `https://huggingface.co/org/mini/resolve/abc123/${path}`,
    expected: { size: data.length, sha256: sha256(data) },
  })),
};

function sendNano(asked: Asked): Reply {
  const path = asked.path.replace("/org/mini/resolve/abc123/", "");
  const data = FILES.get(path);
  return data === undefined ? { status: 404 } : sendFile(asked, data);
}

function at(endpoint: string, options: HubOptions = {}): HubOptions {
  const { huggingFace, ...others } = options;
  return {
    tuning: { ...quick(), segmentBytes: 1e6 },
    huggingFace: { endpoint, ...huggingFace },
    ...others,
  };
}

async function assertModel(folder: string): Promise<void> {
  for (const [path, data] of FILES) {
    assert.deepEqual(await Deno.readFile(`${folder}/${path}`), data, path);
  }
  const { sizes } = await openModelDirectory(folder, { head: false });
  assert.equal(sizes.config.imageSize, 112);
  assert.ok(await isModelInstalled(MODEL, folder));
}

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

Deno.test("installModel() accepts files that a user has put in place", async () => {
  await withTemporary(async (folder) => {
    await Deno.mkdir(`${folder}/clip`);
    for (const [path, data] of FILES) {
      await Deno.writeFile(`${folder}/${path}`, data);
    }
    await installModel(MODEL, folder, { offline: true });
    await assertModel(folder);
  });
});

Deno.test("installModel() takes files from the cache of Hugging Face's tools", async () => {
  await withTemporary(async (cache) => {
    const hub = `${cache}/huggingface/hub/models--org--mini`;
    await Deno.mkdir(`${hub}/blobs`, { recursive: true });
    for (const [path, data] of FILES) {
      const snapshot = `${hub}/snapshots/abc123/${path}`;
      await Deno.mkdir(snapshot.replace(/[^/]*$/, ""), { recursive: true });
      await Deno.writeFile(`${hub}/blobs/${sha256(data)}`, data);
      await Deno.symlink(`${hub}/blobs/${sha256(data)}`, snapshot);
    }
    const folder = `${cache}/mini`;
    await installModel(MODEL, folder, {
      offline: true,
      huggingFace: { cache: `${cache}/huggingface/hub` },
    });
    await assertModel(folder);
    await Deno.remove(`${cache}/huggingface`, { recursive: true });
    await assertModel(folder);
  });
});

Deno.test("installModel() does not take damaged files from elsewhere", async () => {
  await using server = serve(sendNano);
  await withTemporary(async (cache) => {
    const snapshot = `${cache}/hub/models--org--mini/snapshots/abc123`;
    await Deno.mkdir(snapshot, { recursive: true });
    const bad = FILES.get("resnet50.safetensors")!.slice();
    bad[9999]! ^= 1;
    await Deno.writeFile(`${snapshot}/resnet50.safetensors`, bad);
    const huggingFace = { cache: `${cache}/hub` };
    const folder = `${cache}/mini`;
    await installModel(MODEL, folder, at(server.origin, { huggingFace }));
    await assertModel(folder);
    assert.equal(server.asked.length, 5);
  });
});

Deno.test("installModel() takes equal files from other models", async () => {
  await using server = serve(sendNano);
  await withTemporary(async (cache) => {
    const siblings = [`${cache}/one`, `${cache}/none`];
    await installModel(MODEL, siblings[0]!, at(server.origin));
    await installModel(MODEL, `${cache}/two`, { offline: true, siblings });
    await assertModel(`${cache}/two`);
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
      "Http",
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
    [{ mfpClip: { image_size: 113 } }, /image_size must be a multiple/],
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
    const text = JSON.stringify({ ...MODEL.mfpClip, mpfa: 5 });
    await Deno.writeTextFile(`${folder}/mfp_clip.json`, text);
    await installModel(MODEL, folder, at(server.origin));
    assert.equal(await Deno.readTextFile(`${folder}/mfp_clip.json`), text);
  });
});

const RACER = `
import { installModel } from "${
  import.meta.resolve("../../lib/hub/install_model.ts")
}";
const [model, folder, endpoint] = Deno.args;
await installModel(JSON.parse(model), folder, {
  huggingFace: { endpoint },
  onNotice: (message) => console.log(message),
});
`;

function race(script: string, args: readonly string[]): Deno.ChildProcess {
  const config = new URL("../../deno.json", import.meta.url).pathname;
  return new Deno.Command("deno", {
    args: ["run", "--config", config, "--allow-all", script, ...args],
    stdout: "piped",
    stderr: "null",
  }).spawn();
}

Deno.test("installModel() downloads once for two processes", async () => {
  const waits = Promise.withResolvers<void>();
  await using server = serve(async (asked) => {
    if (asked.index > 0) waits.resolve();
    await waits.promise;
    return sendNano(asked);
  });
  await withTemporary(async (cache) => {
    const script = `${cache}/racer.ts`;
    await Deno.writeTextFile(script, RACER);
    const folder = `${cache}/mini`;
    const args = [JSON.stringify(MODEL), folder, server.origin];
    const outputs = await Promise.all([1, 2].map(async () => {
      const child = race(script, args);
      let output = "";
      const text = child.stdout.pipeThrough(new TextDecoderStream());
      for await (const part of text) {
        output += part;
        if (output.includes("Waiting for another process")) waits.resolve();
      }
      assert.equal((await child.status).code, 0);
      return output;
    }));
    assert.equal(server.asked.length, 5);
    assert.equal(outputs.join().match(/Waiting for another/g)?.length, 1);
    await assertModel(folder);
  });
});
