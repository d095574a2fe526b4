/**
 * The colours of heatmaps of a run, which may depend on its first images.
 *
 * @module
 */
import { countedValues } from "../metrics/left_out.ts";
import { type HeatColours, usualColours } from "../results/heat_colours.ts";
import type { Criteria } from "../results/verdict.ts";
import type { EvaluatedImage } from "./evaluate_images.ts";

/** The values of the first and the last colour, or `auto`. */
export type HeatRange = readonly [number, number] | "auto";

/** So many first images tell what is usual. */
const FIRST_IMAGES = 24;

/** Draws an image in colours. */
type Draw = (image: EvaluatedImage, colours: HeatColours) => Promise<void>;

/** Hands images on with their colours, the first ones a little later. */
export class RunColours {
  readonly #draw: Draw;
  readonly #criteria: Criteria | undefined;
  #others: HeatColours | undefined;
  #waiting: EvaluatedImage[] = [];

  /**
   * @param draw Takes each image.
   * @param options The thresholds of the run, whose colours come first, and the
   * range of colours of other categories.
   */
  constructor(
    draw: Draw,
    { criteria, heatRange }: {
      readonly criteria: Criteria | undefined;
      readonly heatRange: HeatRange;
    },
  ) {
    this.#draw = draw;
    this.#criteria = criteria;
    if (heatRange !== "auto") {
      this.#others = { scale: "map", range: heatRange };
    }
  }

  /** The colours of categories without a range; undefined if there are none. */
  get others(): HeatColours | undefined {
    return this.#others;
  }

  /** Takes an image. */
  async take(image: EvaluatedImage): Promise<void> {
    const range = this.#criteria?.(image.row.category)?.heatRange ?? null;
    if (range !== null) {
      return await this.#draw(image, { scale: "logit", range });
    }
    if (this.#others !== undefined) {
      return await this.#draw(image, this.#others);
    }
    this.#waiting.push(image);
    if (this.#waiting.length === FIRST_IMAGES) await this.end();
  }

  /** Hands on what still waits; to be called after the last image. */
  async end(): Promise<void> {
    if (this.#waiting.length === 0) return;
    const maps = this.#waiting.map(({ detection }) =>
      countedValues(detection.logitMap)
    );
    const colours = this.#others ??= usualColours(maps);
    const images = this.#waiting;
    this.#waiting = [];
    for (const image of images) await this.#draw(image, colours);
  }
}
