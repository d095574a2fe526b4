import assert from "node:assert/strict";
import { clipConfigToJson, parseClipConfig } from "../../lib/clip/config.ts";
import {
  DEFAULT_CONFIG,
  mfpClipConfigToJson,
} from "../../lib/methods/mfp_clip/config.ts";
import { openModelDirectory } from "../../lib/methods/model_directory.ts";
import { parseRecipe, type Recipe } from "../../lib/pretraining/recipe.ts";
import { readTensors } from "../../lib/pretraining/stage_model.ts";
import {
  pretrain,
  type PretrainOptions,
} from "../../lib/pretraining/pretrain.ts";

const NANO = `${import.meta.dirname}/../../models/nano`;

const TOWER = {
  hidden_size: 8,
  intermediate_size: 8,
  num_hidden_layers: 1,
  num_attention_heads: 1,
};

const STAGE = { steps: 4, batch_size: 2, weight_decay: 0.1, clip_norm: 1 };

const RECIPE: Recipe = parseRecipe({
  seed: 1,
  calibration_images: 2,
  resnet: { width: 2 },
  data: { seed: 4, chunk: 4, views: 2, composites: 1 },
  names: ["bolt", "phone"],
  stages: [
    { ...STAGE, name: "words", kind: "text" },
    { ...STAGE, name: "patches", kind: "dense" },
    { ...STAGE, name: "head", kind: "head", mask_prompting: false },
  ],
}, "recipe.json");

const OPTIONS: PretrainOptions = {
  resume: false,
  threads: 1,
  signal: new AbortController().signal,
  onStage: () => {},
  onStep: () => {},
};

/** A recipe's folder with a tiny model, and room for what it makes. */
async function withFolders(
  body: (folders: { source: string; root: string }) => Promise<void>,
): Promise<void> {
  const root = await Deno.makeTempDir();
  const source = `${root}/source`;
  const clip = parseClipConfig({
    projection_dim: 8,
    vision_config: { ...TOWER, image_size: 32, patch_size: 16 },
    text_config: { ...TOWER, vocab_size: 1092, max_position_embeddings: 12 },
  }, "config.json");
  const config = { ...DEFAULT_CONFIG, imageSize: 32, taps: [1], spPrompts: 1 };
  const write = (name: string, json: unknown) =>
    Deno.writeTextFile(`${source}/${name}`, JSON.stringify(json));
  try {
    await Deno.mkdir(`${source}/clip`, { recursive: true });
    await write("clip/config.json", clipConfigToJson(clip));
    await write("mfp_clip.json", mfpClipConfigToJson(config));
    for (const name of ["vocab.json", "merges.txt"]) {
      await Deno.copyFile(`${NANO}/clip/${name}`, `${source}/clip/${name}`);
    }
    await body({ source, root });
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

async function tensorsIn(folder: string) {
  return await readTensors(await openModelDirectory(folder));
}

/** Names of tensors that differ between two models. */
async function changed(before: string, after: string): Promise<string[]> {
  const [a, b] = await Promise.all([tensorsIn(before), tensorsIn(after)]);
  return [...a.keys()].filter((name) => `${a.get(name)}` !== `${b.get(name)}`);
}

/** Trains, and stops after so many steps of a stage. */
async function stopAfter(
  steps: number,
  parts: { recipe: Recipe; source: string; out: string },
): Promise<void> {
  const controller = new AbortController();
  let done = 0;
  const run = pretrain(parts, {
    ...OPTIONS,
    signal: controller.signal,
    onStep: () => {
      if (++done === steps) controller.abort(new Error("told to stop"));
    },
  });
  await assert.rejects(run, /told to stop/);
}

Deno.test("pretrain() trains in each stage what belongs to it, and goes on where it was stopped with the same recipe only", async () => {
  await withFolders(async ({ source, root }) => {
    const [whole, stopped] = [`${root}/whole`, `${root}/stopped`];
    const parts = { recipe: RECIPE, source, out: whole };
    const model = await pretrain(parts, OPTIONS);

    const words = await changed(`${whole}/start`, `${whole}/words`);
    assert(words.length > 0 && words.every((name) => /^text_/.test(name)));
    const patches = await changed(`${whole}/words`, `${whole}/patches`);
    for (const name of patches) {
      assert.match(name, /^(vision_model|adapters)\.|^logit_scale$/);
    }
    assert(patches.includes("adapters.0.fc1.weight"));
    const head = await changed(`${whole}/patches`, `${whole}/head`);
    assert(head.includes("i2tp.mixing.weight"));
    for (const name of head) assert.match(name, /^(i2tp|sp|adapters)\./);

    const rows = (await Deno.readTextFile(`${model}/training_log.jsonl`))
      .trim().split("\n").map((line) => JSON.parse(line));
    assert.deepEqual(
      rows.map(({ stage, step }) => [stage, step]),
      [["words", 4], ["patches", 4], ["head", 4]],
    );

    // In the middle of the second stage, which is the fourth step and two.
    const again = { ...parts, out: stopped };
    await stopAfter(6, again);
    await assert.rejects(pretrain(again, OPTIONS), {
      name: "ModelError",
      message:
        `Cannot train into ${stopped} as it must not hold a run: it has start`,
    });
    const [first, ...rest] = RECIPE.stages;
    const stages = [{ ...first!, learningRate: 0.5 }, ...rest];
    await assert.rejects(
      pretrain({ ...again, recipe: { ...RECIPE, stages } }, {
        ...OPTIONS,
        resume: true,
      }),
      { name: "ModelError", message: /its run must have the same recipe/ },
    );
    const resumed = await pretrain(again, { ...OPTIONS, resume: true });
    assert.deepEqual(await changed(model, resumed), []);
  });
});
