/**
 * What ground truth is made of: mask files, and shapes drawn by hand.
 *
 * @module
 */
import type { Point } from "../image/image.ts";

/** Pixels per row, and rows, of the image that a shape was drawn on. */
export type DrawnSize = readonly [width: number, height: number];

/** An area, filled. */
export interface Polygon {
  /** Its corners. */
  readonly polygon: readonly Point[];
  /** Whether points are parts of width and height, not pixels. */
  readonly relative?: boolean;
  /** The size of the image as its file of annotations says, if it does. */
  readonly size?: DrawnSize;
}

/** A line, one pixel wide. */
export interface Line {
  /** Its corners. */
  readonly line: readonly Point[];
  /** The size of the image as its file of annotations says, if it does. */
  readonly size?: DrawnSize;
}

/** Pixels by columns: how many are outside, inside, outside ... in turn. */
export interface Runs {
  /** The lengths of runs, the first one outside. */
  readonly runs: readonly number[];
  /** Pixels per row, and rows, of the whole. */
  readonly size: DrawnSize;
}

/** A shape of an annotation. */
export type Shape = Polygon | Line | Runs;

/** A mask that a list names and that is not there. */
export interface AbsentMask {
  /** The path that the list has. */
  readonly absent: string;
}

/** A part of the ground truth of an image: a mask's path, or a shape. */
export type MaskPart = string | AbsentMask | Shape;

/**
 * The files among the parts of masks.
 *
 * @param parts The parts.
 * @returns Paths of masks.
 */
export function maskFiles(parts: readonly MaskPart[]): string[] {
  return parts.filter((part) => typeof part === "string");
}
