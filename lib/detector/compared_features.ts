/**
 * What of images is compared with good ones.
 *
 * @module
 */
import { ModelError } from "../checkpoint/model_error.ts";
import { gridSize } from "../clip/vision_transformer.ts";
import { GraphBuilder } from "../graph/builder.ts";
import { BATCH, elementCount } from "../graph/shape.ts";
import type { Architecture, PatchSizes } from "../methods/architecture.ts";
import type { GoodImageRules } from "../methods/good_image_rules.ts";
import type { ModelDirectory } from "../methods/model_directory.ts";

/** The output that only methods with patches have. */
export const PATCH_LOGIT = "patch_logit";

/** What a network gives of one image to be compared. */
export interface ComparedFeatures {
  /** Patches per row and column. */
  readonly grid: number;
  /** Bytes that one good image takes while good images are learned. */
  readonly bytesPerImage: number;
  /** Outputs of the network that are learned. */
  readonly outputs: readonly string[];
}

type Model = Pick<ModelDirectory, "path" | "architecture">;

/** What is said of a model without anything to compare. */
export function nothingToCompare(
  { path, architecture: { method } }: Model,
): ModelError {
  return new ModelError(
    `Cannot learn good images with ${path} as its method must ` +
      `have patches to compare: current method is ${method.title}`,
  );
}

/**
 * What of the images of a model is compared: the patches of its method, or what
 * the method publishes.
 *
 * @throws {ModelError} If the method has nothing to compare.
 */
export function comparedFeatures(model: Model): ComparedFeatures {
  const { architecture } = model;
  const { goodImages, patches } = architecture;
  if (goodImages !== undefined) {
    return publishedFeatures(architecture, goodImages);
  }
  if (patches !== null) return patchFeatures(patches);
  throw nothingToCompare(model);
}

function patchFeatures({ grid, width, taps }: PatchSizes): ComparedFeatures {
  return {
    grid,
    // Its tokens, and features of at most as many numbers.
    bytesPerImage: 2 * Float32Array.BYTES_PER_ELEMENT * grid ** 2 * width *
      taps,
    outputs: [
      ...Array.from({ length: taps }, (_, i) => `tap_${i}`),
      PATCH_LOGIT,
    ],
  };
}

function publishedFeatures(
  { clip: { vision }, imageSize }: Architecture,
  rules: GoodImageRules,
): ComparedFeatures {
  const features = Object.entries(rules.features(new GraphBuilder()));
  const numbers = features.reduce(
    (sum, [, { shape }]) =>
      sum + elementCount(shape.map((size) => size === BATCH ? 1 : size)),
    0,
  );
  return {
    grid: gridSize(vision, imageSize),
    // Its features, and those of the bank.
    bytesPerImage: 2 * Float32Array.BYTES_PER_ELEMENT * numbers,
    outputs: features.map(([name]) => name),
  };
}
