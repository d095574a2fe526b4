/**
 * Which tensors are trained, and what they start from.
 *
 * @module
 */
import type { Shapes } from "../checkpoint/check_weights.ts";
import { readWeight } from "../checkpoint/safetensors.ts";
import type { WeightEntry } from "../checkpoint/weights.ts";
import { clipShapes } from "../clip/weights.ts";
import { headShapes } from "../methods/mfp_clip/head_shapes.ts";
import type { ModelSizes } from "../methods/mfp_clip/model.ts";
import { headSizes } from "../methods/model_directory.ts";
import { resnetShapes } from "../resnet/config.ts";

/** The parts of a model, each in a file of its own. */
export const MODEL_PARTS = ["head", "clip", "resnet"] as const;

/** A part of a model. */
export type ModelPart = (typeof MODEL_PARTS)[number];

/** Name -> shape of every tensor of a part. */
export function partShapes(sizes: ModelSizes, part: ModelPart): Shapes {
  switch (part) {
    case "head":
      return headShapes(sizes.config, headSizes(sizes));
    case "clip":
      return clipShapes(sizes.clip);
    case "resnet":
      return resnetShapes(sizes.resnet);
  }
}

/** The running statistics of batch normalisation, which stay as they are. */
const STATISTICS = /\.running_(mean|var)$/;

/** Names of the tensors that training these parts changes. */
export function trainableNames(
  sizes: ModelSizes,
  parts: Iterable<ModelPart>,
): Set<string> {
  const names = [...parts].flatMap((part) => [
    ...partShapes(sizes, part).keys(),
  ]);
  return new Set(names.filter((name) => !STATISTICS.test(name)));
}

/**
 * Whether AdamW lets a tensor decay: matrices and kernels do; biases, scales
 * and shifts of norms, and the scale of the cosines do not.
 */
export function decays(shape: readonly number[]): boolean {
  return shape.length >= 2;
}

/** Reads a stored tensor in the order that its name means. */
export async function readParameter(entry: WeightEntry): Promise<Float32Array> {
  const stored = await readWeight(entry);
  if (!entry.transposed) return stored;
  const [rows = 1, columns = 1] = entry.shape;
  return stored.map((_, i) =>
    stored[(i % rows) * columns + Math.floor(i / rows)]!
  );
}
