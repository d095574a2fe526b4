/**
 * Programs for benchmarks.
 *
 * @module
 */
import { openSafetensors } from "../lib/checkpoint/safetensors.ts";
import { writeSafetensors } from "../lib/checkpoint/write_safetensors.ts";
import {
  modelGroups,
  quantiseModelGraph,
} from "../lib/detector/int8/model_groups.ts";
import { writeQuantised } from "../lib/detector/int8/quantised_file.ts";
import { transformerBlock } from "../lib/clip/transformer.ts";
import { GraphBuilder } from "../lib/graph/builder.ts";
import type { Graph } from "../lib/graph/graph.ts";
import { encodeOnnx } from "../lib/onnx/encode.ts";
import { exactIntegers } from "../lib/onnx/int8_support.ts";
import type { Tensors } from "../lib/onnx/tensor.ts";

/** A program and its inputs. */
export interface Program {
  /** The graph, to count operations. */
  readonly graph: Graph;
  /** The graph as ONNX. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Inputs of the right shapes. */
  readonly feeds: Tensors;
}

function feed(shape: readonly number[]): Tensors[string] {
  const length = shape.reduce((a, b) => a * b, 1);
  const data = Float32Array.from(
    { length },
    (_, i) => ((i * 7919) % 1009) / 1009 - 0.5,
  );
  return { type: "float32", shape, data };
}

/** Encodes a graph whose parameters are inputs. */
function finish(graph: Graph): Program {
  const bytes = encodeOnnx(graph, {
    precision: "f32",
    weight: (name) => {
      throw new TypeError(`Cannot find ${name} as there is no checkpoint`);
    },
    locate: (file) => file,
  });
  const feeds = graph.inputs.map(({ name, shape }) => [name, feed(shape)]);
  return { graph, bytes, feeds: Object.fromEntries(feeds) };
}

/**
 * Multiplies [m, k] by [k, n] `count` times, with different constants. It
 * returns one number of each product, so that copies take no time.
 */
export function matMulProgram(
  [m, k, n]: readonly [m: number, k: number, n: number],
  count = 1,
): Program {
  const g = new GraphBuilder();
  const a = g.input("a", [m, k], "float");
  const corners = Array.from({ length: count }, (_, i) => {
    const b = Float64Array.from({ length: k * n }, (_, j) => (i + j) % 7 - 3);
    const c = g.matMul(a, g.constant(b, [k, n]));
    return g.slice(g.slice(c, 0, 0, 1), 1, 0, 1);
  });
  return finish(g.build({ corners: g.concat(corners, 0) }));
}

/** Makes inputs of what a model reads from its checkpoint. */
class FedBuilder extends GraphBuilder {
  readonly #fed = new Map<string, ReturnType<GraphBuilder["input"]>>();

  override parameter(
    name: string,
    shape: readonly number[],
  ): ReturnType<GraphBuilder["input"]> {
    const known = this.#fed.get(name) ?? this.input(name, shape, "float");
    this.#fed.set(name, known);
    return known;
  }
}

/** One block of ViT-L/14 over `length` tokens: its name and its values. */
function block(g: GraphBuilder, length: number): Graph {
  const x = g.input("x", [1, length, 1024], "float");
  const y = transformerBlock(g, x, {
    name: "vision_model.encoder.layers.0",
    tower: {
      hiddenSize: 1024,
      intermediateSize: 4096,
      numHiddenLayers: 1,
      numAttentionHeads: 16,
      hiddenAct: "quick_gelu",
      layerNormEps: 1e-5,
    },
  });
  return g.build({ y });
}

/** One block of ViT-L/14 over `length` tokens. */
export function blockProgram(length: number): Program {
  return finish(block(new FedBuilder(), length));
}

/**
 * The block on 8-bit integers.
 *
 * @param folder Where its tensors are written.
 */
export async function quantisedBlockProgram(
  length: number,
  folder: string,
): Promise<Program> {
  const graph = block(new GraphBuilder(), length);
  const tensors = graph.nodes
    .filter(({ primitive }) => primitive === "parameter")
    .map(({ output: { name, shape } }) => {
      const { data } = feed(shape);
      return [name, {
        dtype: "F32",
        shape,
        data: data as Float32Array,
      }] as const;
    });
  const path = `${folder}/float.safetensors`;
  await writeSafetensors(path, Object.fromEntries(tensors));
  const { tensors: weights } = await openSafetensors(path);
  const groups = modelGroups(graph);
  const inputs = new Map(
    [...new Set(groups.values())].map(({ name, weights: [weight] }) => {
      const largest = new Float32Array(weight!.shape[1]!).fill(1);
      const vectors = [largest];
      return [name, { largest, meanSquares: largest, vectors }];
    }),
  );
  const quantisedPath = `${folder}/int8.safetensors`;
  const type = await exactIntegers();
  if (type === undefined) throw new Error("no integers are summed exactly");
  await writeQuantised(quantisedPath, { groups, inputs }, { weights, type });
  const { tensors: quantised } = await openSafetensors(quantisedPath);
  const bytes = encodeOnnx(quantiseModelGraph(graph, quantised), {
    precision: "f32",
    weight: (name) => quantised.get(name) ?? weights.get(name)!,
    locate: (file) => file.slice(folder.length + 1),
  });
  return { graph, bytes, feeds: { x: feed([1, length, 1024]) } };
}
