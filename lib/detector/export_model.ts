/**
 * A model as ONNX for other programs, preprocessing included.
 *
 * @module
 */
import { basename } from "node:path";
import { ModelError } from "../checkpoint/model_error.ts";
import { HeldFolder } from "../files/held_folder.ts";
import { writeWhole } from "../files/whole_file.ts";
import { findModel } from "../hub/find_model.ts";
import type { MethodName } from "../methods/methods.ts";
import {
  type ModelDirectory,
  openModelDirectory,
} from "../methods/model_directory.ts";
import { floatPrecision, type NetworkPrecision } from "../methods/precision.ts";
import type { FinishPrograms } from "../methods/finish_programs.ts";
import { promptIds, promptOptions } from "../methods/prompts.ts";
import type { Prompts, Sentences } from "../methods/sentences.ts";
import { encodeOnnx } from "../onnx/encode.ts";
import { VERSION } from "../version.ts";
import {
  assertSentences,
  type ExportGood,
  goodMetadata,
  imagesOf,
} from "./export_good.ts";
import { detectionGraph } from "./encode_detector.ts";
import { emitFinish } from "./export_finish.ts";
import { emitInputs, promptInput } from "./export_inputs.ts";
import { layOut, WEIGHTS, writeWeights } from "./export_weights.ts";
import { hasQuantisedLayers, quantiseModelGraph } from "./int8/model_groups.ts";
import type { StoredTensors } from "./int8/quantised_file.ts";
import { quantisedTensors } from "./int8/quantised_tensors.ts";

/** The operators that an exported model is made of. */
export type ExportOperators = "standard" | "onnxruntime";

/** Options of {@linkcode exportModel}. */
export interface ExportOptions {
  /**
   * The method, for a model directory that holds the choices of none, such as a
   * plain CLIP.
   *
   * @default {"mfp-clip"}
   */
  readonly method?: MethodName | undefined;
  /**
   * The word for the product in the prompts.
   *
   * @default {"object"}
   */
  readonly category?: string | undefined;
  /** Names and sentences of categories; other categories name themselves. */
  readonly prompts?: Prompts | undefined;
  /**
   * Precision of the network; maps and scores are float32 in each. With `int8`
   * the images of a batch share the steps of their integers.
   *
   * @default {"f32"}
   */
  readonly precision?: NetworkPrecision | undefined;
  /**
   * The operators of the model: those of the ONNX standard, which all runtimes
   * have, or also those of onnxruntime, which are faster there.
   *
   * @default {"standard"}
   */
  readonly operators?: ExportOperators | undefined;
  /**
   * Standard deviation in pixels of the Gaussian that smooths the maps.
   *
   * @default {the published one of the model's method, 0 for MFP-CLIP}
   */
  readonly smooth?: number | undefined;
  /**
   * Good images that the model compares with, and thresholds, which the
   * metadata name. Without them the model is zero-shot.
   */
  readonly good?: ExportGood | undefined;
  /**
   * The cache of downloads, in which models are found by name. Copies of
   * tensors that a checkpoint does not store row by row are kept there too.
   * Without it, only models that come with the package have a name, and such a
   * checkpoint is an error; most are stored row by row.
   */
  readonly cacheFolder?: string | undefined;
}

/** The files that {@linkcode exportModel} wrote. */
export interface ExportedModel {
  /** The ONNX file. */
  readonly model: string;
  /** Its weights, which must stay beside it. */
  readonly weights: string;
  /** The prompts that it contains. */
  readonly sentences: Sentences;
  /** Side of its maps in pixels. */
  readonly side: number;
  /** How far its maps and scores may lie from those of this program. */
  readonly tolerance: number;
}

const MODEL = "model.onnx";

/**
 * How far maps and scores of an exported model may lie from those of this
 * program, in other runtimes and with the rounding of other processors.
 */
export const EXPORT_TOLERANCE = { f32: 2e-3, f16: 1e-2, int8: 5e-2 } as const;

/**
 * How many times farther they may lie where images are compared with good ones:
 * 0.0053 was measured in float32.
 */
const GOOD_FACTOR = 5;

/**
 * Writes model.onnx and model.onnx.data into a folder. The model takes `image`,
 * RGB bytes [batch, height, width, 3] of any size, and returns `map` and
 * `logit_map` [batch, side, side], `score` and `score_logit` [batch]. Its
 * metadata name the model, method, product, prompts, version and tolerance.
 *
 * @param model `nano`, the name of a downloaded model, or the path or file: URL
 * of a model directory.
 * @param out The folder, which is created if it is missing.
 * @throws {FolderInUseError} If another run writes to the folder.
 * @throws {ModelError} If the model or the prompts cannot be used.
 * @throws {Deno.errors.PermissionDenied} If the folder cannot be written.
 */
export async function exportModel(
  model: string | URL,
  out: string,
  options: ExportOptions = {},
): Promise<ExportedModel> {
  await using _held = await HeldFolder.hold(out);
  const { category = "object", prompts, precision = "f32" } = options;
  const { cacheFolder, method, operators = "standard", good } = options;
  const path = await findModel(model, { cacheFolder });
  const directory = await openModelDirectory(path, { cacheFolder, method });
  const { tokenizer, architecture } = directory;
  const { smooth = architecture.smooth } = options;
  const prompting = promptOptions(architecture, prompts);
  const prompt = promptIds(tokenizer, category, prompting);
  const { sentences } = prompt;
  const programs = finishOf(directory);
  const textLength = Math.max(...prompt.endOfText) + 1;
  if (good !== undefined) assertSentences(good, sentences);
  const images = good === undefined ? null : imagesOf(directory, good);
  const quantised = await quantisedOf(directory, options);
  const tolerance = EXPORT_TOLERANCE[precision] *
    (images === null ? 1 : GOOD_FACTOR);
  const graph = quantiseModelGraph(
    images === null
      ? detectionGraph(architecture, { textLength, smooth })
      : images.graph({ textLength, smooth }),
    quantised,
  );
  const stored = new Map([...directory.weights, ...quantised]);
  const { entries, packed } = layOut(stored, graph);
  const fixed = await promptInput(directory, { category, prompt, precision });
  const bytes = encodeOnnx(graph, {
    precision: floatPrecision(precision),
    locate: () => WEIGHTS,
    weight: (name) => packed.get(name)!,
    fuse: operators === "onnxruntime" || "standard",
    metadata: {
      ...metadata(directory, { model, category, precision, sentences }),
      tolerance: `${tolerance}`,
      ...good && goodMetadata(good, images),
    },
    prelude: (emit) => emitInputs(emit, fixed, architecture.imageSize),
    ...programs && { finish: (emit) => emitFinish(emit, programs, graph) },
  });
  const paths = { model: `${out}/${MODEL}`, weights: `${out}/${WEIGHTS}` };
  await writeWeights(paths.weights, entries);
  await writeWhole(paths.model, bytes);
  return { ...paths, sentences, side: architecture.mapSize, tolerance };
}

/** The quantised matrices of the model, where they are to be exported. */
async function quantisedOf(
  model: ModelDirectory,
  { precision, cacheFolder }: ExportOptions,
): Promise<StoredTensors> {
  if (precision !== "int8") return new Map();
  if (!hasQuantisedLayers(model.weights)) {
    throw new ModelError(
      "Cannot export a model in int8 as its layers must be wide enough to " +
        "save time: none is",
    );
  }
  const threads = navigator.hardwareConcurrency;
  return await quantisedTensors(model, { cacheFolder, threads });
}

/**
 * The programs behind the network, where it does not compute the score itself.
 *
 * @throws {ModelError} If there are none.
 */
function finishOf(
  { path, architecture }: ModelDirectory,
): FinishPrograms | undefined {
  const { method, finish, finishPrograms } = architecture;
  if (finish === null || finishPrograms !== undefined) {
    return finish === null ? undefined : finishPrograms;
  }
  throw new ModelError(
    `Cannot export ${path} as the program must compute the score: with these ` +
      `choices ${method.title} computes a part of it outside`,
  );
}

/** What the model says about itself. */
function metadata(
  { architecture }: ModelDirectory,
  { model, category, precision, sentences }: {
    readonly model: string | URL;
    readonly category: string;
    readonly precision: NetworkPrecision;
    readonly sentences: Sentences;
  },
): Record<string, string> {
  return {
    model: basename(`${model}`),
    method: architecture.method.name,
    product: category,
    prompts: JSON.stringify(sentences),
    version: VERSION,
    precision,
  };
}
