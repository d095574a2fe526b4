/**
 * The flags of `train` alone.
 *
 * @module
 */
import { MODEL_PARTS, type ModelPart } from "../../lib/training/trainable.ts";
import { type MetricName, METRICS } from "../../lib/results/summary.ts";
import type { FlagValues } from "../cli/flags.ts";
import { UsageError } from "../cli/usage_error.ts";

/** Flags for evaluations during training. */
export const EVALUATION_FLAGS = {
  eval: {
    kind: "text",
    value: "NAME|DIR|FILE",
    help:
      "Images to evaluate on at the start, after epochs and at the end; the same values as --data",
  },
  "eval-category": {
    kind: "list",
    needs: ["eval"],
    value: "A,B",
    help: "Evaluate on these categories only",
  },
  "eval-every": {
    kind: "integer",
    needs: ["eval"],
    min: 1,
    default: 1,
    help: "Epochs between evaluations",
  },
  best: {
    kind: "choice",
    needs: ["eval"],
    choices: METRICS satisfies readonly MetricName[] as readonly MetricName[],
    help:
      "Take the model of the evaluation with the highest value of this metric, not the last one; AdaCLIP's authors do so by p_f1max, on the images that they test on",
  },
  "allow-overlap": {
    kind: "switch",
    needs: ["eval"],
    help: "Allow training and evaluating on the same categories",
  },
} as const;

/** Flags for training itself. */
export const TRAINING_FLAGS = {
  epochs: {
    kind: "integer",
    min: 1,
    help:
      "How many times training sees each image (default as published: 100 for MFP-CLIP)",
  },
  "max-steps": {
    kind: "integer",
    min: 1,
    help: "Stop after this many steps, counted from the start of the run",
  },
  "batch-size": {
    kind: "integer",
    min: 1,
    max: 1024,
    help: "Images in a step (default as published: 1 for MFP-CLIP)",
  },
  lr: {
    kind: "number",
    also: ["learning-rate"],
    min: 0,
    help: "First learning rate (default as published: 0.001)",
  },
  schedule: {
    kind: "choice",
    choices: ["decay", "constant", "cosine"],
    help:
      "decay divides the learning rate by the number of the epoch; cosine lowers it to 0 (default as published: decay for MFP-CLIP)",
  },
  warmup: {
    kind: "integer",
    min: 0,
    default: 0,
    help: "Steps over which the learning rate rises at the start",
  },
  optimiser: {
    kind: "choice",
    choices: ["adam", "adamw"],
    help:
      "Adam, or AdamW with weight decay (default as published: adam for MFP-CLIP)",
  },
  "weight-decay": {
    kind: "number",
    min: 0,
    help:
      "Weight decay of adamw (default 0.01), for the tensors that decay as published: matrices and kernels for MFP-CLIP",
  },
  "clip-norm": {
    kind: "number",
    min: 0,
    help: "Largest global norm of the gradients (default no limit)",
  },
  train: {
    kind: "list",
    value: "head,clip,resnet",
    help: "Parts of the model to train (default head)",
  },
  resume: {
    kind: "switch",
    help: "Resume from the checkpoint in --out if there is one",
  },
  "init-head": {
    kind: "switch",
    help: "Start with a new head; downloaded models have none",
  },
  seed: {
    kind: "integer",
    min: 0,
    default: 0,
    help: "Seed of the order, of changes to images, and of a new head",
  },
  "no-shuffle": {
    kind: "switch",
    help: "Keep the order of keys",
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
      "Share of images replaced by a mosaic of four images of their category; most papers use 0.2",
  },
  "checkpoint-every": {
    kind: "integer",
    min: 1,
    default: 100,
    help: "Steps between checkpoints; one also follows each epoch",
  },
  engine: {
    kind: "choice",
    choices: ["onnx", "tfjs"],
    default: "onnx",
    help: "What computes losses and gradients",
  },
  backend: {
    kind: "choice",
    needs: ["engine=tfjs"],
    choices: ["native", "webgpu", "wasm", "cpu"],
    help: "What tfjs runs on (default the first that works)",
  },
  memory: {
    kind: "choice",
    choices: ["auto", "keep", "recompute"],
    default: "auto",
    help:
      "Keep the results of vision blocks for the backward pass, or compute them again to save memory",
  },
} as const;

/** What {@linkcode TRAINING_FLAGS} read as. */
export type TrainingFlags = FlagValues<typeof TRAINING_FLAGS>;

const ADAMW_DECAY = 0.01;

/**
 * The weight decay of the optimiser; 0 for Adam, undefined for the published
 * optimiser.
 *
 * @throws {UsageError} If Adam is given a weight decay.
 */
export function weightDecayOf(
  flags: Pick<TrainingFlags, "optimiser" | "weight-decay">,
): number | undefined {
  const decay = flags["weight-decay"];
  if (flags.optimiser === undefined && decay === undefined) return undefined;
  if (flags.optimiser === "adamw") return decay ?? ADAMW_DECAY;
  if (decay === undefined || decay === 0) return 0;
  throw new UsageError(
    `Cannot read --weight-decay as it must stand beside --optimiser adamw: ` +
      `current value is ${decay}`,
  );
}

/**
 * The parts of the model to train.
 *
 * @throws {UsageError} If there is no such part.
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
