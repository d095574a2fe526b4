/**
 * A scene: one product in front of the camera, with or without a faulty part.
 *
 * @module
 */
import { paintGround } from "./backgrounds.ts";
import { type Canvas, Frame } from "./picture/frame.ts";
import { Relief } from "./picture/relief.ts";
import type { Pose } from "./picture/shapes.ts";
import type { Random } from "../random.ts";

/** A faulty part. */
export interface PartFault {
  /** Number of the part, among those in the picture in drawing order. */
  readonly part: number;
  /** Displaces the part, given its radius; null for a missing part. */
  readonly pose: (reach: number) => Pose | null;
}

/** How far the pose of a product differs from image to image. */
export interface PlaceOptions {
  /** Largest turn in radians. */
  readonly turn: number;
  /** Largest shift in picture units, default 0.06. */
  readonly shift?: number;
  /** Largest relative change of size, default 0.04. */
  readonly zoom?: number;
}

/** What a scene is drawn from. */
export interface SceneOptions {
  /** Whether the product lies on a ground or fills the picture. */
  readonly kind: "object" | "texture";
  /** Width and height in pixels. */
  readonly side: number;
  /** Random numbers of the product: its dimensions and colours. */
  readonly design: Random;
  /** Random numbers of the image: pose, grain. */
  readonly image: Random;
  /** The faulty part, if any. */
  readonly fault?: PartFault;
}

/** A product being drawn. */
export class Scene {
  /** Dimensions and colours of the product. */
  readonly design: Random;
  /** Pose and irregularities of this specimen. */
  readonly image: Random;
  /** The surface, complete after drawing. */
  readonly relief: Relief;
  /** The surface without the product. */
  readonly ground: Relief;
  /** Where the faulty part is, or should be. */
  readonly core: Float32Array; // [side, side]
  readonly #fault: PartFault | undefined;
  readonly #canvas: Canvas;
  #drawn = 0;
  #parts = 0;

  /** Prepares the ground. */
  constructor({ kind, side, design, image, fault }: SceneOptions) {
    this.design = design;
    this.image = image;
    this.relief = new Relief(side);
    if (kind === "object") {
      paintGround(new Frame({ relief: this.relief, traces: [] }, {}), {
        station: design.fork("ground"),
        image: image.fork("ground"),
      });
    }
    this.ground = this.relief.clone();
    this.core = new Float32Array(side * side);
    this.#fault = fault;
    this.#canvas = { relief: this.relief, traces: [this.relief.cover] };
  }

  /** Parts drawn so far whose middle lies in the picture. */
  get parts(): number {
    return this.#parts;
  }

  /** The frame of the product in its pose. */
  place({ turn, shift = 0.06, zoom = 0.04 }: PlaceOptions): Frame {
    return new Frame(this.#canvas, {
      x: this.image.about(shift),
      y: this.image.about(shift),
      angle: this.image.about(turn),
      scale: 1.12 * (1 + this.image.about(zoom)),
    });
  }

  /**
   * Draws a part that can be missing or misplaced. `paint` may run more than
   * once, so it must take random numbers from its argument alone.
   */
  part(
    frame: Frame,
    { reach, ...pose }: Pose & { reach: number },
    paint: (frame: Frame, random: Random) => void,
  ): void {
    const number = this.#drawn++;
    const draw = (at: Frame) => paint(at, this.image.fork(`part ${number}`));
    const at = frame.at(pose);
    const inside = Math.max(Math.abs(at.x), Math.abs(at.y)) < 0.95;
    const part = inside ? this.#parts++ : undefined;
    const fault = this.#fault;
    if (fault === undefined || fault.part !== part) return draw(at);
    const canvas = this.#canvas;
    const proper = new Float32Array(this.core.length);
    const actual = new Float32Array(this.core.length);
    canvas.muted = true;
    canvas.traces = [proper];
    draw(at);
    canvas.muted = false;
    canvas.traces = [this.relief.cover, actual];
    const wrong = fault.pose(reach);
    if (wrong !== null) draw(at.at(wrong));
    for (let i = 0; i < this.core.length; i++) {
      // Pixels covered in both positions count only if they look different.
      const [before, after] = [proper[i]!, actual[i]!];
      this.core[i] = Math.abs(before - after) + 0.4 * Math.min(before, after);
    }
    canvas.traces = [this.relief.cover];
  }
}
