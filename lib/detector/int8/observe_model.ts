/**
 * How large the values become that the layers of a model read.
 *
 * @module
 */
import { importLate } from "../../async/import_late.ts";
import { GraphBuilder } from "../../graph/builder.ts";
import type { Graph } from "../../graph/graph.ts";
import {
  type Observation,
  observeInputs,
  type QuantisedGroups,
} from "../../graph/quantise.ts";
import { resizeBicubic } from "../../image/resample.ts";
import type { ModelDirectory } from "../../methods/model_directory.ts";
import { encodeOnnx } from "../../onnx/encode.ts";
import type { ChannelSizes } from "../../onnx/quantise_matrix.ts";
import { OnnxSession } from "../../onnx/session.ts";
import { float32, type Tensors } from "../../onnx/tensor.ts";
import { weightsFolder } from "../../onnx/weights_folder.ts";
import { cannotRun } from "../cannot_run.ts";
import { PromptCache } from "../prompt_cache.ts";
import { TextFeatures } from "../text_features.ts";
import { modelGroups } from "./model_groups.ts";

/** What a model makes of the inputs of a group. */
export interface ObservedInputs extends ChannelSizes {
  /** Some of the vectors that are read, each [in]. */
  readonly vectors: readonly Float32Array[];
}

/** What was seen of a group's inputs. */
interface Seen extends ObservedInputs {
  readonly count: number;
}

/** Drawn images that a model is shown: half of them have a defect. */
const SHOWN = ["gear", "fabric", "tile", "circuit_board"];

/** The word of their prompts. */
const CATEGORY = "object";

/** Drawn smaller, and enlarged: thousands of pixels take seconds to draw. */
const LARGEST_SIDE = 256;

async function drawnImages(side: number): Promise<Uint8Array[]> {
  // Only the first run of a model draws.
  const address = new URL("../../synthetic/render_sample.ts", import.meta.url);
  const { renderSample } = await importLate<
    typeof import("../../synthetic/render_sample.ts")
  >(address);
  const drawn = Math.max(32, Math.min(side, LARGEST_SIDE));
  return SHOWN.map((category, index) => {
    const { image } = renderSample({ category, index, seed: 0, side: drawn });
    return resizeBicubic(image, side, side).data;
  });
}

/** What the network reads beside images. */
async function promptFeeds(
  model: ModelDirectory,
  threads: number,
): Promise<{ readonly feeds: Tensors; readonly length: number }> {
  const prompts = new PromptCache(model, {});
  const length = prompts.neededLength([CATEGORY]);
  if (model.architecture.text === null) {
    const ids = { type: "int64", ...prompts.ids([CATEGORY]) } as const;
    return { feeds: { ids }, length };
  }
  const options = { precision: "f32", provider: "cpu", threads } as const;
  await using texts = new TextFeatures(model, options);
  const text = await texts.rows([[CATEGORY, prompts.prompt(CATEGORY)]]);
  return { feeds: { text }, length: 1 };
}

async function openSession(
  { path, weights }: ModelDirectory,
  graph: Graph,
  threads: number,
): Promise<OnnxSession> {
  const files = [...weights.values()].map(({ file }) => file);
  const folder = await weightsFolder(files);
  const bytes = encodeOnnx(graph, {
    precision: "f32",
    weight: (name) => weights.get(name)!,
    locate: folder.locate,
  });
  return await OnnxSession.create(bytes, {
    weightsFolder: folder.path,
    threads,
  })
    .catch((error) => cannotRun(path, "cpu", error));
}

/** What a model reads, and how it is called. */
export interface ObservedModel {
  /** The layers that are quantised. */
  readonly groups: QuantisedGroups;
  /** What they read, by the name of the group. */
  readonly inputs: ReadonlyMap<string, ObservedInputs>;
}

/**
 * Shows drawn images to a model in float32 and notes what its layers read. The
 * images are always the same, so all workers of a run quantise alike.
 *
 * @throws {ModelError} If the model cannot be run.
 */
export async function observeModel(
  model: ModelDirectory,
  threads: number,
): Promise<ObservedModel> {
  const { architecture } = model;
  const { feeds, length } = await promptFeeds(model, threads);
  const g = new GraphBuilder();
  const options = { textLength: length, smooth: 0 };
  const groups = modelGroups(g.build(architecture.detection(g, options)));
  const { graph, observations } = observeInputs(g, groups);
  const read = new Set(graph.inputs.map(({ name }) => name));
  const inputs = new Map<string, Seen>();
  await using session = await openSession(model, graph, threads);
  const { imageSize: side } = architecture;
  for (const data of await drawnImages(side)) {
    const rgb = { type: "uint8", shape: [1, side, side, 3], data } as const;
    const fed = Object.entries({ rgb, ...feeds }).filter(([name]) =>
      read.has(name)
    );
    const { outputs } = await session.run(Object.fromEntries(fed));
    for (const observation of observations) add(inputs, observation, outputs);
  }
  return { groups, inputs };
}

/** Joins what one image shows of a group with what others did. */
function add(
  inputs: Map<string, Seen>,
  { group, largest, squares, vectors, count }: Observation,
  outputs: Tensors,
): void {
  const largestHere = float32(outputs, largest);
  const squaresHere = float32(outputs, squares);
  const width = largestHere.length;
  const vectorsHere = float32(outputs, vectors);
  const seen = inputs.get(group) ?? {
    largest: new Float32Array(width),
    meanSquares: new Float32Array(width),
    vectors: [],
    count: 0,
  };
  const total = seen.count + count;
  inputs.set(group, {
    largest: seen.largest.map((size, i) => Math.max(size, largestHere[i]!)),
    meanSquares: seen.meanSquares.map((mean, i) =>
      (mean * seen.count + squaresHere[i]!) / total
    ),
    vectors: [
      ...seen.vectors,
      ...Array.from(
        { length: vectorsHere.length / width },
        (_, i) => vectorsHere.subarray(i * width, (i + 1) * width),
      ),
    ],
    count: total,
  });
}
