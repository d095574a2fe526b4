/**
 * Files that show verdicts: overlays, masks and regions.
 *
 * @module
 */
import { overlayMap, thresholdMap } from "../image/overlay.ts";
import { encodeMaskPng, encodePng } from "../image/encode.ts";
import { toCoco } from "../results/coco.ts";
import { regionLevel } from "../results/regions.ts";
import { colouredMap, type HeatColours } from "../results/heat_colours.ts";
import type { ScoreRow } from "../results/summary.ts";
import type { Criteria } from "../results/verdict.ts";
import type { EvaluatedImage } from "./evaluate_images.ts";
import type { OutputFolder } from "./output_folder.ts";
import { photoOf } from "./thumbnails.ts";

/** Which files are written beside the reports. */
export interface VerdictFileOptions {
  /**
   * Whether `overlays/<key>.png` is written: the photograph in its own size,
   * with its map in colours and its regions outlined.
   *
   * @default {false}
   */
  readonly overlays?: boolean;
  /**
   * Whether `masks/<key>.png` is written: white where the regions of an image
   * lie that is called defective, all black for others.
   *
   * @default {false}
   */
  readonly masks?: boolean;
  /**
   * Whether `regions.json` is written, in COCO's format.
   *
   * @default {false}
   */
  readonly regions?: boolean;
}

async function writeOverlay(
  folder: OutputFolder,
  { row: { key, regions }, image, detection }: EvaluatedImage,
  colours: HeatColours,
): Promise<void> {
  const overlay = overlayMap(
    await photoOf(image),
    colouredMap(detection, colours),
    {
      ...image.map,
      range: colours.range,
      outlines: (regions ?? []).map(({ polygon }) => polygon),
    },
  );
  await folder.write(`overlays/${key}.png`, await encodePng(overlay));
}

async function writeMask(
  folder: OutputFolder,
  { row, image, detection }: EvaluatedImage,
  criteria: Criteria | undefined,
): Promise<void> {
  const { map, width, height } = image;
  const criterion = criteria?.(row.category);
  if (criterion === undefined) return;
  const mask = row.is_anomalous
    ? thresholdMap(detection.logitMap, map, {
      width,
      height,
      threshold: regionLevel(detection.logitMap, criterion.pixelThreshold),
    })
    : { width, height, data: new Uint8Array(width * height) };
  await folder.write(`masks/${row.key}.png`, await encodeMaskPng(mask));
}

/**
 * Writes the overlay and the mask of an image, if asked for.
 *
 * @param folder The folder for results.
 * @param found The image and its maps.
 * @param options Which files, in which colours, by which thresholds.
 */
export async function writeVerdictFiles(
  folder: OutputFolder,
  found: EvaluatedImage,
  { overlays = false, masks = false, colours, criteria }: VerdictFileOptions & {
    readonly colours: HeatColours;
    readonly criteria: Criteria | undefined;
  },
): Promise<void> {
  if (overlays) await writeOverlay(folder, found, colours);
  if (masks) await writeMask(folder, found, criteria);
}

/**
 * Encodes the regions of a run as COCO JSON.
 *
 * @param rows The rows, ordered by key; those without a score are left out.
 * @param model Name of the model.
 */
export function encodeRegions(
  rows: readonly ScoreRow[],
  model: string,
): Uint8Array<ArrayBuffer> {
  const images = rows.flatMap(({ key, width, height, regions, error }) =>
    error !== null || width === null || height === null
      ? []
      : [{ key, width, height, regions: regions ?? [] }]
  );
  const data = toCoco(images, `Regions that look anomalous to ${model}`);
  return new TextEncoder().encode(`${JSON.stringify(data)}\n`);
}
