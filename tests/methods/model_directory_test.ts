import assert from "node:assert/strict";
import { mfpClipSizes } from "../../lib/methods/mfp_clip/architecture.ts";
import { relative } from "node:path";
import {
  openSafetensors,
  readWeight,
} from "../../lib/checkpoint/safetensors.ts";
import type { WeightEntry } from "../../lib/checkpoint/weights.ts";
import {
  DEFAULT_CONFIG,
  mfpClipConfigToJson,
} from "../../lib/methods/mfp_clip/config.ts";
import { openModelDirectory } from "../../lib/methods/model_directory.ts";
import { promptOptions } from "../../lib/methods/prompts.ts";
import { goldenModel, GOLDENS } from "../golden/mfp_clip/golden.ts";
import { rewriteAsOpenai } from "../golden/mfp_clip/openai_copy.ts";

function golden(name: string): typeof GOLDENS[number] {
  return GOLDENS.find((golden) => golden.name === name)!;
}

async function edit(
  path: string,
  change: (json: Record<string, unknown>) => void,
): Promise<void> {
  const json = JSON.parse(await Deno.readTextFile(path));
  change(json);
  await Deno.writeTextFile(path, JSON.stringify(json));
}

Deno.test("openModelDirectory() opens every golden", async () => {
  for (const golden of GOLDENS) {
    await using folder = await goldenModel(golden);
    const model = await openModelDirectory(folder.path);
    assert.equal(model.architecture.imageSize, golden.side, golden.name);
    const files = new Set([...model.weights.values()].map(({ file }) => file));
    assert.deepEqual([...files].toSorted(), [
      `${folder.path}/clip/model.safetensors`,
      `${folder.path}/mfp_clip.safetensors`,
      `${folder.path}/resnet50.safetensors`,
    ]);
    for (const name of ["logit_scale", "bn1.bias", "adapters.0.fc1.weight"]) {
      assert(model.weights.has(name), name);
    }
  }
});

/** The elements as the model's name means them. */
async function elements(entry: WeightEntry): Promise<Float32Array> {
  const data = await readWeight(entry);
  if (!entry.transposed) return data;
  const [rows = 1, columns = 1] = entry.shape;
  return data.map((_, i) => data[(i % rows) * columns + Math.floor(i / rows)]!);
}

Deno.test("openModelDirectory() finds the same tensors under OpenAI's names", async () => {
  await using ours = await goldenModel(golden("plain"));
  await using theirs = await goldenModel(golden("plain"));
  const path = `${theirs.path}/clip/model.safetensors`;
  await rewriteAsOpenai(path);
  const names = [...(await openSafetensors(path)).tensors.keys()];
  assert(names.includes("visual.transformer.resblocks.7.attn.in_proj_bias"));
  assert(!names.some((name) => /^(vision|text)_model/.test(name)));
  const expected = (await openModelDirectory(ours.path)).weights;
  const { weights } = await openModelDirectory(theirs.path);
  assert.deepEqual([...weights.keys()], [...expected.keys()]);
  for (const [name, entry] of weights) {
    const values = await elements(entry);
    assert.deepEqual(values, await readWeight(expected.get(name)!), name);
  }
});

Deno.test("openModelDirectory() names every missing file", async () => {
  await using folder = await goldenModel(golden("plain"));
  await assert.rejects(openModelDirectory(`${folder.path}/elsewhere`), {
    name: "ModelError",
    message: `Cannot load ${folder.path}/elsewhere as clip/config.json, ` +
      "clip/model.safetensors, resnet50.safetensors, mfp_clip.json, " +
      "mfp_clip.safetensors are missing",
  });
  await Deno.remove(`${folder.path}/mfp_clip.json`);
  await assert.rejects(openModelDirectory(folder.path), {
    name: "ModelError",
    message: `Cannot load ${folder.path} as mfp_clip.json is missing`,
  });
});

Deno.test("openModelDirectory() finds files that do not fit each other", async () => {
  await using folder = await goldenModel(golden("plain"));
  const config = `${folder.path}/mfp_clip.json`;
  await edit(config, (json) => {
    json.image_size = 40;
    json.taps = [2, 4, 6, 9];
  });
  await assert.rejects(openModelDirectory(folder.path), {
    name: "ModelError",
    message: `Cannot load ${config} as image_size must be a multiple of the ` +
      "patch size 7: current value is 40, taps must be at most the 8 vision " +
      "layers: current value is [2,4,6,9]",
  });
  await edit(config, (json) => {
    json.image_size = 42;
    json.taps = [2, 4, 6, 8];
    json.mp = true;
  });
  await assert.rejects(openModelDirectory(folder.path), {
    name: "ModelError",
    message: `Cannot load ${folder.path}/mfp_clip.safetensors as 2 tensors ` +
      "are missing (mp.fusion.weight, mp.fusion.bias)",
  });
});

Deno.test("openModelDirectory() refuses a tokenizer larger than the table", async () => {
  await using folder = await goldenModel(golden("gelu"));
  await edit(`${folder.path}/clip/vocab.json`, (json) => {
    json["<|endoftext|>"] = 600;
  });
  await assert.rejects(openModelDirectory(folder.path), {
    name: "ModelError",
    message: `Cannot load ${folder.path}/clip as the tokenizer has ids up to ` +
      "600, but vocab_size is 600",
  });
});

Deno.test("openModelDirectory() refuses a checkpoint cut short", async () => {
  await using folder = await goldenModel(golden("plain"));
  for (
    const name of [
      "clip/model.safetensors",
      "resnet50.safetensors",
      "mfp_clip.safetensors",
    ]
  ) {
    const path = `${folder.path}/${name}`;
    const whole = await Deno.readFile(path);
    await Deno.truncate(path, whole.length - 1);
    await assert.rejects(openModelDirectory(folder.path), {
      name: "ModelError",
      message: `Cannot load ${path} as the file is truncated: it must have ` +
        `${whole.length} bytes and has ${whole.length - 1}`,
    });
    await Deno.writeFile(path, whole);
  }
});

Deno.test("promptOptions() passes the trained length on in token fusion only", async () => {
  for (const [name, expected] of [["token_drop_n1", 9], ["feature", null]]) {
    await using folder = await goldenModel(golden(String(name)));
    await edit(`${folder.path}/mfp_clip.json`, (json) => {
      json.longest_end_of_text = 9;
    });
    const { architecture } = await openModelDirectory(folder.path);
    const { contextLength, rules } = promptOptions(architecture);
    assert.deepEqual([contextLength, rules.longestEndOfText], [40, expected]);
  }
});

Deno.test("openModelDirectory() follows backbones of backbones", async () => {
  await using base = await goldenModel(golden("plain"));
  await using middle = await goldenModel(golden("plain"));
  await using own = await goldenModel(golden("plain"));
  await Deno.remove(`${middle.path}/resnet50.safetensors`);
  await Deno.remove(`${own.path}/clip`, { recursive: true });
  await Deno.remove(`${own.path}/resnet50.safetensors`);
  const chain = [[middle, base], [own, middle]] as const;
  for (const [folder, backbone] of chain) {
    await edit(`${folder.path}/mfp_clip.json`, (json) => {
      json.backbone = relative(folder.path, backbone.path);
    });
  }
  const { weights, tokenizer } = await openModelDirectory(own.path);
  const fileOf = (name: string) => weights.get(name)!.file;
  assert.equal(fileOf("logit_scale"), `${middle.path}/clip/model.safetensors`);
  assert.equal(fileOf("bn1.bias"), `${base.path}/resnet50.safetensors`);
  const head = `${own.path}/mfp_clip.safetensors`;
  assert.equal(fileOf("adapters.0.fc1.weight"), head);
  assert.equal(tokenizer.endOfText, 599);
  await Deno.remove(`${base.path}/resnet50.safetensors`);
  await assert.rejects(openModelDirectory(own.path), {
    name: "ModelError",
    message: `Cannot load ${base.path}, the backbone of ${own.path}, as ` +
      "resnet50.safetensors is missing",
  });
  await Deno.remove(head);
  await assert.rejects(openModelDirectory(own.path), {
    message: `Cannot load ${own.path} as mfp_clip.safetensors is missing: ` +
      "deno task train --init-head trains one",
  });
});

Deno.test("openModelDirectory() refuses a backbone that is no path", async () => {
  await using folder = await goldenModel(golden("plain"));
  const config = `${folder.path}/mfp_clip.json`;
  await edit(config, (json) => json.backbone = 3);
  await assert.rejects(openModelDirectory(folder.path), {
    name: "ModelError",
    message: `Cannot load ${config} as backbone must be the path of a model ` +
      "directory: current value is 3",
  });
  await edit(config, (json) => json.backbone = ".");
  await Deno.remove(`${folder.path}/clip`, { recursive: true });
  await assert.rejects(openModelDirectory(folder.path), {
    name: "ModelError",
    message: /clip\/config\.json, clip\/model\.safetensors are missing$/,
  });
});

Deno.test("openModelDirectory() needs no head where none is asked for", async () => {
  await using folder = await goldenModel(golden("plain"));
  await Deno.remove(`${folder.path}/mfp_clip.json`);
  await Deno.remove(`${folder.path}/mfp_clip.safetensors`);
  const config = { imageSize: 42, taps: [1, 2], mpfa: 1 };
  const choices = mfpClipConfigToJson(config);
  const model = await openModelDirectory(folder.path, { head: false, choices });
  assert.deepEqual(mfpClipSizes(model).config, {
    ...DEFAULT_CONFIG,
    ...config,
  });
  assert(!model.weights.has("adapters.0.fc1.weight"));
  await assert.rejects(
    openModelDirectory(folder.path, { head: false, choices: { mpfa: 2 } }),
    {
      name: "ModelError",
      message:
        `Cannot load ${folder.path} as mpfa must be odd: current value ` +
        "is 2",
    },
  );
});

Deno.test("openModelDirectory() overrides choices of the file", async () => {
  await using folder = await goldenModel(golden("plain"));
  const model = await openModelDirectory(folder.path, {
    choices: { sp_after: "drop", logit_scale: 5 },
  });
  const { config } = mfpClipSizes(model);
  assert.equal(config.spAfter, "drop");
  assert.equal(config.logitScale, 5);
  assert.equal(config.imageSize, 42);
});

Deno.test("openModelDirectory() runs both towers of MFP-CLIP with the activation of the vision tower", async () => {
  await using folder = await goldenModel(golden("plain"));
  const path = `${folder.path}/clip/config.json`;
  const json = JSON.parse(await Deno.readTextFile(path));
  json.text_config.hidden_act = "gelu";
  assert.equal(json.vision_config.hidden_act, "quick_gelu");
  await Deno.writeTextFile(path, JSON.stringify(json));
  const { architecture: { clip } } = await openModelDirectory(folder.path);
  assert.deepEqual(
    [clip.vision.hiddenAct, clip.text.hiddenAct],
    ["quick_gelu", "quick_gelu"],
  );
});
