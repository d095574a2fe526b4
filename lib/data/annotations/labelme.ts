/**
 * Annotations of labelme: a JSON file beside each image.
 *
 * @module
 */
import { boxPoints } from "../draw_shapes.ts";
import type { Point } from "../../image/image.ts";
import type { Shape } from "../mask_part.ts";
import { type Annotation, drawnSize, isRecord } from "./annotation.ts";

/** Corners of the polygon that stands for a circle. */
const CORNERS = 64;

function isPoint(value: unknown): value is Point {
  return Array.isArray(value) && value.length >= 2 &&
    value.every((number) => Number.isFinite(number));
}

function circle([x, y]: Point, [ex, ey]: Point): Point[] {
  const radius = Math.hypot(ex - x, ey - y);
  return Array.from({ length: CORNERS }, (_, i) => {
    const angle = 2 * Math.PI * i / CORNERS;
    return [x + radius * Math.cos(angle), y + radius * Math.sin(angle)];
  });
}

/** Null for shapes that cover nothing. */
function toShape(type: unknown, points: readonly Point[]): Shape | null {
  const [first, second] = points;
  if (first === undefined) return null;
  switch (type) {
    case "point":
    case "line":
    case "linestrip":
      return { line: points };
    case "rectangle":
      return second === undefined
        ? null
        : { polygon: boxPoints(first, second) };
    case "circle":
      return second === undefined ? null : { polygon: circle(first, second) };
    default:
      return points.length < 3 ? null : { polygon: points };
  }
}

/**
 * Reads a file of labelme.
 *
 * @param json The file, parsed.
 * @returns Its shapes; null where it is something else.
 */
export function readLabelme(json: unknown): Annotation | null {
  if (!isRecord(json) || !Array.isArray(json.shapes)) return null;
  const size = drawnSize(json.imageWidth, json.imageHeight);
  return json.shapes.filter(isRecord).flatMap((entry) => {
    const points = Array.isArray(entry.points)
      ? entry.points.filter(isPoint)
      : [];
    const shape = toShape(entry.shape_type, points);
    const name = typeof entry.label === "string" ? entry.label : null;
    return shape === null ? [] : [{ shape: { ...shape, ...size }, name }];
  });
}
