/**
 * The place of a defect: a finished product whose surface can be changed.
 * Pixels outside the product never change.
 *
 * @module
 */
import type { Colour } from "./picture/colour.ts";
import { Frame } from "./picture/frame.ts";
import type { Relief } from "./picture/relief.ts";
import type { Shape } from "./picture/shapes.ts";
import type { Random } from "../random.ts";

/** What a site is made from. */
export interface SiteOptions {
  /** The product; it is changed. */
  readonly relief: Relief;
  /** What lies under the product. */
  readonly ground: Relief;
  /** The flawless picture, 0 to 255. */
  readonly picture: Float32Array; // [side, side, 3]
  /** Random numbers of the defect. */
  readonly random: Random;
  /** Strength of the defect: 1, or more after attempts that were too faint. */
  readonly strength: number;
}

/** Directions in which the surroundings of a place are examined. */
const DIRECTIONS = 8;

/** A product that gets a defect. */
export class Site {
  /** The product; it is changed. */
  readonly relief: Relief;
  /** What lies under the product. */
  readonly ground: Relief;
  /** Random numbers of the defect. */
  readonly random: Random;
  /** Strength of the defect, at least 1. */
  readonly strength: number;
  /** Where the defect was made. */
  readonly core: Float32Array; // [side, side]
  readonly #cover: Float32Array;
  readonly #picture: Float32Array;
  readonly #frame: Frame;

  /** Prepares a product. */
  constructor({ relief, ground, picture, random, strength }: SiteOptions) {
    this.relief = relief;
    this.ground = ground;
    this.random = random;
    this.strength = strength;
    this.core = new Float32Array(relief.cover.length);
    this.#cover = relief.cover.slice();
    this.#picture = picture;
    this.#frame = new Frame(
      { relief, clip: this.#cover, traces: [this.core] },
      {},
    );
  }

  /** Share of a place, in picture units, that the product covers. */
  covered(x: number, y: number): number {
    const { side } = this.relief;
    const column = Math.floor((x + 1) * side / 2);
    const row = Math.floor((y + 1) * side / 2);
    const outside = column < 0 || row < 0 || column >= side || row >= side;
    return outside ? 0 : this.#cover[row * side + column]!;
  }

  /**
   * A random place on the product, at least `margin` from its edge where there
   * is room for that, turned at random.
   */
  spot({ margin }: { margin: number }): Frame {
    let best = { x: 0, y: 0, score: -1 };
    for (let i = 0; i < 60 && best.score < DIRECTIONS + 1; i++) {
      const x = this.random.about(0.85);
      const y = this.random.about(0.85);
      if (this.covered(x, y) < 0.99) continue;
      let score = 1;
      for (let d = 0; d < DIRECTIONS; d++) {
        const angle = 2 * Math.PI * d / DIRECTIONS;
        const [dx, dy] = [Math.cos(angle) * margin, Math.sin(angle) * margin];
        if (this.covered(x + dx, y + dy) > 0.99) score++;
      }
      if (score > best.score) best = { x, y, score };
    }
    const { x, y } = best;
    return this.#frame.at({ x, y, angle: this.random.between(0, 6.3) });
  }

  /** A random place with the x axis where the product extends farthest. */
  along(length: number): Frame {
    let best = this.spot({ margin: 0.05 });
    let most = -1;
    for (let i = 0; i < 12; i++) {
      const { x, y } = i % 4 === 0 ? this.spot({ margin: 0.05 }) : best;
      const frame = this.#frame.at({
        x,
        y,
        angle: this.random.between(0, 6.3),
      });
      let inside = 0;
      for (let step = -4; step <= 4; step++) {
        const reach = step / 8 * length;
        const px = x + Math.cos(frame.angle) * reach;
        const py = y + Math.sin(frame.angle) * reach;
        if (this.covered(px, py) > 0.9) inside++;
      }
      if (inside > most) [best, most] = [frame, inside];
    }
    return best;
  }

  /** A random place on the outline of the product; x points outwards. */
  edge(): Frame {
    const angle = this.random.between(0, 2 * Math.PI);
    const [dx, dy] = [Math.cos(angle), Math.sin(angle)];
    let reach = 1.3;
    while (reach > 0 && this.covered(dx * reach, dy * reach) < 0.5) {
      reach -= 0.01;
    }
    return this.#frame.at({ x: dx * reach, y: dy * reach, angle });
  }

  /** Mean colour, as it shows, of the product within `radius` of a place. */
  shown({ x, y }: { x: number; y: number }, radius: number = 0.06): Colour {
    const { side } = this.relief;
    const sum = [0, 0, 0, 1e-9] as [number, number, number, number];
    for (let i = -2; i <= 2; i++) {
      for (let j = -2; j <= 2; j++) {
        const [px, py] = [x + i * radius / 2, y + j * radius / 2];
        if (this.covered(px, py) < 0.9) continue;
        const at = 3 * (Math.floor((py + 1) * side / 2) * side +
          Math.floor((px + 1) * side / 2));
        for (let c = 0; c < 3; c++) sum[c]! += this.#picture[at + c]! / 255;
        sum[3]++;
      }
    }
    const linear = (c: number) => (c / sum[3]) * (c / sum[3]);
    return [linear(sum[0]), linear(sum[1]), linear(sum[2])];
  }

  /** Removes the product inside `shape`: what lies under it shows. */
  reveal(frame: Frame, shape: Shape): void {
    const { relief, ground } = this;
    const removed = new Float32Array(this.core.length);
    const canvas = { relief, traces: [removed], muted: true };
    new Frame(canvas, frame).fill(shape, () => {});
    for (let i = 0; i < removed.length; i++) {
      const share = removed[i]! * this.#cover[i]!;
      if (share === 0) continue;
      this.core[i] = Math.max(this.core[i]!, share);
      ground.read(i, UNDER);
      relief.blend(i, UNDER, removed[i]!);
      relief.cover[i]! *= 1 - removed[i]!;
    }
  }
}

const UNDER = { red: 0, green: 0, blue: 0, height: 0, gloss: 0, metal: 0 };
