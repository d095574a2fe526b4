/**
 * Writes an untrained nano: a whole model directory, the same bytes each time.
 *
 *     deno run --allow-read --allow-write models/nano/make_untrained.ts [OUT]
 *
 * @module
 */
import type { Shapes } from "../../lib/checkpoint/check_weights.ts";
import {
  type TensorData,
  writeSafetensors,
} from "../../lib/checkpoint/write_safetensors.ts";
import { parseClipConfig } from "../../lib/clip/config.ts";
import { clipShapes } from "../../lib/clip/weights.ts";
import { Random } from "../../lib/data/synthetic/random.ts";
import {
  DEFAULT_CONFIG,
  mfpClipConfigToJson,
} from "../../lib/mfp_clip/config.ts";
import { headShapes } from "../../lib/mfp_clip/head_shapes.ts";
import { headSizes } from "../../lib/mfp_clip/model_directory.ts";
import { resnetShapes } from "../../lib/resnet/config.ts";
import { buildVocabulary } from "./vocabulary.ts";

const SEED = "nano";
const RESNET = { width: 8, blocks: [1, 1, 1, 1] } as const;
const CONFIG = {
  ...DEFAULT_CONFIG,
  imageSize: 112,
  taps: [1, 2, 3, 4],
  spStages: 2,
};

/** config.json in Hugging Face's layout. */
function clipConfig(vocabSize: number) {
  return {
    model_type: "clip",
    projection_dim: 64,
    vision_config: {
      hidden_size: 96,
      intermediate_size: 192,
      num_hidden_layers: 4,
      num_attention_heads: 3,
      image_size: 112,
      patch_size: 8,
      hidden_act: "quick_gelu",
    },
    text_config: {
      hidden_size: 64,
      intermediate_size: 128,
      num_hidden_layers: 2,
      num_attention_heads: 4,
      vocab_size: vocabSize,
      max_position_embeddings: 12,
      bos_token_id: vocabSize - 2,
      eos_token_id: vocabSize - 1,
      hidden_act: "quick_gelu",
    },
  };
}

/** [identity, 0]: the mixing and the fusion start as if they were not there. */
function identity([rows, columns]: readonly number[]): Float32Array {
  const values = new Float32Array(rows! * columns!);
  for (let i = 0; i < rows!; i++) values[i * columns! + i] = 1;
  return values;
}

/**
 * Half the width of the uniform distribution that a tensor is drawn from:
 * PyTorch's for linear maps, He's for convolutions, CLIP's spread for the rest.
 */
function reach(name: string, shape: readonly number[]): number {
  const spread = Math.sqrt(3);
  if (/^(vision_model\.embeddings\.(class|position)|text_proj)/.test(name)) {
    return spread / Math.sqrt(shape.at(-1)!);
  }
  if (/position_embedding/.test(name)) return 0.01 * spread;
  if (/embedding|prompt_tokens/.test(name)) return 0.02 * spread;
  const inputs = shape.slice(1).reduce((product, size) => product * size, 1);
  const isConvolution = shape.length === 4;
  return Math.sqrt((isConvolution ? 6 : 1) / inputs);
}

const NORM_REGEXP = /(norm\d?|bn\d|downsample\.1)\.(weight|bias)$/;
const IDENTITY_REGEXP = /^(i2tp\.mixing|mp\.fusion)\.(weight|bias)$/;

function initialise(name: string, shapes: Shapes): Float32Array {
  const shape = shapes.get(name)!;
  const size = shape.reduce((product, side) => product * side, 1);
  const filled = (value: number) => new Float32Array(size).fill(value);
  const isBias = name.endsWith(".bias");
  if (name === "logit_scale") return filled(Math.log(1 / 0.07));
  if (name.endsWith(".running_mean")) return filled(0);
  if (name.endsWith(".running_var")) return filled(1);
  if (NORM_REGEXP.test(name)) return filled(isBias ? 0 : 1);
  if (IDENTITY_REGEXP.test(name)) return isBias ? filled(0) : identity(shape);
  const weight = name.replace(/bias$/, "weight");
  const width = reach(name, shapes.get(weight)!);
  const random = new Random(`${SEED}/${name}`);
  return filled(0).map(() => random.about(width));
}

function halves(shapes: Shapes): Record<string, TensorData> {
  return Object.fromEntries(
    [...shapes].map(([name, shape]) => [
      name,
      { dtype: "F16", shape, data: initialise(name, shapes) },
    ]),
  );
}

async function writeJson(path: string, value: unknown): Promise<void> {
  await Deno.writeTextFile(path, `${JSON.stringify(value, null, 2)}\n`);
}

/**
 * Writes the untrained model.
 *
 * @param folder Where to; it is made if need be.
 */
export async function makeUntrained(folder: string): Promise<void> {
  const { vocab, merges } = buildVocabulary();
  const config = clipConfig(Object.keys(vocab).length);
  const clip = parseClipConfig(config, "config.json");
  const sizes = { clip, resnet: RESNET, config: CONFIG };
  await Deno.mkdir(`${folder}/clip`, { recursive: true });
  await writeJson(`${folder}/clip/config.json`, config);
  await Deno.writeTextFile(`${folder}/clip/vocab.json`, JSON.stringify(vocab));
  await Deno.writeTextFile(
    `${folder}/clip/merges.txt`,
    `${merges.join("\n")}\n`,
  );
  await writeJson(`${folder}/mfp_clip.json`, mfpClipConfigToJson(CONFIG));
  const files = {
    "clip/model.safetensors": clipShapes(clip),
    "resnet50.safetensors": resnetShapes(RESNET),
    "mfp_clip.safetensors": headShapes(CONFIG, headSizes(sizes)),
  };
  for (const [file, shapes] of Object.entries(files)) {
    await writeSafetensors(`${folder}/${file}`, halves(shapes), {
      metadata: { format: "pt" },
    });
  }
}

if (import.meta.main) {
  await makeUntrained(Deno.args[0] ?? import.meta.dirname!);
}
