/**
 * The flags of `train` beside those of other verbs.
 *
 * @module
 */
import { MODEL_PARTS, type ModelPart } from "../../lib/training/trainable.ts";
import type { FlagValues } from "../cli/flags.ts";
import { UsageError } from "../cli/usage_error.ts";

/** Flags that say what a model is evaluated on while it is trained. */
export const EVALUATION_FLAGS = {
  eval: {
    kind: "text",
    value: "NAME|DIR|FILE",
    help:
      "Images to evaluate on, before the first step, between, and at the end: as --data",
  },
  "eval-category": {
    kind: "list",
    value: "A,B",
    help: "Evaluate on these categories only",
  },
  "eval-every": {
    kind: "integer",
    min: 1,
    default: 1,
    help: "Epochs from one evaluation to the next",
  },
  "allow-overlap": {
    kind: "switch",
    help: "Allow training and evaluating on the same categories",
  },
} as const;

/** Flags that say how a model is trained. */
export const TRAINING_FLAGS = {
  epochs: {
    kind: "integer",
    min: 1,
    default: 100,
    help: "How often every image is seen",
  },
  "max-steps": {
    kind: "integer",
    min: 1,
    help: "Stop after so many steps of the whole run",
  },
  "batch-size": {
    kind: "integer",
    min: 1,
    max: 1024,
    default: 1,
    help: "Images in a step",
  },
  lr: {
    kind: "number",
    min: 0,
    default: 0.001,
    help: "Learning rate to start from",
  },
  schedule: {
    kind: "choice",
    choices: ["decay", "cosine"],
    default: "decay",
    help:
      "decay divides the rate by the number of the epoch, cosine lets it fall to 0",
  },
  warmup: {
    kind: "integer",
    min: 0,
    default: 0,
    help: "Steps over which the rate first rises",
  },
  optimiser: {
    kind: "choice",
    choices: ["adam", "adamw"],
    default: "adam",
    help: "Adam, or AdamW with weight decay",
  },
  "weight-decay": {
    kind: "number",
    min: 0,
    help:
      "Decay of matrices and kernels with adamw (default 0.01); biases and norms have none",
  },
  "clip-norm": {
    kind: "number",
    min: 0,
    help: "Shorten all gradients together to this length",
  },
  train: {
    kind: "list",
    value: "head,clip,resnet",
    help: "The parts that are trained (default head)",
  },
  resume: {
    kind: "switch",
    help: "Go on from the checkpoint in --out, where there is one",
  },
  "init-head": {
    kind: "switch",
    help:
      "Start the head afresh, rather than from mfp_clip.safetensors, which a downloaded model lacks",
  },
  seed: {
    kind: "integer",
    min: 0,
    default: 0,
    help: "Seed of order, changes to images and a new head",
  },
  "no-shuffle": {
    kind: "switch",
    help: "See images in the order of their keys",
  },
  flip: { kind: "switch", help: "Mirror images at random" },
  rotate: {
    kind: "switch",
    help: "Turn images at random by 0, 90, 180 or 270 degrees",
  },
  mosaic: {
    kind: "number",
    min: 0,
    max: 1,
    default: 0,
    help:
      "Share of the images replaced by four of their category, two by two; the field takes 0.2",
  },
  "checkpoint-every": {
    kind: "integer",
    min: 1,
    default: 100,
    help: "Steps between checkpoints, besides those at the ends of epochs",
  },
  engine: {
    kind: "choice",
    choices: ["onnx", "tfjs"],
    default: "onnx",
    help: "What computes losses and gradients",
  },
  backend: {
    kind: "choice",
    choices: ["native", "webgpu", "wasm", "cpu"],
    help: "What tfjs runs on (default the first that can be had)",
  },
  memory: {
    kind: "choice",
    choices: ["auto", "keep", "recompute"],
    default: "auto",
    help:
      "Keep what vision blocks compute for the backward pass, or save memory by computing it again",
  },
} as const;

/** What {@linkcode TRAINING_FLAGS} read as. */
export type TrainingFlags = FlagValues<typeof TRAINING_FLAGS>;

const ADAMW_DECAY = 0.01;

/**
 * The weight decay of the optimiser that the flags choose.
 *
 * @param flags The flags
 * @returns The decay, 0 for Adam
 * @throws {UsageError} If Adam is given one
 */
export function weightDecayOf(
  flags: Pick<TrainingFlags, "optimiser" | "weight-decay">,
): number {
  const decay = flags["weight-decay"];
  if (flags.optimiser === "adamw") return decay ?? ADAMW_DECAY;
  if (decay === undefined || decay === 0) return 0;
  throw new UsageError(
    `Cannot read --weight-decay as it must stand beside --optimiser adamw: ` +
      `current value is ${decay}`,
  );
}

/**
 * The parts of the model that the flags choose.
 *
 * @param flags The flags
 * @returns The parts
 * @throws {UsageError} If there is no such part
 */
export function partsOf(
  { train = ["head"] }: Pick<TrainingFlags, "train">,
): Set<ModelPart> {
  const parts = MODEL_PARTS.filter((part) => train.includes(part));
  const odd = train.find((name) => !MODEL_PARTS.some((part) => part === name));
  if (odd === undefined) return new Set(parts);
  throw new UsageError(
    `Cannot read --train as its parts must be among ${
      MODEL_PARTS.join(", ")
    }: ` +
      `current value is "${odd}"`,
  );
}
