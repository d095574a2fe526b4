/**
 * Which tensors are trained, and their stored values.
 *
 * @module
 */
import type { Shapes } from "../checkpoint/check_weights.ts";
import { readWeight } from "../checkpoint/safetensors.ts";
import type { WeightEntry } from "../checkpoint/weights.ts";
import { clipShapes } from "../clip/weights.ts";
import type { Architecture } from "../methods/architecture.ts";
import { resnetShapes } from "../resnet/config.ts";

/** The parts of a model; each has its own file. */
export const MODEL_PARTS = ["head", "clip", "resnet"] as const;

/** A part of a model. */
export type ModelPart = (typeof MODEL_PARTS)[number];

/** Name -> shape of every tensor of a part. */
export function partShapes(
  { method, headShapes, clip, resnet }: Architecture,
  part: ModelPart,
): Shapes {
  switch (part) {
    case "head":
      return headShapes;
    case "clip":
      return clipShapes(clip, { imageFeature: method.usesImageFeature });
    case "resnet":
      return resnet === null ? new Map() : resnetShapes(resnet);
  }
}

/** Running statistics of batch normalisation; they are never trained. */
const STATISTICS = /\.running_(mean|var)$/;

/** Names of the tensors that training of these parts changes. */
export function trainableNames(
  architecture: Architecture,
  parts: Iterable<ModelPart>,
): Set<string> {
  const names = [...parts].flatMap((part) => [
    ...partShapes(architecture, part).keys(),
  ]);
  return new Set(names.filter((name) => !STATISTICS.test(name)));
}

/**
 * Whether weight decay applies to a tensor of this shape. It applies to
 * matrices and kernels, not to biases, norms and the scale of the cosines.
 */
export function decays(shape: readonly number[]): boolean {
  return shape.length >= 2;
}

/** Reads a stored tensor in the axis order of its PyTorch name. */
export async function readParameter(entry: WeightEntry): Promise<Float32Array> {
  const stored = await readWeight(entry);
  if (!entry.transposed) return stored;
  const [rows = 1, columns = 1] = entry.shape;
  return stored.map((_, i) =>
    stored[(i % rows) * columns + Math.floor(i / rows)]!
  );
}
