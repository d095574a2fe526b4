import assert from "node:assert/strict";
import { installModel } from "../../lib/hub/install_model.ts";
import { sha256, withTemporary } from "./_downloads.ts";
import { assertModel, at, FILES, MODEL, sendNano } from "./_models.ts";
import { serve } from "./_server.ts";

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

const RACER = `
import { installModel } from "${
  import.meta.resolve("../../lib/hub/install_model.ts")
}";
import { METHODS } from "${
  import.meta.resolve("../../lib/methods/methods.ts")
}";
const [model, folder, endpoint] = Deno.args;
// A method has functions, which JSON leaves out.
await installModel({ ...JSON.parse(model), method: METHODS[0] }, folder, {
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
