/**
 * What training reports: the shapes of the lines of `log.jsonl`.
 *
 * @module
 */
import type { MeanMetrics } from "./summary.ts";

/** The losses of one pass. */
export interface PassLosses {
  /** Focal loss. */
  readonly focal: number;
  /** Dice loss. */
  readonly dice: number;
  /** Binary cross-entropy of the image score. */
  readonly bce: number;
}

/** When something happened. */
export interface When {
  /** The epoch that the last step belongs to, counted from 0. */
  readonly epoch: number;
  /** Steps done since the run began. */
  readonly step: number;
}

/** One step. */
export interface StepRow extends When {
  /** Which kind of row. */
  readonly event: "step";
  /** What training lowers: the sum over the supervised passes. */
  readonly loss: number;
  /** Losses of the first pass; null where mask prompting is off. */
  readonly coarse: PassLosses | null;
  /** Losses of the last pass; null for a method without passes. */
  readonly refined: PassLosses | null;
  /** Losses of a method without passes, by name. */
  readonly losses?: Readonly<Record<string, number>>;
  /** The learning rate. */
  readonly lr: number;
  /** Wall time. */
  readonly seconds: number;
}

/** The end of an epoch. */
export interface EpochRow extends When {
  /** Which kind of row. */
  readonly event: "epoch";
  /** Mean loss of its steps. */
  readonly loss: number;
}

/** A checkpoint that was written as planned. */
export interface CheckpointRow extends When {
  /** Which kind of row. */
  readonly event: "checkpoint";
}

/** An evaluation. */
export interface EvalRow extends When, MeanMetrics {
  /** Which kind of row. */
  readonly event: "eval";
  /** Images listed, those with errors included. */
  readonly images: number;
  /** Images without a score. */
  readonly errors: number;
  /** Wall time. */
  readonly seconds: number;
}

/** One line. */
export type LogRow = StepRow | EpochRow | CheckpointRow | EvalRow;
