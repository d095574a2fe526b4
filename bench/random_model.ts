/**
 * Random models of real sizes: speed does not depend on the weights.
 *
 * @module
 */
import type { JsonObject } from "../lib/checkpoint/json_file.ts";
import { writeSafetensors } from "../lib/checkpoint/write_safetensors.ts";
import { parseClipConfig } from "../lib/clip/config.ts";
import { clipShapes } from "../lib/clip/weights.ts";
import { parseMfpClipConfig } from "../lib/methods/mfp_clip/config.ts";
import { headShapes } from "../lib/methods/mfp_clip/head_shapes.ts";
import { headSizes } from "../lib/methods/mfp_clip/architecture.ts";
import { type ResnetConfig, resnetShapes } from "../lib/resnet/config.ts";

/** A tower as config.json spells it. */
interface TowerSize {
  readonly hidden_size: number;
  readonly intermediate_size: number;
  readonly num_hidden_layers: number;
  readonly num_attention_heads: number;
}

/** Size of a random model. */
export interface RandomModelSize {
  /** The vision tower, with its patch and pre-training image. */
  readonly vision: TowerSize & { patch_size: number; image_size: number };
  /** The text tower. */
  readonly text: TowerSize;
  /** Width of the joint space. */
  readonly projection: number;
  /** Side of the input image. */
  readonly side: number;
  /** Tapped blocks. */
  readonly taps: readonly number[];
  /** @default {That of ResNet-50} */
  readonly resnet?: ResnetConfig;
}

/** Sizes by name. */
export const SIZES: Readonly<
  Record<"vit-l-518" | "vit-b-224" | "vit-b-plus-240", RandomModelSize>
> = {
  "vit-l-518": {
    vision: {
      hidden_size: 1024,
      intermediate_size: 4096,
      num_hidden_layers: 24,
      num_attention_heads: 16,
      patch_size: 14,
      image_size: 336,
    },
    text: {
      hidden_size: 768,
      intermediate_size: 3072,
      num_hidden_layers: 12,
      num_attention_heads: 12,
    },
    projection: 768,
    side: 518,
    taps: [6, 12, 18, 24],
  },
  "vit-b-224": {
    vision: {
      hidden_size: 768,
      intermediate_size: 3072,
      num_hidden_layers: 12,
      num_attention_heads: 12,
      patch_size: 16,
      image_size: 224,
    },
    text: {
      hidden_size: 512,
      intermediate_size: 2048,
      num_hidden_layers: 12,
      num_attention_heads: 8,
    },
    projection: 512,
    side: 224,
    taps: [3, 6, 9, 12],
  },
  "vit-b-plus-240": {
    vision: {
      hidden_size: 896,
      intermediate_size: 3584,
      num_hidden_layers: 12,
      num_attention_heads: 14,
      patch_size: 16,
      image_size: 240,
    },
    text: {
      hidden_size: 640,
      intermediate_size: 2560,
      num_hidden_layers: 12,
      num_attention_heads: 10,
    },
    projection: 640,
    side: 240,
    taps: [3, 6, 9, 12],
  },
};

const TOKENIZER = new URL(
  "../tests/golden/mfp_clip/backbones/quick_gelu/clip/tokenizer.json",
  import.meta.url,
);

/** CLIP's configuration. */
export function clipJsonOf(
  { vision, text, projection }: RandomModelSize,
  { vocabulary }: { readonly vocabulary: number },
): JsonObject {
  // bench/reference.py wants the activation spelled out.
  const hidden_act = "quick_gelu";
  return {
    vision_config: { ...vision, hidden_act },
    text_config: {
      ...text,
      hidden_act,
      vocab_size: vocabulary,
      max_position_embeddings: 77,
    },
    projection_dim: projection,
  };
}

/** The CNN that the paper takes. */
const RESNET_50: ResnetConfig = { width: 64, blocks: [3, 4, 6, 3] };

/**
 * Writes a model directory with random weights.
 *
 * @param seed Another one gives other weights.
 */
export async function writeRandomModel(
  directory: string,
  size: RandomModelSize,
  seed = 0,
): Promise<void> {
  const { side, taps, resnet = RESNET_50 } = size;
  await Deno.mkdir(`${directory}/clip`, { recursive: true });
  const clipJson = clipJsonOf(size, { vocabulary: 49408 });
  const configJson = { image_size: side, taps: [...taps] };
  await writeJson(`${directory}/clip/config.json`, clipJson);
  await writeJson(`${directory}/mfp_clip.json`, configJson);
  await Deno.copyFile(TOKENIZER, `${directory}/clip/tokenizer.json`);
  const sizes = {
    clip: parseClipConfig(clipJson, "config.json"),
    config: parseMfpClipConfig(configJson, "mfp_clip.json"),
    resnet,
  };
  await writeRandom(
    `${directory}/clip/model.safetensors`,
    clipShapes(sizes.clip),
    seed,
  );
  await writeRandom(
    `${directory}/resnet50.safetensors`,
    resnetShapes(sizes.resnet),
    seed,
  );
  await writeRandom(
    `${directory}/mfp_clip.safetensors`,
    headShapes(sizes.config, headSizes(sizes)),
    seed,
  );
}

/** Writes a JSON file. */
export function writeJson(path: string, value: unknown): Promise<void> {
  return Deno.writeTextFile(path, JSON.stringify(value, null, 2));
}

/**
 * Scales up positions and words, as tests/golden/reference/make_random_model.py
 * does it: of small ones the map is flat, and any error is a large part of its
 * range.
 */
export function contrastOf(name: string): number {
  if (/^vision.*position_embedding/.test(name)) return 15;
  return name.includes("token_embedding") ? 5 : 1;
}

/**
 * Writes random tensors of these shapes.
 *
 * @param scaleOf What the numbers of a tensor are multiplied by.
 */
export async function writeRandom(
  path: string,
  shapes: ReadonlyMap<string, readonly number[]>,
  seed = 0,
  scaleOf: (name: string) => number = () => 1,
): Promise<void> {
  const entries = [...shapes].map(([name, shape], i) =>
    [name, {
      dtype: "F32",
      shape,
      data: random(name, shape, i + 1009 * seed)
        .map((value) => value * scaleOf(name)),
    }] as const
  );
  await writeSafetensors(path, Object.fromEntries(entries));
}

/** Uniform numbers, scaled so that activations neither explode nor vanish. */
function random(
  name: string,
  shape: readonly number[],
  seed: number,
): Float32Array {
  const size = shape.reduce((a, b) => a * b, 1);
  const positive = /running_var|(norm|bn)[^.]*\.weight|downsample\.1\.weight/;
  if (name === "logit_scale") return Float32Array.of(4.6052);
  if (positive.test(name)) return new Float32Array(size).fill(1);
  const scale = (3 / (shape.slice(1).reduce((a, b) => a * b, 1))) ** 0.5;
  let state = seed * 2654435761 + 1 >>> 0;
  const reach = shape.length > 1 ? scale : 0.1;
  const values = new Float32Array(size);
  for (let i = 0; i < size; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    values[i] = (state / 2147483648 - 1) * reach;
  }
  return values;
}
