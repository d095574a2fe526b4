/**
 * A model on disk: frozen networks and a method's head, checked against each
 * other.
 *
 * @module
 */
import { basename, join } from "node:path";
import { begin } from "../async/begin.ts";
import { cannotLoad } from "../checkpoint/cannot_load.ts";
import { checkWeights } from "../checkpoint/check_weights.ts";
import { rowMajorWeights } from "../checkpoint/convert_strided.ts";
import { type JsonObject, readJsonObject } from "../checkpoint/json_file.ts";
import { openCheckpoint } from "../checkpoint/open_checkpoint.ts";
import type { WeightEntry } from "../checkpoint/weights.ts";
import type { ClipConfig } from "../clip/config.ts";
import { findClipConfig } from "../clip/find_config.ts";
import { type ClipTokenizer, openTokenizer } from "../clip/tokenizer.ts";
import { clipWeights } from "../clip/weights.ts";
import {
  RESNET_OPTIONAL,
  type ResnetConfig,
  resnetConfig,
  resnetShapes,
} from "../resnet/config.ts";
import type { Architecture } from "./architecture.ts";
import type { ChoicesFile } from "./method.ts";
import type { MethodName } from "./methods.ts";
import { locateModelFiles, type ModelFiles } from "./model_files.ts";

/** A model directory whose files were found to fit together. */
export interface ModelDirectory {
  /** Where it lies. */
  readonly path: string;
  /** Its method, choices and sizes. */
  readonly architecture: Architecture;
  /**
   * Every tensor the model needs: CLIP's under the names of Hugging Face's
   * CLIPModel, the ResNet's under torchvision's, and the head's, if it was
   * asked for, as {@linkcode Architecture.headShapes} states. No name occurs
   * twice.
   */
  readonly weights: ReadonlyMap<string, WeightEntry>;
  /** The tokenizer of the text tower. */
  readonly tokenizer: ClipTokenizer;
}

/** Options of {@linkcode openModelDirectory}. */
export interface OpenModelOptions {
  /**
   * Whether the head is opened too. Without it a model still has its choices,
   * and the file that holds them may then be missing as well.
   *
   * @default {true}
   */
  readonly head?: boolean;
  /**
   * The method, where the directory holds the file of none.
   *
   * @default {"mfp-clip"}
   */
  readonly method?: MethodName | undefined;
  /**
   * Choices that override those of the file, spelled as there.
   *
   * @default {{}}
   */
  readonly choices?: JsonObject;
  /**
   * The cache. Copies of tensors that a checkpoint does not store row by row
   * are kept in its folder copies/. Without it such a checkpoint is an error;
   * most need none.
   */
  readonly cacheFolder?: string | undefined;
}

/** The text tower looks up every id, so its table must hold them all. */
function checkVocabulary(
  { endOfText }: ClipTokenizer,
  folder: string,
  { text: { vocabSize } }: ClipConfig,
): void {
  if (endOfText < vocabSize) return;
  cannotLoad(
    folder,
    `the tokenizer has ids up to ${endOfText}, ` +
      `but vocab_size is ${vocabSize}`,
  );
}

interface OpenedResnet {
  readonly config: ResnetConfig;
  readonly weights: ReadonlyMap<string, WeightEntry>;
}

async function openResnet(path: string): Promise<OpenedResnet> {
  const file = await openCheckpoint(path);
  const config = resnetConfig(file);
  const options = { optional: RESNET_OPTIONAL };
  return { config, weights: checkWeights(file, resnetShapes(config), options) };
}

/**
 * The choices of a file, or those for a plain CLIP, under those that override
 * them.
 */
async function readChoices(
  path: string,
  { config, method }: ModelFiles,
  { clip, overrides }: { clip: ClipConfig; overrides: JsonObject },
): Promise<ChoicesFile> {
  const json = config === undefined
    ? method.plainChoices?.(clip)
    : await readJsonObject(config);
  return { json: { ...json, ...overrides }, path: config ?? path };
}

/**
 * Opens a head, the project's own or a published one.
 *
 * @param clip CLIP's tensors.
 */
async function openHead(
  { method: { publishedHead }, headShapes }: Architecture,
  path: string,
  clip: ReadonlyMap<string, WeightEntry>,
): Promise<Map<string, WeightEntry>> {
  const file = await openCheckpoint(path);
  const isPublished = basename(path) === publishedHead?.file;
  const rules = isPublished ? await publishedHead.rules?.() : undefined;
  const named = rules?.renamePublished(file) ?? file;
  const head = checkWeights(named, headShapes);
  await rules?.checkPublished?.(file, clip);
  return head;
}

/**
 * Opens a model directory. Only headers and configurations are read; tensors
 * stay in their files.
 *
 * @param path The directory: clip/ with config.json, model.safetensors and
 * tokenizer.json (or vocab.json and merges.txt), and the files of a method:
 * for MFP-CLIP mfp_clip.json, mfp_clip.safetensors and resnet50.safetensors.
 * Where the method's JSON file names another model directory as `backbone`,
 * clip/ and resnet50.safetensors may be there.
 * In place of clip/model.safetensors there may be pytorch_model.bin, either
 * of them in shards with an index, a checkpoint of open_clip, or OpenAI's
 * *.pt; in place of resnet50.safetensors, resnet50.pth. OpenAI's *.pt and
 * what comes with open_clip_config.json need no config.json.
 * @throws {ModelError} If a file is missing or does not fit; one sentence says
 * what is wrong.
 */
export async function openModelDirectory(
  path: string,
  options: OpenModelOptions = {},
): Promise<ModelDirectory> {
  const { head = true, method: name, choices = {}, cacheFolder } = options;
  const files = await locateModelFiles(path, { head, method: name });
  const { method } = files;
  const loading = begin(method.load());
  const opening = begin(openTokenizer(files.clip));
  const clipFile = await openCheckpoint(files.clipCheckpoint);
  const clip = await findClipConfig(files.clip, clipFile);
  const config = await readChoices(path, files, {
    clip,
    overrides: choices,
  });
  method.choices(config.json, config.path); // Before a large file is opened.
  const resnet = files.resnet === null ? null : await openResnet(files.resnet);
  const backbones = { clip, resnet: resnet?.config ?? null };
  const architecture = (await loading).fit(backbones, config);
  const frozen = new Map([
    ...clipWeights(clipFile, clip, {
      imageFeature: method.usesImageFeature,
    }),
    ...resnet?.weights ?? [],
  ]);
  const copiesFolder = cacheFolder && join(cacheFolder, "copies");
  const weights = new Map(
    await rowMajorWeights(frozen, { path, copiesFolder }),
  );
  if (files.head !== undefined) {
    const head = await openHead(architecture, files.head, weights);
    head.forEach((entry, name) => weights.set(name, entry));
  }
  const tokenizer = await opening;
  checkVocabulary(tokenizer, files.clip, clip);
  return { path, architecture, weights, tokenizer };
}
