/**
 * A model on disk: CLIP, a ResNet and the head, checked against each other.
 *
 * @module
 */
import { join } from "node:path";
import { cannotLoad } from "../checkpoint/cannot_load.ts";
import { checkWeights } from "../checkpoint/check_weights.ts";
import { rowMajorWeights } from "../checkpoint/convert_strided.ts";
import { openCheckpoint } from "../checkpoint/open_checkpoint.ts";
import { openSafetensors } from "../checkpoint/safetensors.ts";
import type { WeightEntry } from "../checkpoint/weights.ts";
import { findClipConfig } from "../clip/find_config.ts";
import { type ClipTokenizer, openTokenizer } from "../clip/tokenizer.ts";
import { clipWeights } from "../clip/weights.ts";
import {
  featureWidth,
  RESNET_OPTIONAL,
  resnetConfig,
  resnetShapes,
} from "../resnet/config.ts";
import {
  type MfpClipConfig,
  mfpClipConfigToJson,
  parseMfpClipConfig,
  readMfpClipConfig,
} from "./mfp_clip/config.ts";
import { headShapes, type HeadSizes } from "./mfp_clip/head_shapes.ts";
import type { ModelSizes } from "./mfp_clip/model.ts";
import { locateModelFiles } from "./model_files.ts";
import type { PromptOptions, Prompts } from "./prompts.ts";

/** A model directory whose files were found to fit together. */
export interface ModelDirectory {
  /** Where it lies. */
  readonly path: string;
  /** Everything that fixes the shapes. */
  readonly sizes: ModelSizes;
  /**
   * Every tensor the model needs: CLIP's under the names of Hugging Face's
   * CLIPModel, the ResNet's under torchvision's, the head's, if it was asked
   * for, as {@linkcode headShapes} says. No name occurs twice.
   */
  readonly weights: ReadonlyMap<string, WeightEntry>;
  /** The tokenizer of the text tower. */
  readonly tokenizer: ClipTokenizer;
}

/** Options of {@linkcode openModelDirectory}. */
export interface OpenModelOptions {
  /**
   * Whether the head is opened too. Without it a model still has its choices,
   * of which mfp_clip.json may then be missing as well.
   *
   * @default {true}
   */
  readonly head?: boolean;
  /**
   * Choices that override those of mfp_clip.json.
   *
   * @default {{}}
   */
  readonly config?: Partial<MfpClipConfig>;
  /**
   * The cache. Copies of tensors that a checkpoint does not store row by row
   * are kept in its folder copies/. Without it such a checkpoint is an error;
   * most need none.
   */
  readonly cacheFolder?: string | undefined;
}

/** The widths that the frozen models give to the head. */
export function headSizes({ clip, resnet }: ModelSizes): HeadSizes {
  return {
    contextLength: clip.text.maxPositionEmbeddings,
    cnnWidth: featureWidth(resnet),
    visionWidth: clip.vision.hiddenSize,
    textWidth: clip.text.hiddenSize,
    jointWidth: clip.projectionDim,
  };
}

function checkSizes(path: string, { clip, config }: ModelSizes): void {
  const { patchSize, numHiddenLayers: layers } = clip.vision;
  const problems: string[] = [];
  if (config.imageSize % patchSize !== 0) {
    problems.push(
      `image_size must be a multiple of the patch size ${patchSize}: ` +
        `current value is ${config.imageSize}`,
    );
  }
  if (config.taps.at(-1)! > layers) {
    problems.push(
      `taps must be at most the ${layers} vision layers: ` +
        `current value is ${JSON.stringify(config.taps)}`,
    );
  }
  if (problems.length > 0) {
    cannotLoad(`${path}/mfp_clip.json`, problems.join(", "));
  }
}

/** The text tower looks every id up, so each must lie in its table. */
async function openVocabulary(
  folder: string,
  vocabSize: number,
): Promise<ClipTokenizer> {
  const tokenizer = await openTokenizer(folder);
  if (tokenizer.endOfText >= vocabSize) {
    cannotLoad(
      folder,
      `the tokenizer has ids up to ${tokenizer.endOfText}, ` +
        `but vocab_size is ${vocabSize}`,
    );
  }
  return tokenizer;
}

/**
 * Opens a model directory. Only headers and configurations are read; tensors
 * stay in their files.
 *
 * @param path The directory: clip/ with config.json, model.safetensors and
 * tokenizer.json (or vocab.json and merges.txt), resnet50.safetensors,
 * mfp_clip.json and mfp_clip.safetensors. Where mfp_clip.json names another
 * model directory as `backbone`, clip/ and resnet50.safetensors may be there.
 * In place of clip/model.safetensors there may be pytorch_model.bin, either
 * of them in shards with an index, a checkpoint of open_clip, or OpenAI's
 * *.pt; in place of resnet50.safetensors, resnet50.pth. OpenAI's *.pt and
 * what comes with open_clip_config.json need no config.json.
 * @param options Whether the head is needed, choices to override, and a folder
 * for copies.
 * @throws {ModelError} If a file is missing or does not fit; one sentence says
 * what is wrong with it.
 */
export async function openModelDirectory(
  path: string,
  { head = true, config: overrides = {}, cacheFolder }: OpenModelOptions = {},
): Promise<ModelDirectory> {
  const files = await locateModelFiles(path, { head });
  const clipFile = await openCheckpoint(files.clipCheckpoint);
  const clip = await findClipConfig(files.clip, clipFile);
  const config = files.config === undefined
    ? parseMfpClipConfig(mfpClipConfigToJson(overrides), path)
    : await readMfpClipConfig(files.config, overrides);
  const cnnFile = await openCheckpoint(files.resnet);
  const sizes = { clip, config, resnet: resnetConfig(cnnFile) };
  checkSizes(path, sizes);
  const backbones = new Map([
    ...clipWeights(clipFile, clip),
    ...checkWeights(cnnFile, resnetShapes(sizes.resnet), {
      optional: RESNET_OPTIONAL,
    }),
  ]);
  const copiesFolder = cacheFolder && join(cacheFolder, "copies");
  const options = { path, copiesFolder };
  const weights = new Map(await rowMajorWeights(backbones, options));
  if (head) {
    const headFile = await openSafetensors(`${path}/mfp_clip.safetensors`);
    const shapes = headShapes(config, headSizes(sizes));
    checkWeights(headFile, shapes).forEach((entry, name) =>
      weights.set(name, entry)
    );
  }
  const { vocabSize } = clip.text;
  const tokenizer = await openVocabulary(files.clip, vocabSize);
  return { path, sizes, weights, tokenizer };
}

/** What {@linkcode promptIds} must know of a model. */
export function promptOptions(
  { clip, config }: ModelSizes,
  prompts: Prompts = new Map(),
): PromptOptions {
  const mixesTokens = config.i2tp && config.i2tpFusion === "token";
  return {
    contextLength: clip.text.maxPositionEmbeddings,
    prompts,
    longestEndOfText: mixesTokens ? config.longestEndOfText : null,
  };
}
