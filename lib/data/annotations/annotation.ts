/**
 * What a file of annotations says of one image.
 *
 * @module
 */
import type { DrawnSize, Shape } from "../mask_part.ts";
import { roleOf } from "../layouts/words.ts";

/** A shape, and what it is called. */
export interface LabelledShape {
  /** Where it is. */
  readonly shape: Shape;
  /** The kind of defect; null where the file has numbers alone. */
  readonly name: string | null;
}

/** The shapes of one image; none where it was looked at and is good. */
export type Annotation = readonly LabelledShape[];

/**
 * Leaves out what is marked as good, as some mark whole products.
 *
 * @param shapes All shapes.
 * @returns Those of defects.
 */
export function defectsOf(shapes: Annotation): Annotation {
  return shapes.filter(({ name }) => name === null || roleOf(name) !== "good");
}

/**
 * Whether a value is a record.
 *
 * @param value Any value of JSON.
 * @returns Whether it is neither a list nor null.
 */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The size that a shape was drawn for, where its file says one. */
export interface SizeField {
  /** Pixels per row, and rows. */
  readonly size?: DrawnSize;
}

/**
 * The size of an image that a file of annotations says.
 *
 * @param width Pixels per row, as the file has them.
 * @param height Rows, as the file has them.
 * @returns The size as a field of shapes; no field where the file says none, as
 * some write 0.
 */
export function drawnSize(
  width: unknown,
  height: unknown,
): SizeField {
  const size = [Number(width), Number(height)] as const;
  return size.every((side) => Number.isInteger(side) && side > 0)
    ? { size }
    : {};
}
