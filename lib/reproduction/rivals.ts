/**
 * The methods that the paper compares itself with: their models, and how their
 * authors trained them.
 *
 * @module
 */
import type { Method } from "../methods/method.ts";
import { type MethodName, METHODS } from "../methods/methods.ts";
import { type SetName, trainingSetFor } from "./paper_tables.ts";

/** How the other methods of Table 1 are measured. */
export interface RivalSettings {
  /** Methods to measure, MFP-CLIP among them or not. */
  readonly methods: readonly MethodName[];
  /** Whether heads are trained here, in place of the published ones. */
  readonly areTrained: boolean;
  /** How many times training sees each image; undefined for as published. */
  readonly epochs: number | undefined;
}

/** How a head was trained on a set, where the method's defaults say less. */
export interface RivalTraining {
  /** How many times training sees each image; undefined for the default. */
  readonly epochs: number | undefined;
  /** Share of images replaced by a mosaic of four of their category. */
  readonly mosaic: number;
}

/** The method of a name. */
export function methodNamed(name: MethodName): Method {
  return METHODS.find((method) => method.name === name)!;
}

/** Whether a method has a head to train. */
export function isTrainable(name: MethodName): boolean {
  return methodNamed(name).headFile !== null;
}

/**
 * The model that its authors test on a set, by the name that `download` knows:
 * its head was trained on the other set.
 */
export function publishedModel(method: MethodName, test: SetName): string {
  const isOfVisa = isTrainable(method) && trainingSetFor(test) === "visa";
  return isOfVisa ? `${method}-visa` : method;
}

/** How the authors of a method trained its head on a set. */
export function publishedTraining(
  method: MethodName,
  train: SetName,
): RivalTraining {
  const { epochs, mosaic } = methodNamed(method).authorsTraining ?? {};
  return { epochs: epochs?.[train], mosaic: mosaic?.[train] ?? 0 };
}

/** What a trained head has not seen, of what its authors' head has. */
export function remarkOnTraining(method: MethodName): string | null {
  return methodNamed(method).authorsTraining?.lacks ?? null;
}
