/**
 * The networks of a detector as ONNX: from bytes to maps, and from sentences to
 * text features.
 *
 * @module
 */
import type { WeightEntry } from "../checkpoint/weights.ts";
import { GraphBuilder } from "../graph/builder.ts";
import type { Graph } from "../graph/graph.ts";
import type {
  Architecture,
  DetectionOptions,
} from "../methods/architecture.ts";
import type { TextOptions } from "../methods/text_rules.ts";
import type { ModelDirectory } from "../methods/model_directory.ts";
import { quantiseModelGraph } from "./int8/model_groups.ts";
import { encodeOnnx, type EncodeOptions } from "../onnx/encode.ts";

/** Options of {@linkcode encodeDetector}. */
export interface EncodeDetectorOptions extends
  Pick<
    EncodeOptions,
    | "fuse"
    | "precision"
    | "prelude"
    | "locate"
    | "files"
    | "sharersTogether"
  >,
  DetectionOptions {
  /**
   * Where a tensor lies.
   *
   * @default {Its place in the model directory}
   */
  readonly weight?: (name: string) => WeightEntry;
  /**
   * Quantised matrices, which take the place of those that they are of.
   *
   * @default {new Map()}
   */
  readonly quantised?: ReadonlyMap<string, WeightEntry>;
}

/**
 * Encodes a model as ONNX. Its inputs are bytes `rgb` [B, side, side, 3] and
 * prompts `ids` [B, N, n], or text features `text` [B, 2, Dt] for a model whose
 * text features do not depend on the image. Its outputs are `map` and
 * `logit_map` [B, side, side], `score` and `score_logit` [B], or what
 * {@linkcode Architecture.finish} reads.
 */
export function encodeDetector(
  { architecture, weights }: ModelDirectory,
  {
    textLength,
    smooth,
    patches,
    quantised = new Map(),
    ...encoding
  }: EncodeDetectorOptions,
): Uint8Array<ArrayBuffer> {
  const options = { textLength, smooth, ...patches && { patches } };
  const graph = detectionGraph(architecture, options);
  return encodeOnnx(quantiseModelGraph(graph, quantised), {
    weight: (name) => quantised.get(name) ?? weights.get(name)!,
    ...encoding,
  });
}

/** The graph that {@linkcode encodeDetector} encodes. */
export function detectionGraph(
  architecture: Architecture,
  options: DetectionOptions,
): Graph {
  const g = new GraphBuilder();
  return g.build(architecture.detection(g, options));
}

/** Encodes a graph that has no stored weights, in float32. */
export function encodeBeside(graph: Graph): Uint8Array<ArrayBuffer> {
  return encodeOnnx(graph, {
    precision: "f32",
    locate: (file) => file,
    weight: (name) => {
      throw new TypeError(`Cannot encode ${name} as it is stored nowhere`);
    },
  });
}

/** Options of {@linkcode encodeText}. */
export interface EncodeTextOptions
  extends Pick<EncodeOptions, "fuse" | "precision" | "locate">, TextOptions {}

/**
 * Encodes the text tower of a model whose text features do not depend on the
 * image. Its input is `ids` [N, n], its output `text` [2, Dt].
 */
export function encodeText(
  { architecture: { clip, text }, weights }: ModelDirectory,
  { perState, length, ...encoding }: EncodeTextOptions,
): Uint8Array<ArrayBuffer> {
  const g = new GraphBuilder();
  const count = perState[0] + perState[1];
  const shape = [count, clip.text.maxPositionEmbeddings];
  const ids = g.input("ids", shape, "int");
  const features = text!.features(g, ids, { perState, length });
  return encodeOnnx(g.build({ text: g.cast(features, "wide") }), {
    weight: (name) => weights.get(name)!,
    ...encoding,
  });
}
