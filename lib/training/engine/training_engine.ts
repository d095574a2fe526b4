/**
 * What a trainer needs of whatever computes losses and gradients.
 *
 * @module
 */
import type { PassLosses } from "../../results/training_rows.ts";
import type { NamedArrays } from "../optimiser.ts";

/** Images with what is known of them, as an engine takes them. */
export interface Batch {
  /** How many images, B. */
  readonly size: number;
  /** RGB bytes at the model's resolution. */
  readonly rgb: Uint8Array; // [B, H, H, 3]
  /** Prompts, zero-padded; row 0 of each image is normal, row 1 abnormal. */
  readonly ids: BigInt64Array; // [B, 2, n]
  /** 1 where defective, else 0. */
  readonly mask: Float32Array; // [B, H, H]
  /** 1 for a defective image, else 0; from the data set, not from the mask. */
  readonly label: Float32Array; // [B]
}

/** What one step finds out. */
export interface StepResult {
  /** What training lowers: the sum over the supervised passes. */
  readonly loss: number;
  /** Losses of the first pass; null where mask prompting is off. */
  readonly coarse: PassLosses | null;
  /** Losses of the last pass. */
  readonly refined: PassLosses;
  /** The gradient of the loss by each trained tensor. */
  readonly gradients: NamedArrays;
}

/** Computes losses and gradients; it keeps no state from step to step. */
export interface TrainingEngine {
  /** Its name; another engine rounds otherwise. */
  readonly name: string;
  /** Name -> shape of the tensors that it differentiates by. */
  readonly shapes: ReadonlyMap<string, readonly number[]>;
  /**
   * Whether it saves memory by computing the inside of vision blocks again,
   * which rounds otherwise.
   */
  readonly recomputes: boolean;
  /**
   * Computes the losses of a batch and their gradients.
   *
   * @param batch The images.
   * @param parameters The trained tensors, as in {@linkcode shapes}.
   */
  step(batch: Batch, parameters: NamedArrays): Promise<StepResult>;
  /**
   * Finds where a step first meets a number that is not finite.
   *
   * @returns The name of the first tensor that holds one, undefined where none
   * does.
   */
  firstBadTensor(
    batch: Batch,
    parameters: NamedArrays,
  ): Promise<string | undefined>;
  /** Frees what it holds. */
  close(): Promise<void>;
}
