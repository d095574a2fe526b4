/**
 * The pictures of a merged run's report, made from stored heatmaps.
 *
 * @module
 */
import { toSample } from "../../data/lazy_sample.ts";
import { DataSetError } from "../../data/sample.ts";
import { ahead } from "../../async/ahead.ts";
import { prepareMask } from "../../evaluation/prepare.ts";
import { shrinkPictures } from "../../evaluation/thumbnails.ts";
import { decodeImage } from "../../image/decode.ts";
import {
  Gallery,
  type GalleryItem,
  galleryOptions,
} from "../../results/gallery.ts";
import type { ScoreRow } from "../../results/summary.ts";
import { decodeOptions, heatmapKey } from "../attempt.ts";
import {
  itemFiles,
  type ItemFilesOptions,
  type PlanItemFiles,
} from "../item_files.ts";
import type { Plan, PlanItem } from "../run.ts";
import { isOfObject } from "../../storage/object_store.ts";
import { storageCause } from "../stored_sources.ts";

/** Images that are read at a time. */
const PICTURES_AHEAD = 4;

type Pictures = Pick<GalleryItem, "image" | "mask" | "heatmap">;
type ShownRow = Omit<GalleryItem, keyof Pictures>;

const NO_PICTURES: Pictures = {
  image: new Uint8Array(),
  mask: null,
  heatmap: new Uint8Array(),
};

/** Null for an image without a score. */
function shownRow(
  { score, score_logit, width, height, ...row }: ScoreRow,
): ShownRow | null {
  return score === null || score_logit === null || width === null ||
      height === null
    ? null
    : { ...row, score, score_logit, width, height };
}

async function pictureOf(
  plan: Plan,
  { item, image, mask }: PlanItemFiles,
  options: ItemFilesOptions,
): Promise<Pictures> {
  const key = heatmapKey(plan.run, item.key);
  const heatmap = await decodeImage(await plan.out.read(key, options));
  const sample = toSample(
    { ...item, defect: null },
    { image, mask },
    decodeOptions(plan.header),
  );
  const photo = await sample.image();
  const read = { ...sample, image: () => Promise.resolve(photo) };
  const { mask: truth } = await prepareMask(read, photo, { map: heatmap });
  return await shrinkPictures({ photo, mask: truth, heatmap });
}

/** Null if the image is gone or has changed since it was scored. */
async function pictureIfThere(
  plan: Plan,
  files: PlanItemFiles,
  options: ItemFilesOptions,
): Promise<readonly [string, Pictures | null]> {
  const { key } = files.item;
  try {
    return [key, await pictureOf(plan, files, options)];
  } catch (error) {
    options.signal?.throwIfAborted();
    const failure = storageCause(error);
    if (failure !== undefined && !isOfObject(failure)) throw failure;
    return [key, null];
  }
}

/** An image, and its position in the run. */
export interface PlacedItem {
  /** The position. */
  readonly position: number;
  /** The image. */
  readonly item: PlanItem;
}

interface Candidate extends PlacedItem {
  readonly row: ShownRow;
}

/** Candidates that are kept before those that dropped out are forgotten. */
const MOST_CANDIDATES = 4096;

/**
 * Chooses the images that the report of a run shows, by the same rule as an
 * evaluation, while their rows pass by.
 */
export class PictureChoice {
  readonly #images: number;
  readonly #choice: Gallery;
  readonly #categories = new Set<string>();
  #candidates = new Map<string, Candidate>();
  #most = MOST_CANDIDATES;

  /**
   * Starts without images.
   *
   * @param images How many the run has.
   */
  constructor(images: number) {
    this.#images = images;
    this.#choice = new Gallery(galleryOptions(images));
  }

  /** Looks at an image. */
  offer(scored: ScoreRow, placed: PlacedItem): void {
    const row = shownRow(scored);
    if (row === null || !this.#choice.wants(row)) return;
    this.#choice.offer({ ...row, ...NO_PICTURES });
    this.#categories.add(row.category);
    this.#candidates.set(row.key, { ...placed, row });
    if (this.#candidates.size < this.#most) return;
    this.#forget();
    this.#most = Math.max(MOST_CANDIDATES, 2 * this.#candidates.size);
  }

  /** Forgets the images that others have replaced. */
  #forget(): void {
    const kept = [...this.#categories].flatMap((name) =>
      this.#choice.items(name, null)
    );
    const keys = kept.map(({ key }) => key);
    this.#candidates = new Map(
      keys.map((key) => [key, this.#candidates.get(key)!]),
    );
  }

  /**
   * Makes the pictures from the images and stored heatmaps.
   *
   * @param plan The run.
   * @param options How to open the input, and how to stop.
   * @returns The images to show, without those that are gone or have changed.
   * @throws {StorageError} If a store fails.
   */
  async gallery(plan: Plan, options: ItemFilesOptions): Promise<Gallery> {
    this.#forget();
    const chosen = this.#candidates.values().toArray()
      .sort((a, b) => a.position - b.position);
    const pictures = ahead(
      itemFiles(plan, chosen.map(({ item }) => item), options),
      (files) => pictureIfThere(plan, files, options),
      PICTURES_AHEAD,
    );
    const gallery = new Gallery(galleryOptions(this.#images));
    try {
      for await (const [key, found] of pictures) {
        if (found === null) continue;
        gallery.offer({ ...this.#candidates.get(key)!.row, ...found });
      }
    } catch (error) {
      const isGone = storageCause(error)?.failure === "missing";
      if (!isGone && !(error instanceof DataSetError)) throw error;
    }
    return gallery;
  }
}
