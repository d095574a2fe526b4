/**
 * The interface of the engines, which compute losses and gradients.
 *
 * @module
 */
import type { PassLosses } from "../../results/training_rows.ts";
import type { NamedArrays } from "../optimiser.ts";

/**
 * What a model reads about a category: ids of sentences [N, n], zero-padded and
 * normal before abnormal, or text features [2, Dt].
 */
export type CategoryText = BigInt64Array | Float32Array;

/** A batch of images with their targets. */
export interface Batch {
  /** Number of images, B. */
  readonly size: number;
  /** RGB bytes at the model's resolution. */
  readonly rgb: Uint8Array; // [B, H, H, 3]
  /**
   * Features of the images that the losses read, [B, ...] each.
   *
   * @default {none: the losses read `rgb`}
   */
  readonly image?: NamedArrays;
  /** Prompts [B, N, n] or text features [B, 2, Dt]. */
  readonly text: CategoryText;
  /** 1 where defective, else 0. */
  readonly mask: Float32Array; // [B, H, H]
  /** 1 for a defective image, else 0; from the data set, not from the mask. */
  readonly label: Float32Array; // [B]
}

/** The result of a step. */
export interface StepResult {
  /** The loss: the sum over the supervised passes. */
  readonly loss: number;
  /** Losses of the first pass; null without one. */
  readonly coarse: PassLosses | null;
  /** Losses of the last pass; null for a method without passes. */
  readonly refined: PassLosses | null;
  /** Losses of a method without passes, by name. */
  readonly losses: Readonly<Record<string, number>>;
  /** The gradient of the loss by each trained tensor. */
  readonly gradients: NamedArrays;
}

/** Computes losses and gradients; it has no state between steps. */
export interface TrainingEngine {
  /** Its name; engines round differently. */
  readonly name: string;
  /** Name -> shape of the trained tensors. */
  readonly shapes: ReadonlyMap<string, readonly number[]>;
  /**
   * Whether the backward pass computes the inside of vision blocks again, which
   * saves memory but rounds differently.
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
   * Finds the first tensor of a step with a number that is not finite.
   *
   * @returns Its name; undefined if all are finite.
   */
  firstBadTensor(
    batch: Batch,
    parameters: NamedArrays,
  ): Promise<string | undefined>;
  /** Frees its memory. */
  close(): Promise<void>;
}
