/**
 * Fits the batch norms of a CNN that is not trained.
 *
 * @module
 */
import { GraphBuilder } from "../graph/builder.ts";
import type { Value } from "../graph/graph.ts";
import { byteImages } from "../methods/inputs.ts";
import { encodeOnnx } from "../onnx/encode.ts";
import { OnnxSession } from "../onnx/session.ts";
import { float32, type Tensors } from "../onnx/tensor.ts";
import type { ResnetConfig } from "../resnet/config.ts";
import { resnetFeatures } from "../resnet/resnet.ts";
import type { NamedArrays } from "../training/optimiser.ts";

/** The images of {@linkcode fitBatchNorms}. */
export interface BatchNormImages {
  /** Sizes of the CNN. */
  readonly resnet: ResnetConfig;
  /** RGB bytes of some images. */
  readonly rgb: Uint8Array; // [B, side, side, 3]
  /** Width and height in pixels. */
  readonly side: number;
}

interface Moments {
  readonly mean: Float32Array; // [C]
  readonly variance: Float32Array; // [C]
}

/** Mean and variance per channel of the input of a batch norm. */
async function momentsOf(
  g: GraphBuilder,
  x: Value, // [B, C, h, w]
  { tensors, feeds }: { tensors: NamedArrays; feeds: Tensors },
): Promise<Moments> {
  const sum = (y: Value) => g.reduceSum(y, [0, 2, 3]);
  const ones = g.broadcastTo(g.constant([1], [1, 1, 1, 1]), [
    x.shape[0]!,
    1,
    ...x.shape.slice(2),
  ]);
  const count = sum(ones);
  const mean = g.divide(sum(x), count);
  const centred = g.subtract(x, mean);
  const variance = g.divide(sum(g.multiply(centred, centred)), count);
  const graph = g.build({ mean, variance });
  const parameters = graph.nodes
    .filter(({ primitive }) => primitive === "parameter")
    .map(({ output }) => output);
  const fed = parameters.map(({ name, shape }) => {
    const data = tensors.get(name)!;
    return [name, { type: "float32" as const, shape, data }] as const;
  });
  const bytes = encodeOnnx(graph, {
    precision: "f32",
    weight: (name) => {
      throw new TypeError(`Cannot read ${name} as it must be fed`);
    },
    locate: (file) => file,
    feed: new Set(parameters.map(({ name }) => name)),
  });
  await using session = await OnnxSession.create(bytes, { weightsFolder: "." });
  const { outputs } = await session.run({
    ...feeds,
    ...Object.fromEntries(fed),
  });
  return {
    mean: float32(outputs, "mean"),
    variance: float32(outputs, "variance"),
  };
}

/**
 * Sets the running statistics of each batch norm to the mean and variance of
 * its input, from the first norm to the last.
 *
 * @param tensors The tensors of the CNN; statistics are changed in place.
 */
export async function fitBatchNorms(
  tensors: NamedArrays,
  { resnet, rgb, side }: BatchNormImages,
): Promise<void> {
  const g = new GraphBuilder();
  resnetFeatures(g, byteImages(g, side), resnet);
  const norms = g.recorded().composites.filter(({ kind }) =>
    kind === "batchNorm"
  );
  const size = rgb.length / (side * side * 3);
  const shape = [size, side, side, 3];
  const feeds = { rgb: { type: "uint8", shape, data: rgb } } as const;
  for (const { inputs } of norms) {
    const [x, , , mean, variance] = inputs;
    const found = await momentsOf(g, x!, { tensors, feeds });
    tensors.get(mean!.name)!.set(found.mean);
    tensors.get(variance!.name)!.set(found.variance);
  }
}
