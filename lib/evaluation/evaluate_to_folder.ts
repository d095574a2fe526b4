/**
 * An evaluation, written to a folder.
 *
 * @module
 */
import type { DataSet } from "../data/sample.ts";
import type { Detector } from "../detector/detector.ts";
import type { ScoreRow, Summary } from "../results/summary.ts";
import { evaluate, type EvaluateOptions } from "./evaluate.ts";
import type { ImageDetector } from "./image_detector.ts";
import { OutputFolder } from "./output_folder.ts";
import { mapFiles, type RawMaps, writeReports } from "./result_files.ts";
import { reportCurves, summarise } from "./summarise.ts";

/** What is evaluated, and where the results go. */
export interface EvaluationParts {
  /** The detector. */
  readonly detector: ImageDetector & Pick<Detector, "promptOf">;
  /** The images. */
  readonly dataSet: DataSet;
  /** The folder for results; those of an earlier run are removed first. */
  readonly out: string;
}

/** Options of {@linkcode evaluateToFolder}. */
export interface EvaluateToFolderOptions extends Omit<EvaluateOptions, "sink"> {
  /** Name of the model, for the summary. */
  readonly model: string;
  /** Sigma with which the detector smooths maps, for the summary. */
  readonly smooth: number;
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
 * @param detector The detector
 * @param categories The categories, in any order
 * @returns What the summary says of them, sorted by code units
 */
export function promptWords(
  detector: Pick<Detector, "promptOf">,
  categories: Iterable<string>,
): Summary["prompts"] {
  return Object.fromEntries(
    [...categories].sort().map((category) => {
      const { normal, abnormal } = detector.promptOf(category);
      return [category, { normal: [normal], abnormal: [abnormal] }];
    }),
  );
}

/**
 * Evaluates a detector on a data set and writes `heatmaps/`, `maps/`,
 * `scores.parquet`, `report.html` and, last, `summary.json`. Every file
 * appears only when it is whole.
 *
 * @param parts Detector, data set and folder
 * @param options How to evaluate, and what to write
 * @returns What `summary.json` and `scores.parquet` hold
 * @throws {DataSetError} If the data set cannot be read any further
 */
export async function evaluateToFolder(
  { detector, dataSet, out }: EvaluationParts,
  options: EvaluateToFolderOptions,
): Promise<{ summary: Summary; rows: readonly ScoreRow[] }> {
  const start = performance.now();
  const { model, smooth, maps = "none", heatRange = [0, 1] } = options;
  const { writesMaps = true } = options;
  const folder = await OutputFolder.create(out);
  const found = await evaluate(detector, dataSet, {
    ...options,
    ...writesMaps && { sink: mapFiles(folder, { maps, heatRange }) },
  });
  const { rows, gallery } = found;
  const summary = summarise(found, {
    model,
    data: dataSet.name,
    prompts: promptWords(detector, Object.keys(found.categories)),
    smooth,
    seconds: (performance.now() - start) / 1000,
  });
  const curves = reportCurves(found);
  await writeReports(folder, { summary, rows, gallery, curves, heatRange });
  return { summary, rows };
}
