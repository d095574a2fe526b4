/**
 * Finds the tensors of a CLIP model in a checkpoint.
 *
 * @module
 */
import { checkWeights, type Shapes } from "../checkpoint/check_weights.ts";
import type { WeightEntry, Weights } from "../checkpoint/weights.ts";
import type { ClipConfig, TowerConfig } from "./config.ts";
import { fromOpenaiNames, hasOpenaiNames } from "./openai_names.ts";

/** Real checkpoints hold these, but no program reads them. */
const UNUSED = [
  /\.position_ids$/,
  /^(input_resolution|context_length|vocab_size)$/,
  /(^|\.)attn_mask$/,
];

/** What only the image's feature in the joint space needs. */
const IMAGE_FEATURE = [
  /^visual_projection\.weight$/,
  /^vision_model\.post_layernorm\.(weight|bias)$/,
];

/** Which tensors of CLIP are needed. */
export interface ClipShapesOptions {
  /**
   * Whether CLIP's own image feature is read: `post_layernorm` and
   * `visual_projection` of the vision tower.
   *
   * @default {false}
   */
  readonly imageFeature?: boolean;
}

type NamedShape = [string, readonly number[]];

function normShapes(name: string, width: number): NamedShape[] {
  return [[`${name}.weight`, [width]], [`${name}.bias`, [width]]];
}

function linearShapes(name: string, out: number, inner: number): NamedShape[] {
  return [[`${name}.weight`, [out, inner]], [`${name}.bias`, [out]]];
}

function blockShapes(name: string, tower: TowerConfig): NamedShape[] {
  const { hiddenSize: width, intermediateSize: mlp } = tower;
  return [
    ...normShapes(`${name}.layer_norm1`, width),
    ...["q_proj", "k_proj", "v_proj", "out_proj"].flatMap((projection) =>
      linearShapes(`${name}.self_attn.${projection}`, width, width)
    ),
    ...normShapes(`${name}.layer_norm2`, width),
    ...linearShapes(`${name}.mlp.fc1`, mlp, width),
    ...linearShapes(`${name}.mlp.fc2`, width, mlp),
  ];
}

function encoderShapes(name: string, tower: TowerConfig): NamedShape[] {
  return Array.from({ length: tower.numHiddenLayers }).flatMap((_, i) =>
    blockShapes(`${name}.encoder.layers.${i}`, tower)
  );
}

/**
 * Name -> shape of every CLIP tensor that a model needs, under the names of
 * Hugging Face's CLIPModel; Linear weights are [out, in].
 */
export function clipShapes(
  config: ClipConfig,
  { imageFeature = false }: ClipShapesOptions = {},
): Shapes {
  const { vision, text, projectionDim } = config;
  const { hiddenSize: Dv, patchSize, imageSize } = vision;
  const { hiddenSize: Dw, maxPositionEmbeddings: n } = text;
  const grid = Math.floor(imageSize / patchSize);
  return new Map([
    ["vision_model.embeddings.class_embedding", [Dv]],
    ["vision_model.embeddings.patch_embedding.weight", [
      Dv,
      3,
      patchSize,
      patchSize,
    ]],
    ["vision_model.embeddings.position_embedding.weight", [
      1 + grid * grid,
      Dv,
    ]],
    ...normShapes("vision_model.pre_layrnorm", Dv),
    ...encoderShapes("vision_model", vision),
    ["text_model.embeddings.token_embedding.weight", [text.vocabSize, Dw]],
    ["text_model.embeddings.position_embedding.weight", [n, Dw]],
    ...encoderShapes("text_model", text),
    ...normShapes("text_model.final_layer_norm", Dw),
    ["text_projection.weight", [projectionDim, Dw]],
    ["logit_scale", []],
    ...imageFeature ? imageFeatureShapes(Dv, projectionDim) : [],
  ]);
}

function imageFeatureShapes(width: number, joint: number): NamedShape[] {
  return [
    ...normShapes("vision_model.post_layernorm", width),
    ["visual_projection.weight", [joint, width]],
  ];
}

/**
 * Finds every tensor of {@linkcode clipShapes} in a checkpoint with the names
 * of Hugging Face, OpenAI or open_clip.
 *
 * @param file An opened checkpoint.
 * @param config Sizes the checkpoint must have.
 * @returns Tensors under the names of Hugging Face's CLIPModel.
 * @throws {ModelError} If a tensor is missing, misshaped or foreign.
 */
export function clipWeights(
  file: Weights,
  config: ClipConfig,
  options: ClipShapesOptions = {},
): ReadonlyMap<string, WeightEntry> {
  const weights = hasOpenaiNames(file) ? fromOpenaiNames(file) : file;
  const optional = options.imageFeature
    ? UNUSED
    : [...UNUSED, ...IMAGE_FEATURE];
  return checkWeights(weights, clipShapes(config, options), { optional });
}
