/**
 * A model as ONNX for other programs, preprocessing included.
 *
 * @module
 */
import { ModelError } from "../checkpoint/model_error.ts";
import type { WeightEntry } from "../checkpoint/weights.ts";
import { writeAll, writeWhole } from "../files/whole_file.ts";
import type { Graph } from "../graph/graph.ts";
import { findModel } from "../hub/find_model.ts";
import { detectionGraph } from "./encode_detector.ts";
import { TextFeatures } from "./text_features.ts";
import type { MethodName } from "../methods/method.ts";
import {
  type ModelDirectory,
  openModelDirectory,
} from "../methods/model_directory.ts";
import {
  type PromptIds,
  promptIds,
  promptOptions,
} from "../methods/prompts.ts";
import type { Prompts, Sentences } from "../methods/sentences.ts";
import { encodeOnnx } from "../onnx/encode.ts";
import { type Emitter, type Precision, tensorBytes } from "../onnx/emitter.ts";
import type { Initializer, TensorInfo } from "../onnx/model_proto.ts";

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
   * Precision of the network; maps and scores are float32 in either.
   *
   * @default {"f32"}
   */
  readonly precision?: Exclude<Precision, "f64"> | undefined;
  /**
   * Standard deviation in pixels of the Gaussian that smooths the maps.
   *
   * @default {the published one of the model's method, 0 for MFP-CLIP}
   */
  readonly smooth?: number | undefined;
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
}

const MODEL = "model.onnx";
const WEIGHTS = "model.onnx.data";

/** Tensors begin at multiples of this, so that engines can map them. */
const ALIGNMENT = 4096;

/**
 * Writes model.onnx and model.onnx.data into a folder. The model takes `image`,
 * RGB bytes [height, width, 3] of any size, and returns `map` and `logit_map`
 * [1, side, side], `score` and `score_logit` [1].
 *
 * @param model `nano`, the name of a downloaded model, or the path or file: URL
 * of a model directory.
 * @param out The folder, which is created if it is missing.
 * @throws {ModelError} If the model or the prompts cannot be used.
 * @throws {Deno.errors.PermissionDenied} If the folder cannot be written.
 */
export async function exportModel(
  model: string | URL,
  out: string,
  options: ExportOptions = {},
): Promise<ExportedModel> {
  const { category = "object", prompts, precision = "f32" } = options;
  const { cacheFolder, method } = options;
  const path = await findModel(model, { cacheFolder });
  const directory = await openModelDirectory(path, { cacheFolder, method });
  const { tokenizer, architecture } = directory;
  const { smooth = architecture.smooth } = options;
  const prompting = promptOptions(architecture, prompts);
  const prompt = promptIds(tokenizer, category, prompting);
  assertWhole(directory);
  const textLength = Math.max(...prompt.endOfText) + 1;
  const graph = detectionGraph(architecture, { textLength, smooth });
  const { entries, packed } = layOut(directory, graph);
  const fixed = await fixedInput(directory, { category, prompt, precision });
  const bytes = encodeOnnx(graph, {
    precision,
    locate: () => WEIGHTS,
    weight: (name) => packed.get(name)!,
    prelude: (emit) => prelude(emit, fixed, architecture.imageSize),
  });
  await Deno.mkdir(out, { recursive: true });
  const paths = { model: `${out}/${MODEL}`, weights: `${out}/${WEIGHTS}` };
  await writeWhole(paths.weights, (file) => pack(file, entries));
  await writeWhole(paths.model, bytes);
  const { sentences } = prompt;
  return { ...paths, sentences, side: architecture.mapSize };
}

/** Refuses a model whose score a graph does not compute. */
function assertWhole({ path, architecture }: ModelDirectory): void {
  const { method, finish } = architecture;
  if (finish === null) return;
  throw new ModelError(
    `Cannot export ${path} as the program must compute the score: with these ` +
      `choices ${method.title} computes a part of it outside`,
  );
}

/** The prompts of the exported model, or the features of their sentences. */
async function fixedInput(
  model: ModelDirectory,
  { category, prompt, precision }: {
    readonly category: string;
    readonly prompt: PromptIds;
    readonly precision: Exclude<Precision, "f64">;
  },
): Promise<Initializer> {
  const { text, clip } = model.architecture;
  const { ids } = prompt;
  const n = clip.text.maxPositionEmbeddings;
  if (text === null) {
    const data = tensorBytes(Float64Array.from(ids, Number), "int64");
    return { name: "ids", shape: [1, ids.length / n, n], type: "int64", data };
  }
  const options = { precision, provider: "cpu", threads: 0 } as const;
  await using texts = new TextFeatures(model, options);
  const features = await texts.of(category, prompt);
  return {
    name: "text",
    shape: [1, 2, clip.projectionDim],
    type: "float32",
    data: tensorBytes(Float64Array.from(features), "float32"),
  };
}

/** Resizes `image` and writes the prompts down: the graph's two inputs. */
function prelude(
  emit: Emitter,
  fixed: Initializer,
  side: number,
): TensorInfo[] {
  emit.initializers.push(fixed);
  const channels = emit.node("Transpose", ["image"], {
    attributes: { perm: [2, 0, 1] },
  });
  const batch = emit.node("Unsqueeze", [channels, emit.integers([0])]);
  const sizes = emit.integers([1, 3, side, side]);
  const resized = emit.node("Resize", [batch, "", "", sizes], {
    attributes: {
      mode: "cubic",
      antialias: 1,
      cubic_coeff_a: { float: -0.5 },
      exclude_outside: 1,
    },
  });
  emit.node("Transpose", [resized], {
    output: "rgb",
    attributes: { perm: [0, 2, 3, 1] },
  });
  return [{ name: "image", shape: ["height", "width", 3], type: "uint8" }];
}

interface Placed {
  readonly from: WeightEntry;
  readonly offset: number;
}

/** Gives each tensor that a graph reads its place in one file. */
function layOut({ weights }: ModelDirectory, { nodes }: Graph): {
  entries: Placed[];
  packed: Map<string, WeightEntry>;
} {
  const entries: Placed[] = [];
  const packed = new Map<string, WeightEntry>();
  const read = new Set(nodes.map(({ output }) => output.name));
  let offset = 0;
  for (const [name, from] of weights) {
    if (!read.has(name)) continue;
    entries.push({ from, offset });
    packed.set(name, { ...from, file: WEIGHTS, offset });
    const end = offset + from.byteLength;
    offset = Math.ceil(end / ALIGNMENT) * ALIGNMENT;
  }
  return { entries, packed };
}

/** Copies tensors to their places, in pieces. */
async function pack(
  file: Deno.FsFile,
  entries: readonly Placed[],
): Promise<void> {
  const piece = new Uint8Array(1 << 22);
  for (const { from, offset } of entries) {
    using source = await Deno.open(from.file);
    await source.seek(from.offset, Deno.SeekMode.Start);
    await file.seek(offset, Deno.SeekMode.Start);
    let left = from.byteLength;
    while (left > 0) {
      const view = piece.subarray(0, Math.min(piece.length, left));
      const count = await source.read(view);
      if (count === null) {
        throw new Deno.errors.UnexpectedEof(
          `Cannot copy the weights as ${from.file} became shorter`,
        );
      }
      await writeAll(file, piece.subarray(0, count));
      left -= count;
    }
  }
}
