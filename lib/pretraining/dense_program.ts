/**
 * The dense stage: the vision tower learns to tell defective patches from
 * normal ones. Of the paper's modules it has the adapters alone.
 *
 * @module
 */
import {
  embedPatches,
  enterTower,
  gridSize,
  visionBlock,
} from "../clip/vision_transformer.ts";
import { GraphBuilder } from "../graph/builder.ts";
import type { Value } from "../graph/graph.ts";
import { BATCH } from "../graph/shape.ts";
import { byteImages, normalise, promptIdsInput } from "../methods/inputs.ts";
import type { ModelSizes } from "../methods/mfp_clip/model.ts";
import { patchFeatures } from "../methods/mfp_clip/multi_patch_feature_aggregation.ts";
import type { LossProgram } from "../training/engine/loss_program.ts";
import { plainTextFeatures } from "./text_program.ts";

/** A patch is defective above this share of defective pixels, normal below. */
const DEFECTIVE = 0.12;
const NORMAL = 0.02;

/** The patches of each state. */
export interface PatchTargets {
  /** 1 for a defective patch. */
  readonly positive: Float32Array; // [B, P]
  /** 1 for a normal patch; with a small share of a defect it is neither. */
  readonly negative: Float32Array; // [B, P]
}

/** Finds the defective and the normal patches of masks [B, side, side]. */
export function patchTargets(
  mask: Float32Array,
  { side, patch }: { readonly side: number; readonly patch: number },
): PatchTargets {
  const grid = side / patch;
  const share = new Float32Array(mask.length / patch ** 2);
  for (let i = 0; i < mask.length; i++) {
    const row = Math.floor(i / side); // of all images together
    const column = i % side;
    const cell = Math.floor(row / patch) * grid + Math.floor(column / patch);
    share[cell]! += mask[i]! / patch ** 2;
  }
  return {
    positive: share.map((part) => part > DEFECTIVE ? 1 : 0),
    negative: share.map((part) => part < NORMAL ? 1 : 0),
  };
}

/** log(1 + e^x), without overflow. */
function softplus(g: GraphBuilder, x: Value): Value {
  const away = g.negate(g.maximum(x, g.negate(x)));
  return g.add(g.maximum(x, 0), g.log(g.add(g.exp(away), 1)));
}

/** Mean of x where `weight` is 1, a scalar; 0 if it is 1 nowhere. */
function weightedMean(g: GraphBuilder, x: Value, weight: Value): Value {
  const sum = (y: Value) => g.reduceSum(y, [0, 1]);
  const count = g.maximum(sum(weight), 1);
  return g.reshape(g.divide(sum(g.multiply(x, weight)), count), []);
}

/** Patch features of each tap [B, P, Dt], without prompts. */
function tapFeatures(
  g: GraphBuilder,
  rgb: Value,
  { clip, config }: ModelSizes,
): Value[] {
  const { vision } = clip;
  const patches = embedPatches(g, normalise(g, rgb), vision);
  let x = enterTower(g, patches, vision);
  const features: Value[] = [];
  for (let block = 1; block <= config.taps.at(-1)!; block++) {
    x = visionBlock(g, x, { vision, index: block - 1 });
    const tap = config.taps.indexOf(block);
    if (tap < 0) continue;
    const tokens = g.slice(x, 1, 1, x.shape[1]!);
    features.push(patchFeatures(g, tokens, { tap, clip, config }));
  }
  return features;
}

/** Log odds that each patch is defective: log p - log(1 - p), [B, P]. */
function margin(
  g: GraphBuilder,
  feature: Value,
  { step, scale }: { step: Value; scale: Value },
): Value {
  const cosine = g.matMul(feature, step, { transposeB: true }); // [B, P, 1]
  const flat = g.reshape(cosine, [BATCH, feature.shape[1]!]);
  return g.multiply(g.cast(flat, "wide"), scale);
}

/** The patches of each state, as inputs [B, P]. */
type TargetInputs = Readonly<Record<keyof PatchTargets, Value>>;

const meanOf = (g: GraphBuilder, values: readonly Value[]): Value =>
  g.multiply(values.reduce((a, b) => g.add(a, b)), 1 / values.length);

/** Cross-entropy of each patch by state, mean over the taps. */
function patchLoss(
  g: GraphBuilder,
  margins: readonly Value[],
  { positive, negative }: TargetInputs,
): { missed: Value; alarm: Value } {
  const of = (weight: Value, sign: (x: Value) => Value) =>
    meanOf(
      g,
      margins.map((m) => weightedMean(g, softplus(g, sign(m)), weight)),
    );
  return {
    missed: of(positive, (m) => g.negate(m)),
    alarm: of(negative, (m) => m),
  };
}

/**
 * Cross-entropy of one patch of each image, on the mean map: the most certain
 * defective patch, or in a good image the patch most like a defect. The image
 * score depends on these patches.
 */
function imageLoss(
  g: GraphBuilder,
  margins: readonly Value[],
  { positive, negative }: TargetInputs,
): { missed: Value; alarm: Value } {
  const sigmoid = (x: Value) => g.divide(1, g.add(g.exp(g.negate(x)), 1));
  const defective = meanOf(g, margins.map(sigmoid)); // [B, P]
  const normal = meanOf(g, margins.map((m) => sigmoid(g.negate(m))));
  const has = g.reduceMax(positive, [1]); // [B, 1]
  const isGood = g.subtract(1, g.reduceMax(g.subtract(1, negative), [1]));
  const surest = g.reduceMax(g.multiply(defective, positive), [1]);
  const least = g.negate(g.reduceMax(g.negate(normal), [1]));
  const surprise = (p: Value, weight: Value) =>
    weightedMean(g, g.negate(g.log(p)), weight);
  return {
    // Images without a defect have log(1) here.
    missed: surprise(g.add(surest, g.subtract(1, has)), has),
    alarm: surprise(least, isGood),
  };
}

/** Options of {@linkcode denseProgram}. */
export interface DenseOptions {
  /** How many token positions enter the text tower. */
  readonly textLength: number;
  /** Whether to average patches with their neighbours, as MPFA does. */
  readonly aggregate: boolean;
  /** Weight of the image loss, relative to the patch loss; 0 for none. */
  readonly imageWeight: number;
}

/**
 * Records the loss: binary cross-entropy of each patch, from its cosines with
 * both sentences. Defective and normal patches have the same weight; the loss
 * is the mean over the taps. The loss of whole images is added if wanted.
 */
export function denseProgram(
  sizes: ModelSizes,
  { textLength, aggregate, imageWeight }: DenseOptions,
): LossProgram {
  const { clip } = sizes;
  const config = aggregate ? sizes.config : { ...sizes.config, mpfa: 1 };
  const g = new GraphBuilder();
  const rgb = byteImages(g, config.imageSize);
  const ids = promptIdsInput(g, clip);
  const cells = gridSize(clip.vision, config.imageSize) ** 2;
  const weight = (name: string) => g.input(name, [BATCH, cells], "wide");
  const [positive, negative] = [weight("positive"), weight("negative")];
  const text = plainTextFeatures(g, ids, { clip, length: textLength });
  const state = (s: number) => g.slice(text, 1, s, s + 1); // [B, 1, Dt]
  const step = g.subtract(state(1), state(0));
  const scale = g.exp(g.cast(g.parameter("logit_scale", []), "wide"));
  const margins = tapFeatures(g, rgb, { ...sizes, config })
    .map((feature) => margin(g, feature, { step, scale }));
  const targets = { positive, negative };
  const half = ({ missed, alarm }: { missed: Value; alarm: Value }) =>
    g.multiply(g.add(missed, alarm), 0.5);
  const patch = patchLoss(g, margins, targets);
  const reports = { missed: patch.missed, alarm: patch.alarm };
  const image = imageWeight > 0 ? imageLoss(g, margins, targets) : undefined;
  const loss = image === undefined
    ? half(patch)
    : g.add(half(patch), g.multiply(half(image), imageWeight));
  const parameters = g.build({ loss }).nodes
    .filter(({ primitive }) => primitive === "parameter")
    .map(({ output }) => output)
    .filter(({ name }) => !name.startsWith("text_"));
  const images = image === undefined
    ? {}
    : { missed_images: image.missed, alarm_images: image.alarm };
  return { g, loss, reports: { ...reports, ...images }, parameters };
}
