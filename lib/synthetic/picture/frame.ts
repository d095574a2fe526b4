/**
 * Painting: a shape and a shader, in a coordinate frame, onto a relief.
 *
 * @module
 */
import type { Relief, Texel } from "./relief.ts";
import type { Pose, Shape } from "./shapes.ts";

/**
 * Changes the surface at one place. It is given the texel as it is, the place
 * in the frame's coordinates, and how deep below the shape's edge it lies.
 */
export type Shader = (
  texel: Texel,
  at: { readonly x: number; readonly y: number; readonly depth: number },
) => void;

/** What is painted on, and how it is recorded. */
export interface Canvas {
  /** The surface that painting changes. */
  readonly relief: Relief;
  /** Share of each pixel that may be painted on; everything where absent. */
  readonly clip?: Float32Array; // [side, side]
  /** Planes that keep the largest coverage painted at each pixel. */
  traces: readonly Float32Array[]; // [side, side] each
  /** Whether painting is recorded only. */
  muted?: boolean;
}

/** How {@linkcode Frame.fill} lays on a coat. */
export interface FillOptions {
  /** Width of the edge's transition, picture units; one pixel where absent. */
  readonly soft?: number;
  /** Share of the coat that is laid on, default 1. */
  readonly opacity?: number;
}

/** A coordinate system on a canvas. */
export class Frame {
  /** What this frame paints on. */
  readonly canvas: Canvas;
  /** Origin in picture units. */
  readonly x: number;
  /** Origin in picture units. */
  readonly y: number;
  /** Clockwise turn in radians. */
  readonly angle: number;
  /** Picture units per unit of this frame. */
  readonly scale: number;

  /** The frame at `pose` in picture coordinates. */
  constructor(canvas: Canvas, { x = 0, y = 0, angle = 0, scale = 1 }: Pose) {
    this.canvas = canvas;
    this.x = x;
    this.y = y;
    this.angle = angle;
    this.scale = scale;
  }

  /** The frame at `pose` in this frame's coordinates. */
  at({ x = 0, y = 0, angle = 0, scale = 1 }: Pose): Frame {
    const cos = Math.cos(this.angle) * this.scale;
    const sin = Math.sin(this.angle) * this.scale;
    return new Frame(this.canvas, {
      x: this.x + cos * x - sin * y,
      y: this.y + sin * x + cos * y,
      angle: this.angle + angle,
      scale: this.scale * scale,
    });
  }

  /** Shades every pixel the shape touches, in proportion to its coverage. */
  fill(
    shape: Shape,
    shader: Shader,
    { soft = 0, opacity = 1 }: FillOptions = {},
  ): void {
    const { side } = this.canvas.relief;
    const cos = Math.cos(this.angle) / this.scale;
    const sin = Math.sin(this.angle) / this.scale;
    const edge = Math.max(soft, 2 / side) / this.scale;
    const { top, bottom, left, right } = this.#extent(shape, edge);
    const place = { x: 0, y: 0, depth: 0 };
    const dab: Dab = { canvas: this.canvas, shader, place, share: 0 };
    for (let row = top; row < bottom; row++) {
      const dy = (2 * row + 1) / side - 1 - this.y;
      for (let column = left; column < right; column++) {
        const dx = (2 * column + 1) / side - 1 - this.x;
        place.x = cos * dx + sin * dy;
        place.y = cos * dy - sin * dx;
        const distance = shape.distance(place.x, place.y);
        if (distance >= edge / 2) continue;
        place.depth = -distance;
        const covered = Math.min(1, 0.5 - distance / edge);
        dab.share = opacity * (soft > 0 ? ease(covered) : covered);
        apply(dab, row * side + column);
      }
    }
  }

  /** The rows and columns that a shape and its soft edge may touch. */
  #extent({ centre, reach }: Shape, edge: number): {
    top: number;
    bottom: number;
    left: number;
    right: number;
  } {
    const { side } = this.canvas.relief;
    const { x, y } = this.at({ x: centre[0], y: centre[1] });
    const radius = (reach + edge) * this.scale;
    return {
      top: Math.max(0, Math.floor((y - radius + 1) * side / 2)),
      bottom: Math.min(side, Math.ceil((y + radius + 1) * side / 2)),
      left: Math.max(0, Math.floor((x - radius + 1) * side / 2)),
      right: Math.min(side, Math.ceil((x + radius + 1) * side / 2)),
    };
  }
}

/** One texel for all dabs: painting is synchronous and never nests. */
const TEXEL: Texel = {
  red: 0,
  green: 0,
  blue: 0,
  height: 0,
  gloss: 0,
  metal: 0,
};

/** A coat and how much of it goes on the next pixel. */
interface Dab {
  readonly canvas: Canvas;
  readonly shader: Shader;
  readonly place: { x: number; y: number; depth: number };
  share: number;
}

/** Shades pixel `i` and records that. */
function apply({ canvas, shader, place, share }: Dab, i: number): void {
  const { relief, clip, traces, muted } = canvas;
  const covered = clip === undefined ? share : share * clip[i]!;
  for (let t = 0; t < traces.length; t++) {
    const trace = traces[t]!;
    if (covered > trace[i]!) trace[i] = covered;
  }
  if (muted === true || covered === 0) return;
  relief.read(i, TEXEL);
  shader(TEXEL, place);
  relief.blend(i, TEXEL, covered);
}

/** Smooth step from 0 to 1. */
function ease(t: number): number {
  return t * t * (3 - 2 * t);
}
