/**
 * An evaluation, written to a folder.
 *
 * @module
 */
import type { DataSet } from "../data/sample.ts";
import type { Detector } from "../detector/detector.ts";
import type { ScoreRow, Summary } from "../results/summary.ts";
import { Gallery } from "../results/gallery.ts";
import { evaluate, type EvaluateOptions } from "./evaluate.ts";
import type { ImageDetector } from "./image_detector.ts";
import { OutputFolder } from "./output_folder.ts";
import { type RawMaps, writeMaps, writeReports } from "./result_files.ts";
import type { EvaluatedImage } from "./evaluate_images.ts";
import { reportCurves, summarise } from "./summarise.ts";
import { showIn } from "./thumbnails.ts";

/** The detector, the images and the folder of an evaluation. */
export interface EvaluationParts {
  /** The detector. */
  readonly detector: ImageDetector & Pick<Detector, "promptOf">;
  /** The images. */
  readonly dataSet: DataSet;
  /** The folder for results; those of an earlier run are removed first. */
  readonly out: string;
}

/** Options of {@linkcode evaluateToFolder}. */
export interface EvaluateToFolderOptions
  extends Omit<EvaluateOptions, "onScored"> {
  /** Name of the model, for the summary. */
  readonly model: string;
  /** Sigma with which the detector smooths maps, for the summary. */
  readonly smooth: number;
  /** Good images by category that the detector has learned. */
  readonly good?: Summary["good"] | undefined;
  /**
   * The values of the first and the last colour of heatmaps.
   *
   * @default {[0, 1]}
   */
  readonly heatRange?: readonly [number, number];
  /**
   * Which raw maps are written beside the heatmaps.
   *
   * @default {"none"}
   */
  readonly maps?: RawMaps;
  /**
   * Whether heatmaps and raw maps are written at all.
   *
   * @default {true}
   */
  readonly writesMaps?: boolean;
}

/**
 * The words that a detector uses, by category.
 *
 * @param detector The detector.
 * @param categories The categories, in any order.
 * @returns The field `prompts` of a summary, sorted by code units.
 */
export function promptWords(
  detector: Pick<Detector, "promptOf">,
  categories: Iterable<string>,
): Summary["prompts"] {
  return Object.fromEntries(
    [...categories].sort().map((category) => {
      const { normal, abnormal } = detector.promptOf(category);
      return [category, { normal, abnormal }];
    }),
  );
}

/**
 * Evaluates a detector on a data set and writes `heatmaps/`, `maps/`,
 * `scores.parquet`, `report.html` and, last, `summary.json`. Every file
 * appears only when it is whole.
 *
 * @param parts Detector, data set and folder.
 * @param options How to evaluate, and what to write.
 * @returns The content of `summary.json` and `scores.parquet`.
 * @throws {DataSetError} If the data set cannot be read any further.
 */
export async function evaluateToFolder(
  { detector, dataSet, out }: EvaluationParts,
  options: EvaluateToFolderOptions,
): Promise<{ summary: Summary; rows: readonly ScoreRow[] }> {
  const start = performance.now();
  const { model, smooth, maps = "none", heatRange = [0, 1] } = options;
  const { writesMaps = true } = options;
  const folder = await OutputFolder.create(out);
  const gallery = new Gallery();
  const onScored = async (image: EvaluatedImage) => {
    const shown = showIn(gallery, image, { heatRange });
    const written = writesMaps &&
      writeMaps(folder, image, { maps, heatRange });
    await Promise.all([written, shown]);
  };
  const found = await evaluate(detector, dataSet, { ...options, onScored });
  const { rows } = found;
  const summary = summarise(found, {
    model,
    data: dataSet.name,
    prompts: promptWords(detector, Object.keys(found.categories)),
    smooth,
    good: options.good,
    seconds: (performance.now() - start) / 1000,
    reading: dataSet.reading,
  });
  const curves = reportCurves(found);
  await writeReports(folder, { summary, rows, gallery, curves, heatRange });
  return { summary, rows };
}
