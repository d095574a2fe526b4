/**
 * The pictures of a merged run's report, made from stored heatmaps.
 *
 * @module
 */
import { toSample } from "../data/lazy_sample.ts";
import { DataSetError } from "../data/sample.ts";
import { ahead } from "../async/ahead.ts";
import { prepareMask } from "../evaluation/prepare.ts";
import { shrinkPictures } from "../evaluation/thumbnails.ts";
import { decodeImage } from "../image/decode.ts";
import {
  Gallery,
  type GalleryItem,
  galleryOptions,
} from "../results/gallery.ts";
import type { ScoreRow } from "../results/summary.ts";
import { decodeOptions, heatmapKey } from "./attempt.ts";
import {
  itemFiles,
  type ItemFilesOptions,
  type PlanItemFiles,
} from "./item_files.ts";
import type { Plan, PlanItem } from "./run.ts";
import { storageCause } from "./stored_sources.ts";

/** Images that are read at a time. */
const PICTURES_AHEAD = 4;

type Pictures = Pick<GalleryItem, "image" | "mask" | "heatmap">;
type ShownRow = Omit<GalleryItem, keyof Pictures>;

function scoredRows(rows: readonly ScoreRow[]): ShownRow[] {
  return rows.flatMap(({ score, score_logit, width, height, ...row }) =>
    score === null || score_logit === null || width === null || height === null
      ? []
      : [{ ...row, score, score_logit, width, height }]
  );
}

/** The rows that a gallery would keep, without their pictures. */
function choose(rows: readonly ShownRow[]): Map<string, ShownRow> {
  const none = {
    image: new Uint8Array(),
    mask: null,
    heatmap: new Uint8Array(),
  };
  const gallery = new Gallery(galleryOptions(rows.length));
  for (const row of rows) gallery.offer({ ...row, ...none });
  const categories = new Set(rows.map(({ category }) => category));
  const kept = [...categories].flatMap((name) => gallery.items(name, null));
  const keys = new Set(kept.map(({ key }) => key));
  return new Map(
    rows.filter(({ key }) => keys.has(key)).map((row) => [row.key, row]),
  );
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
    if (failure !== undefined && failure.failure !== "missing") throw failure;
    return [key, null];
  }
}

/**
 * Chooses the images that the report of a run shows, by the same rule as an
 * evaluation, and makes their pictures from the images and stored heatmaps.
 *
 * @param plan The run.
 * @param rows All its rows.
 * @param options How to open the input, and how to stop.
 * @returns The images to show, without those that are gone or have changed.
 * @throws {StorageError} If a store fails.
 */
export async function pickPictures(
  plan: Plan,
  rows: readonly ScoreRow[],
  options: ItemFilesOptions,
): Promise<Gallery> {
  const chosen = choose(scoredRows(rows));
  const items: PlanItem[] = [];
  for await (const item of plan.items) {
    if (chosen.has(item.key)) items.push(item);
  }
  const pictures = ahead(
    itemFiles(plan, items, options),
    (files) => pictureIfThere(plan, files, options),
    PICTURES_AHEAD,
  );
  const gallery = new Gallery(galleryOptions(rows.length));
  try {
    for await (const [key, found] of pictures) {
      if (found !== null) gallery.offer({ ...chosen.get(key)!, ...found });
    }
  } catch (error) {
    const isGone = storageCause(error)?.failure === "missing";
    if (!isGone && !(error instanceof DataSetError)) throw error;
  }
  return gallery;
}
