/**
 * How the input of a run was read.
 *
 * @module
 */
import type { Reading } from "../data/sample.ts";
import type { Plan } from "./run.ts";

/**
 * Tells how the input of a run was read, with counts of its images.
 *
 * @param plan The run.
 * @returns Layout, counts and notes; undefined for runs of earlier versions.
 */
export function planReading({ header, counts }: Plan): Reading | undefined {
  const { reading } = header;
  return reading && { ...reading, categories: counts };
}
