/**
 * The choice of images that a report shows.
 *
 * @module
 */
import { decide, type Decision } from "./decision.ts";
import type { JudgedRow } from "./verdict.ts";

/** The data that decide whether an image is shown. */
export interface GalleryCandidate {
  /** Path below the data root with `/`. */
  readonly key: string;
  /** Product the image shows. */
  readonly category: string;
  /** 1 defective, 0 good, null if unknown. */
  readonly label: 0 | 1 | null;
  /** log S - log(1 - S). */
  readonly score_logit: number;
}

/** An image with its thumbnails, all in the same proportions. */
export interface GalleryItem extends GalleryCandidate, Partial<JudgedRow> {
  /** Pixels per row of the image, of which regions speak. */
  readonly width?: number;
  /** Rows of the image. */
  readonly height?: number;
  /** Image score S, 0 to 1. */
  readonly score: number;
  /** The image, JPEG or PNG. */
  readonly image: Uint8Array;
  /** The ground-truth mask, JPEG or PNG; null for none. */
  readonly mask: Uint8Array | null;
  /** The coloured anomaly map, JPEG or PNG, opaque. */
  readonly heatmap: Uint8Array;
}

/** A shown image with its decision. */
export interface DecidedItem extends GalleryItem {
  /** Null without a label or a threshold. */
  readonly decision: Decision | null;
}

/** Options of {@linkcode Gallery}. */
export interface GalleryOptions {
  /**
   * How many images of each label are kept at either end of the ranking.
   *
   * @default {6}
   */
  readonly perEnd?: number;
}

/** A report shows all images of a run, if they are no more than this. */
const ALL_SHOWN = 200;

/**
 * How many images a report shows of a run.
 *
 * @param images How many images the run has.
 */
export function galleryOptions(images: number): GalleryOptions {
  return images > 0 && images <= ALL_SHOWN ? { perEnd: images } : {};
}

type Order = (a: GalleryCandidate, b: GalleryCandidate) => number;

function byKey(a: GalleryCandidate, b: GalleryCandidate): number {
  return a.key < b.key ? -1 : a.key > b.key ? 1 : 0;
}

function highestFirst(a: GalleryCandidate, b: GalleryCandidate): number {
  return b.score_logit - a.score_logit || byKey(a, b);
}

function lowestFirst(a: GalleryCandidate, b: GalleryCandidate): number {
  return a.score_logit - b.score_logit || byKey(a, b);
}

/** The first few items of a total order, whatever order they arrive in. */
class First {
  readonly items: GalleryItem[] = [];
  readonly #order: Order;
  readonly #limit: number;

  constructor(order: Order, limit: number) {
    this.#order = order;
    this.#limit = limit;
  }

  wants(candidate: GalleryCandidate): boolean {
    const last = this.items[this.#limit - 1];
    return last === undefined || this.#order(candidate, last) < 0;
  }

  offer(item: GalleryItem): void {
    if (!this.wants(item)) return;
    const at = this.items.findIndex((kept) => this.#order(item, kept) < 0);
    this.items.splice(at === -1 ? this.items.length : at, 0, item);
    this.items.length = Math.min(this.items.length, this.#limit);
  }
}

/**
 * Chooses images to show from a stream, in bounded memory: those at either end
 * of the ranking of each category and label. Good images with the highest scores
 * and defective ones with the lowest are where decisions go wrong. The other ends
 * show the images that the model is sure of. The choice does not depend on the
 * order of arrival.
 */
export class Gallery {
  readonly #perEnd: number;
  readonly #ends = new Map<string, Map<0 | 1 | null, readonly First[]>>();

  /**
   * Creates an empty gallery.
   *
   * @param options How many images to keep.
   * @throws {RangeError} If `perEnd` is not a positive integer.
   */
  constructor(options: GalleryOptions = {}) {
    const { perEnd = 6 } = options;
    if (!Number.isInteger(perEnd) || perEnd < 1) {
      throw new RangeError(
        `Cannot make a gallery as perEnd must be a positive integer: current value is ${perEnd}`,
      );
    }
    this.#perEnd = perEnd;
  }

  /** At most this many images of a category are kept for each label. */
  get perLabel(): number {
    return 2 * this.#perEnd;
  }

  #endsOf({ category, label }: GalleryCandidate): readonly First[] {
    const labels = this.#ends.get(category) ?? new Map();
    this.#ends.set(category, labels);
    const ends = labels.get(label) ?? [
      new First(highestFirst, this.#perEnd),
      new First(lowestFirst, this.#perEnd),
    ];
    labels.set(label, ends);
    return ends;
  }

  /**
   * Tells whether an image would be kept, so that no thumbnails are made of
   * other images.
   *
   * @param candidate The image.
   * @returns Whether {@linkcode Gallery.offer} would keep it now.
   */
  wants(candidate: GalleryCandidate): boolean {
    if (Number.isNaN(candidate.score_logit)) return false;
    return this.#endsOf(candidate).some((end) => end.wants(candidate));
  }

  /**
   * Keeps an image if it belongs to the choice so far, and drops the image that
   * it replaces.
   *
   * @param item The image.
   */
  offer(item: GalleryItem): void {
    if (!this.wants(item)) return;
    for (const end of this.#endsOf(item)) end.offer(item);
  }

  /**
   * The chosen images of one category: wrong decisions first, then by descending
   * score.
   *
   * @param category The category.
   * @param threshold Least `score_logit` called defective, null for none.
   * @returns The images with their decisions.
   */
  items(category: string, threshold: number | null): DecidedItem[] {
    const labels = this.#ends.get(category)?.values() ?? [];
    const kept = new Set(
      [...labels].flatMap((ends) => ends.flatMap((end) => end.items)),
    );
    const rank = ({ decision }: DecidedItem) =>
      decision === null || decision === "correct" ? 1 : 0;
    return [...kept]
      .map((item) => ({ ...item, decision: decide(item, threshold) }))
      .sort((a, b) => rank(a) - rank(b) || highestFirst(a, b));
  }
}
