/**
 * The programs that every engine runs.
 *
 * @module
 */
import { ModelError } from "../../checkpoint/model_error.ts";
import type { Architecture } from "../../methods/architecture.ts";
import type { PassLosses } from "../../results/training_rows.ts";
import type { HostTensor } from "../../methods/training_rules.ts";
import type { Batch, StepResult } from "./training_engine.ts";
import {
  differentiate,
  type HostProgram,
  hostProgram,
  type LossProgram,
  lossProgram,
  type LossProgramOptions,
  type TrainingProgram,
} from "./loss_program.ts";

/** Options of {@linkcode createPrograms}. */
export interface ProgramOptions extends LossProgramOptions {
  /**
   * Decides whether the backward pass computes the inside of vision blocks
   * again, given the bytes per image that keeping it takes.
   *
   * @default {never}
   */
  readonly recompute?: (tapeBytes: number) => boolean;
}

/** A training program and its forward half. */
export interface Programs {
  /** What runs before each step; null where nothing does. */
  readonly host: HostProgram | null;
  /** The forward half. */
  readonly forward: LossProgram;
  /** Both halves. */
  readonly training: TrainingProgram;
  /** Whether the backward pass computes the inside of vision blocks again. */
  readonly recompute: boolean;
}

/**
 * Builds the training program of a model.
 *
 * @throws {ModelError} If there is nothing to train.
 */
export function createPrograms(
  architecture: Architecture,
  { recompute = () => false, ...options }: ProgramOptions,
): Programs {
  const forward = lossProgram(architecture, options);
  if (forward.parameters.length === 0) {
    throw new ModelError(
      "Cannot train as the loss must depend on one of the tensors to train: " +
        "current choices switch their modules off",
    );
  }
  const training = differentiate(forward, { recompute: false });
  const host = hostProgram(architecture, options);
  if (!recompute(training.tapeBytes)) {
    return { host, forward, training, recompute: false };
  }
  const again = lossProgram(architecture, options);
  return {
    host,
    forward: again,
    training: differentiate(again, { recompute: true }),
    recompute: true,
  };
}

/**
 * What a program reads of the images of a batch: features, by the names of
 * `TrainingRules.image`; undefined where it reads pixels.
 */
export function imageInputs(
  { training }: Architecture,
  { size, image }: Batch,
): [name: string, tensor: HostTensor][] | undefined {
  if (image === undefined) return undefined;
  return [...image].map(([name, data]) => {
    const shape = [size, ...training!.image!.shapes.get(name)!];
    return [name, { shape, data }];
  });
}

/**
 * Reads the losses among the outputs of a training program.
 *
 * @param read Gives a scalar output by its name.
 */
export function readLosses(
  read: (name: string) => number,
  { reports }: Pick<LossProgram, "reports">,
): Omit<StepResult, "gradients"> {
  const pass = (name: "coarse" | "refined"): PassLosses => ({
    focal: read(`${name}.focal`),
    dice: read(`${name}.dice`),
    bce: read(`${name}.bce`),
  });
  const has = (name: string) => `${name}.focal` in reports;
  const others = Object.keys(reports).filter((name) =>
    !/^(coarse|refined)\./.test(name)
  );
  return {
    loss: read("loss"),
    coarse: has("coarse") ? pass("coarse") : null,
    refined: has("refined") ? pass("refined") : null,
    losses: Object.fromEntries(others.map((name) => [name, read(name)])),
  };
}
