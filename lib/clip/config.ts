/**
 * The sizes of a CLIP model, read from Hugging Face's config.json.
 *
 * @module
 */
import { cannotLoad } from "../checkpoint/cannot_load.ts";
import { Fields } from "../checkpoint/fields.ts";
import { type JsonObject, readJsonObject } from "../checkpoint/json_file.ts";

/** Activation of a tower's MLPs; OpenAI's weights need `quick_gelu`. */
export type HiddenAct = "quick_gelu" | "gelu";

/** What both towers have. */
export interface TowerConfig {
  /** Width of the residual stream. */
  readonly hiddenSize: number;
  /** Width inside the MLPs. */
  readonly intermediateSize: number;
  /** Transformer blocks. */
  readonly numHiddenLayers: number;
  /** Attention heads; they divide `hiddenSize`. */
  readonly numAttentionHeads: number;
  /** Activation of the MLPs. */
  readonly hiddenAct: HiddenAct;
  /** Added to the variance in layer norms. */
  readonly layerNormEps: number;
}

/** Sizes of the vision tower; `hiddenSize` is Dv. */
export interface VisionConfig extends TowerConfig {
  /** Side of the pre-training image in pixels; it sizes the position grid. */
  readonly imageSize: number;
  /** Side of a patch in pixels. */
  readonly patchSize: number;
}

/** Sizes of the text tower; `hiddenSize` is Dw. */
export interface TextConfig extends TowerConfig {
  /** Number of tokens in the vocabulary. */
  readonly vocabSize: number;
  /** Context length n in tokens. */
  readonly maxPositionEmbeddings: number;
}

/** Sizes of a CLIP model. */
export interface ClipConfig {
  /** The image side. */
  readonly vision: VisionConfig;
  /** The text side. */
  readonly text: TextConfig;
  /** Width Dt of the joint space. */
  readonly projectionDim: number;
}

/** The largest CLIP models have 48 layers. */
const MOST_LAYERS = 1000;

function towerConfig(
  fields: Fields,
  defaults: { width: number; mlp: number; heads: number },
): TowerConfig {
  const tower: TowerConfig = {
    hiddenSize: fields.integer("hidden_size", { fallback: defaults.width }),
    intermediateSize: fields.integer("intermediate_size", {
      fallback: defaults.mlp,
    }),
    numHiddenLayers: fields.integer("num_hidden_layers", { fallback: 12 }),
    numAttentionHeads: fields.integer("num_attention_heads", {
      fallback: defaults.heads,
    }),
    hiddenAct: fields.word("hidden_act", {
      fallback: "quick_gelu",
      words: ["quick_gelu", "gelu"],
    }),
    layerNormEps: fields.number("layer_norm_eps", 1e-5),
  };
  if (tower.numHiddenLayers > MOST_LAYERS) {
    fields.addProblem(
      "num_hidden_layers",
      `at most ${MOST_LAYERS}`,
      tower.numHiddenLayers,
    );
  }
  if (tower.hiddenSize % tower.numAttentionHeads !== 0) {
    fields.addProblem(
      "hidden_size",
      `a multiple of the ${tower.numAttentionHeads} attention heads`,
      tower.hiddenSize,
    );
  }
  return tower;
}

function visionConfig(fields: Fields): VisionConfig {
  const channels = fields.integer("num_channels", { fallback: 3 });
  if (channels !== 3) fields.addProblem("num_channels", "3", channels);
  const imageSize = fields.integer("image_size", { fallback: 224 });
  const patchSize = fields.integer("patch_size", { fallback: 32 });
  if (patchSize > imageSize) {
    fields.addProblem("patch_size", "at most image_size", patchSize);
  }
  return {
    ...towerConfig(fields, { width: 768, mlp: 3072, heads: 12 }),
    imageSize,
    patchSize,
  };
}

function textConfig(fields: Fields): TextConfig {
  return {
    ...towerConfig(fields, { width: 512, mlp: 2048, heads: 8 }),
    vocabSize: fields.integer("vocab_size", { fallback: 49408, min: 3 }),
    maxPositionEmbeddings: fields.integer("max_position_embeddings", {
      fallback: 77,
      min: 3,
    }),
  };
}

/**
 * Reads the sizes from a parsed config.json. Absent keys have the defaults of
 * `transformers`' CLIPConfig, and as there `vision_config_dict` and
 * `text_config_dict`, which old checkpoints have, go before `vision_config`
 * and `text_config`.
 *
 * @param path What errors call the file.
 * @throws {ModelError} If any value is unusable; the one message says all.
 */
export function parseClipConfig(json: JsonObject, path: string): ClipConfig {
  const fields = new Fields(json);
  const tower = (key: string) =>
    fields.nested(json[`${key}_dict`] ? `${key}_dict` : key);
  const config: ClipConfig = {
    vision: visionConfig(tower("vision_config")),
    text: textConfig(tower("text_config")),
    projectionDim: fields.integer("projection_dim", { fallback: 512 }),
  };
  if (fields.problems.length > 0) cannotLoad(path, fields.problems.join(", "));
  return config;
}

/** The sizes of a CLIP whose towers both have this activation. */
export function withActivation(
  clip: ClipConfig,
  hiddenAct: TowerConfig["hiddenAct"],
): ClipConfig {
  return {
    ...clip,
    vision: { ...clip.vision, hiddenAct },
    text: { ...clip.text, hiddenAct },
  };
}

function towerToJson(tower: TowerConfig): JsonObject {
  return {
    hidden_size: tower.hiddenSize,
    intermediate_size: tower.intermediateSize,
    num_hidden_layers: tower.numHiddenLayers,
    num_attention_heads: tower.numAttentionHeads,
    hidden_act: tower.hiddenAct,
    layer_norm_eps: tower.layerNormEps,
  };
}

/** Writes the sizes as {@linkcode parseClipConfig} reads them. */
export function clipConfigToJson(config: ClipConfig): JsonObject {
  const { vision, text, projectionDim } = config;
  return {
    architectures: ["CLIPModel"],
    model_type: "clip",
    projection_dim: projectionDim,
    vision_config: {
      model_type: "clip_vision_model",
      ...towerToJson(vision),
      image_size: vision.imageSize,
      patch_size: vision.patchSize,
    },
    text_config: {
      model_type: "clip_text_model",
      ...towerToJson(text),
      vocab_size: text.vocabSize,
      max_position_embeddings: text.maxPositionEmbeddings,
      bos_token_id: text.vocabSize - 2,
      eos_token_id: text.vocabSize - 1,
    },
  };
}

/**
 * Reads config.json of a model in Hugging Face CLIPModel layout.
 *
 * @throws {ModelError} If the file is missing or any value is unusable.
 */
export async function readClipConfig(path: string): Promise<ClipConfig> {
  return parseClipConfig(await readJsonObject(path), path);
}
