import assert from "node:assert/strict";
import {
  installModel,
  type InstallModelOptions,
} from "../../lib/hub/install_model.ts";
import { isModelInstalled } from "../../lib/hub/installed_model.ts";
import type { RegistryModel } from "../../lib/hub/registry.ts";
import { METHODS } from "../../lib/methods/methods.ts";
import { openModelDirectory } from "../../lib/methods/model_directory.ts";
import { withTemporary } from "./_downloads.ts";
import { at } from "./_models.ts";
import { sendFile, serve } from "./_server.ts";

const GOLDENS = new URL("../golden/", import.meta.url);

/** Path in a model -> the golden file that stands for it. */
type Sources = Readonly<Record<string, string>>;

function modelOf(
  method: string,
  sources: Sources,
  rest: Partial<RegistryModel>,
): RegistryModel {
  return {
    name: method,
    description: method,
    licence: "MIT",
    activation: "gelu",
    method: METHODS.find(({ name }) => name === method)!,
    choices: {},
    clipConfig: undefined,
    files: Object.keys(sources).map((path) => ({
      path,
      url: `https://huggingface.co/org/mini/resolve/abc123/${path}`,
      expected: {},
    })),
    ...rest,
  };
}

async function install(
  model: RegistryModel,
  sources: Sources,
  folder: string,
  options: InstallModelOptions = {},
): Promise<void> {
  const files = new Map(
    await Promise.all(
      Object.entries(sources).map(async ([path, source]) =>
        [path, await Deno.readFile(new URL(source, GOLDENS))] as const
      ),
    ),
  );
  await using server = serve((asked) => {
    const path = asked.path.replace("/org/mini/resolve/abc123/", "");
    const data = files.get(path);
    return data === undefined ? { status: 404 } : sendFile(asked, data);
  });
  await installModel(model, folder, { ...at(server.origin), ...options });
}

const APRIL_GAN: Sources = {
  "clip/config.json": "prompted_clips/quick_gelu/config.json",
  "clip/model.safetensors": "prompted_clips/quick_gelu/model.safetensors",
  "clip/tokenizer.json": "prompted_clips/quick_gelu/tokenizer.json",
  "april_gan.pth": "april_gan/published_head.pth",
};

const CHOICES = { image_size: 42, taps: [1, 2, 3, 4], memory_taps: [4] };

Deno.test("installModel() downloads a published head and opens the model with it", async () => {
  await withTemporary(async (folder) => {
    const model = modelOf("april-gan", APRIL_GAN, { choices: CHOICES });
    await install(model, APRIL_GAN, folder);
    assert(await isModelInstalled(model, folder));
    const { architecture, weights } = await openModelDirectory(folder);
    assert.equal(architecture.method.name, "april-gan");
    assert(weights.has("fc.3.bias"));
    const { vision, text } = architecture.clip;
    assert.deepEqual([vision.hiddenAct, text.hiddenAct], ["gelu", "gelu"]);
  });
});

Deno.test("installModel() refuses a published head that is another model's", async () => {
  const foreign = { ...APRIL_GAN, "april_gan.pth": "pytorch/state_dict.pt" };
  await withTemporary(async (folder) => {
    const model = modelOf("april-gan", foreign, { choices: CHOICES });
    await assert.rejects(install(model, foreign, folder), {
      name: "ModelError",
      message: /april_gan\.pth as 8 tensors are missing/,
    });
    assert(!await isModelInstalled(model, folder));
  });
});

Deno.test("installModel() downloads a head of AdaCLIP under its published names", async () => {
  const { "april_gan.pth": _, ...clip } = APRIL_GAN;
  const sources = { ...clip, "ada_clip.pth": "ada_clip/published_head.pth" };
  const choices = {
    image_size: 42,
    taps: [1, 2, 3, 4],
    length: 3,
    depth: 2,
    clusters: 4,
  };
  await withTemporary(async (folder) => {
    const model = modelOf("ada-clip", sources, { choices });
    await install(model, sources, folder);
    const { architecture, weights } = await openModelDirectory(folder);
    assert.equal(architecture.method.name, "ada-clip");
    assert(weights.has("vision.dynamic.2.bias"));
    assert(!weights.has("text.static.0"));
  });
});

/** AnomalyCLIP, whose head is known by its id in git alone. */
function anomalyClip(gitBlob: string) {
  const { "april_gan.pth": _, ...clip } = APRIL_GAN;
  const head = "anomaly_clip/published_head.pth";
  const sources = { ...clip, "anomaly_clip.pth": head };
  const choices = { image_size: 42, taps: [4], vv_from: 2, depth: 2 };
  const activation = "quick_gelu";
  const model = modelOf("anomaly-clip", sources, { choices, activation });
  const files = model.files.map((file) =>
    file.path === "anomaly_clip.pth" ? { ...file, gitBlob } : file
  );
  return { model: { ...model, files }, sources };
}

Deno.test("installModel() downloads a head of AnomalyCLIP that git knows", async () => {
  await withTemporary(async (folder) => {
    const { model, sources } = anomalyClip("25456ac7");
    await install(model, sources, folder);
    assert(await isModelInstalled(model, folder));
    const { architecture, weights } = await openModelDirectory(folder);
    assert.equal(architecture.method.name, "anomaly-clip");
    assert(weights.has("prompt.abnormal"));
    assert(!weights.has("compound_prompt_projections.0.bias"));
  });
});

Deno.test("installModel() removes a head that git knows by another id", async () => {
  await withTemporary(async (folder) => {
    const { model, sources } = anomalyClip("00000000");
    await assert.rejects(install(model, sources, folder), {
      message:
        /as git's id of it must start with 00000000: current value is 25456ac745dfd5ab569f14b6e6685ecb93a41066$/,
    });
    await assert.rejects(Deno.stat(`${folder}/anomaly_clip.pth`));
  });
});

/** AdaCLIP, whose head nobody hands out. */
function byHand(): RegistryModel {
  const { "april_gan.pth": _, ...clip } = APRIL_GAN;
  const choices = {
    image_size: 42,
    taps: [1, 2, 3, 4],
    length: 3,
    depth: 2,
    clusters: 4,
  };
  const model = modelOf("ada-clip", clip, { choices });
  const head = {
    path: "ada_clip.pth",
    url: "https://huggingface.co/org/mini/resolve/abc123/pretrained_all.pth",
    page: "https://example.com/heads",
    expected: { sha256: "0".repeat(64) },
  };
  return { ...model, files: [...model.files, head] };
}

Deno.test("installModel() says where a head that is not handed out can be got", async () => {
  const { "april_gan.pth": _, ...clip } = APRIL_GAN;
  await withTemporary(async (folder) => {
    await assert.rejects(install(byHand(), clip, folder), {
      name: "ModelError",
      message:
        /; pretrained_all\.pth can be got by hand from https:\/\/example\.com\/heads: --from names the folder that it lies in$/,
    });
  });
});

Deno.test("installModel() takes a head that was got by hand, and no other file of its name", async () => {
  const { "april_gan.pth": _, ...clip } = APRIL_GAN;
  const archive = new URL("ada_clip/published_head.pth", GOLDENS);
  await withTemporary(async (folder) => {
    const from = `${folder}-by-hand`;
    await Deno.mkdir(from);
    await Deno.copyFile(archive, `${from}/pretrained_all.pth`);
    const model = byHand();
    await assert.rejects(install(model, clip, folder, { from }), {
      name: "ModelError",
      message: /by-hand\/pretrained_all\.pth as its SHA-256 must be 0{64}: /,
    });
    const files = model.files.map((file) => ({ ...file, expected: {} }));
    await install({ ...model, files }, clip, folder, { from });
    const { weights } = await openModelDirectory(folder);
    assert(weights.has("text.dynamic.2.bias"));
    await Deno.remove(from, { recursive: true });
  });
});

Deno.test("installModel() writes CLIP's sizes where none are published", async () => {
  const config = new URL("prompted_clips/gelu/config.json", GOLDENS);
  const clipConfig = JSON.parse(await Deno.readTextFile(config));
  const sources = {
    "clip/model.safetensors": "prompted_clips/gelu/model.safetensors",
    "clip/vocab.json": "prompted_clips/gelu/vocab.json",
    "clip/merges.txt": "prompted_clips/gelu/merges.txt",
  };
  await withTemporary(async (folder) => {
    const choices = { image_size: 48 };
    const model = modelOf("winclip", sources, { choices, clipConfig });
    await install(model, sources, folder);
    const { architecture } = await openModelDirectory(folder);
    assert.equal(architecture.method.name, "winclip");
    assert.equal(architecture.imageSize, 48);
  });
});
