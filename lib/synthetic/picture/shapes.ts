/**
 * Plane shapes as signed distances: negative inside, so that a pixel's coverage
 * and the depth below an edge come from the same number.
 *
 * @module
 */
import type { Point } from "../../image/image.ts";
import type { Noise } from "../noise.ts";

/** A region of the plane. */
export interface Shape {
  /** Centre of a circle that holds the shape. */
  readonly centre: Point;
  /** Radius of that circle. */
  readonly reach: number;
  /** Distance to the edge, negative inside. */
  distance(x: number, y: number): number;
}

/** Where a shape or a part lies in its parent's coordinates. */
export interface Pose {
  /** Shift to the right, default 0. */
  readonly x?: number;
  /** Shift downwards, default 0. */
  readonly y?: number;
  /** Clockwise turn in radians, default 0. */
  readonly angle?: number;
  /** Magnification, default 1. */
  readonly scale?: number;
}

const ORIGIN: Point = [0, 0];

/** The whole plane. */
export const EVERYWHERE: Shape = {
  centre: ORIGIN,
  reach: Infinity,
  distance: () => -1,
};

/** The circle that holds a shape. */
type Bounds = Pick<Shape, "centre" | "reach">;

/** A circle that holds all the given circles. */
function around(circles: readonly Bounds[]): Bounds {
  let [x, y] = ORIGIN;
  for (const { centre } of circles) {
    x += centre[0] / circles.length;
    y += centre[1] / circles.length;
  }
  let reach = 0;
  for (const { centre, reach: own } of circles) {
    const dx = centre[0] - x;
    const dy = centre[1] - y;
    reach = Math.max(reach, own + Math.sqrt(dx * dx + dy * dy));
  }
  return { centre: [x, y], reach };
}

/** A disc about the origin. */
export function circle(radius: number): Shape {
  return {
    centre: ORIGIN,
    reach: radius,
    distance: (x, y) => Math.sqrt(x * x + y * y) - radius,
  };
}

/** A ring of the given width about the circle of `radius`. */
export function ring(radius: number, width: number): Shape {
  return {
    centre: ORIGIN,
    reach: radius + width / 2,
    distance: (x, y) => Math.abs(Math.sqrt(x * x + y * y) - radius) - width / 2,
  };
}

/** A rectangle about the origin with corners rounded by `round`. */
export function box(
  halfWidth: number,
  halfHeight: number,
  { round = 0 }: { round?: number } = {},
): Shape {
  return {
    centre: ORIGIN,
    reach: Math.sqrt(halfWidth * halfWidth + halfHeight * halfHeight),
    distance: (x, y) => {
      const dx = Math.abs(x) - halfWidth + round;
      const dy = Math.abs(y) - halfHeight + round;
      const ox = Math.max(dx, 0);
      const oy = Math.max(dy, 0);
      return Math.sqrt(ox * ox + oy * oy) + Math.min(Math.max(dx, dy), 0) -
        round;
    },
  };
}

/** An ellipse about the origin; distances are exact near its edge only. */
export function ellipse(a: number, b: number): Shape {
  return {
    centre: ORIGIN,
    reach: Math.max(a, b),
    distance: (x, y) => {
      const k = Math.sqrt(x * x / (a * a) + y * y / (b * b));
      const g = Math.sqrt(x * x / (a * a * a * a) + y * y / (b * b * b * b));
      return k < 1e-6 ? -Math.min(a, b) : k * (k - 1) / g;
    },
  };
}

/** A regular polygon about the origin, flat side to the right. */
export function polygon(sides: number, inradius: number): Shape {
  const normals = Array.from({ length: sides }, (_, i): Point => {
    const angle = 2 * Math.PI * i / sides;
    return [Math.cos(angle), Math.sin(angle)];
  });
  return {
    centre: ORIGIN,
    reach: inradius / Math.cos(Math.PI / sides),
    distance: (x, y) => {
      let most = -Infinity;
      for (let i = 0; i < sides; i++) {
        const normal = normals[i]!;
        most = Math.max(most, x * normal[0] + y * normal[1]);
      }
      return most - inradius;
    },
  };
}

/** A disc with `teeth` trapezoid teeth of height `depth` around it. */
export function cog(
  teeth: number,
  radius: number,
  { depth }: { depth: number },
): Shape {
  const steep = 6.4 * depth * teeth / (2 * Math.PI * radius);
  return {
    centre: ORIGIN,
    reach: radius + depth,
    distance: (x, y) => {
      const length = Math.sqrt(x * x + y * y);
      if (length < 0.7 * radius) return length - radius;
      const turns = Math.atan2(y, x) * teeth / (2 * Math.PI);
      const offset = 4 * Math.abs(turns - Math.round(turns)) - 1;
      const rise = Math.min(1, Math.max(0, 0.5 - 1.6 * offset));
      const slope = rise > 0 && rise < 1 ? steep : 0;
      return (length - radius - depth * rise) / Math.sqrt(1 + slope * slope);
    },
  };
}

/** A disc whose edge wanders by `wobble` times the radius. */
export function blob(
  radius: number,
  { noise, wobble = 0.3, lobes = 1.2 }: {
    noise: Noise;
    wobble?: number;
    lobes?: number;
  },
): Shape {
  return {
    centre: ORIGIN,
    reach: radius * (1 + wobble),
    distance: (x, y) => {
      const length = Math.sqrt(x * x + y * y) + 1e-9;
      const edge = noise.fractal(lobes * x / length + 9, lobes * y / length);
      return length - radius * (1 + wobble * edge);
    },
  };
}

/** A polyline of half-width `radius`, thinned towards its ends by `taper`. */
export function stroke(
  points: readonly Point[],
  { radius, taper = 0 }: { radius: number; taper?: number },
): Shape {
  const count = points.length - 1;
  const xs = Float64Array.from(points, ([x]) => x);
  const ys = Float64Array.from(points, ([, y]) => y);
  return {
    ...around(points.map((centre) => ({ centre, reach: radius }))),
    distance: (x, y) => {
      let best = Infinity;
      for (let i = 0; i < count; i++) {
        const ex = xs[i + 1]! - xs[i]!;
        const ey = ys[i + 1]! - ys[i]!;
        const px = x - xs[i]!;
        const py = y - ys[i]!;
        const along = (px * ex + py * ey) / (ex * ex + ey * ey + 1e-12);
        const t = Math.min(1, Math.max(0, along));
        const dx = px - t * ex;
        const dy = py - t * ey;
        const middle = 2 * (i + t) / count - 1;
        const thin = 1 - taper * middle * middle;
        best = Math.min(best, Math.sqrt(dx * dx + dy * dy) - radius * thin);
      }
      return best;
    },
  };
}

/** The points that lie in any of the shapes. */
export function union(...shapes: readonly Shape[]): Shape {
  return {
    ...around(shapes),
    distance: (x, y) => {
      let best = Infinity;
      for (const shape of shapes) best = Math.min(best, shape.distance(x, y));
      return best;
    },
  };
}

/** The points of `shape` that do not lie in `hole`. */
export function without(shape: Shape, hole: Shape): Shape {
  return {
    centre: shape.centre,
    reach: shape.reach,
    distance: (x, y) => Math.max(shape.distance(x, y), -hole.distance(x, y)),
  };
}

/** The shape moved to `pose`. */
export function moved(
  shape: Shape,
  { x: x0 = 0, y: y0 = 0, angle = 0, scale = 1 }: Pose,
): Shape {
  const cos = Math.cos(angle) / scale;
  const sin = Math.sin(angle) / scale;
  const [cx, cy] = shape.centre;
  return {
    centre: [
      x0 + scale * scale * (cos * cx - sin * cy),
      y0 + scale * scale * (sin * cx + cos * cy),
    ],
    reach: shape.reach * scale,
    distance: (x, y) => {
      const dx = x - x0;
      const dy = y - y0;
      return scale *
        shape.distance(cos * dx + sin * dy, cos * dy - sin * dx);
    },
  };
}
