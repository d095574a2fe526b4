/**
 * Shapes of annotations, drawn as masks.
 *
 * @module
 */
import type { Mask, Point } from "../image/image.ts";
import type { Shape } from "./mask_part.ts";

/** Where a row of pixel centres crosses the edges of a polygon, sorted. */
function crossings(points: readonly Point[], y: number): number[] {
  const found: number[] = [];
  for (const [i, [x1, y1]] of points.entries()) {
    const [x2, y2] = points[(i + 1) % points.length]!;
    if (y1 <= y === y2 <= y) continue;
    found.push(x1 + (y - y1) / (y2 - y1) * (x2 - x1));
  }
  return found.sort((a, b) => a - b);
}

/** Fills every pixel whose centre lies inside, by the even-odd rule. */
function fillPolygon(points: readonly Point[], mask: Mask): void {
  const { width, height, data } = mask;
  const rows = points.map(([, y]) => y);
  const first = Math.max(0, Math.floor(Math.min(...rows)));
  const last = Math.min(height - 1, Math.ceil(Math.max(...rows)));
  for (let y = first; y <= last; y++) {
    const edges = crossings(points, y + 0.5);
    for (let i = 0; i + 1 < edges.length; i += 2) {
      const from = Math.max(0, Math.ceil(edges[i]! - 0.5));
      const to = Math.min(width, Math.ceil(edges[i + 1]! - 0.5));
      if (from < to) data.fill(1, y * width + from, y * width + to);
    }
  }
}

function drawLine(points: readonly Point[], mask: Mask): void {
  const { width, height, data } = mask;
  for (const [i, [x1, y1]] of points.entries()) {
    const [x2, y2] = points[Math.min(i + 1, points.length - 1)]!;
    const span = Math.max(Math.abs(x2 - x1), Math.abs(y2 - y1));
    const steps = Math.min(Math.ceil(span), 1 << 20);
    for (let step = 0; step <= steps; step++) {
      const part = steps === 0 ? 0 : step / steps;
      const x = Math.floor(x1 + part * (x2 - x1));
      const y = Math.floor(y1 + part * (y2 - y1));
      if (x < 0 || y < 0 || x >= width || y >= height) continue;
      data[y * width + x] = 1;
    }
  }
}

/** Runs go down the columns, as COCO has them. */
function drawRuns(runs: readonly number[], mask: Mask): void {
  const { width, height, data } = mask;
  let at = 0;
  for (const [i, length] of runs.entries()) {
    const end = Math.min(at + length, width * height);
    if (i % 2 === 1) {
      for (let p = at; p < end; p++) {
        data[p % height * width + Math.floor(p / height)] = 1;
      }
    }
    at = end;
  }
}

/** Points of an image of another size would mark another place. */
function assertSize({ size }: Shape, { width, height }: Mask): void {
  if (size === undefined || size[0] === width && size[1] === height) return;
  throw new RangeError(
    `Cannot draw the annotation as it must be for an image of ${width} x ${height}: current value is ${
      size.join(" x ")
    }`,
  );
}

/**
 * Draws shapes into a mask.
 *
 * @param shapes The shapes.
 * @param mask The mask, of the size of its image.
 * @throws {RangeError} If a shape was drawn for an image of another size.
 */
export function drawShapes(shapes: readonly Shape[], mask: Mask): void {
  const { width, height } = mask;
  for (const shape of shapes) {
    assertSize(shape, mask);
    if ("line" in shape) drawLine(shape.line, mask);
    else if ("runs" in shape) drawRuns(shape.runs, mask);
    else {
      const [sx, sy] = shape.relative ? [width, height] : [1, 1];
      fillPolygon(shape.polygon.map(([x, y]) => [x * sx, y * sy]), mask);
    }
  }
}

/**
 * The corners of a box.
 *
 * @param first One corner.
 * @param second The corner across.
 * @returns A polygon's points.
 */
export function boxPoints([x1, y1]: Point, [x2, y2]: Point): Point[] {
  return [[x1, y1], [x2, y1], [x2, y2], [x1, y2]];
}
