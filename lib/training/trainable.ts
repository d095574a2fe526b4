/**
 * Which tensors are trained, and what they start from.
 *
 * @module
 */
import type { Shapes } from "../checkpoint/check_weights.ts";
import { readWeight } from "../checkpoint/safetensors.ts";
import type { WeightEntry } from "../checkpoint/weights.ts";
import { clipShapes } from "../clip/weights.ts";
import type { Architecture } from "../methods/method.ts";
import { resnetShapes } from "../resnet/config.ts";

/** The parts of a model, each in a file of its own. */
export const MODEL_PARTS = ["head", "clip", "resnet"] as const;

/** A part of a model. */
export type ModelPart = (typeof MODEL_PARTS)[number];

/** Name -> shape of every tensor of a part. */
export function partShapes(
  { headShapes, clip, resnet }: Architecture,
  part: ModelPart,
): Shapes {
  switch (part) {
    case "head":
      return headShapes;
    case "clip":
      return clipShapes(clip);
    case "resnet":
      return resnet === null ? new Map() : resnetShapes(resnet);
  }
}

/** The running statistics of batch normalisation, which stay as they are. */
const STATISTICS = /\.running_(mean|var)$/;

/** Names of the tensors that training these parts changes. */
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
