/**
 * An evaluation, written to a folder.
 *
 * @module
 */
import type { DataSet } from "../data/sample.ts";
import type { Detector } from "../detector/detector.ts";
import type { NetworkPrecision } from "../methods/precision.ts";
import type { ScoreRow, Scoring, Summary } from "../results/summary.ts";
import { Gallery, galleryOptions } from "../results/gallery.ts";
import type { HeatColours } from "../results/heat_colours.ts";
import type { Separator } from "../results/scores_csv.ts";
import { evaluate, type EvaluateOptions } from "./evaluate.ts";
import type { ImageDetector } from "./image_detector.ts";
import type { HeldFolder } from "../files/held_folder.ts";
import { HeldResults } from "./held_results.ts";
import { OutputFolder } from "./output_folder.ts";
import { type RawMaps, writeMaps, writeReports } from "./result_files.ts";
import type { EvaluatedImage } from "./evaluate_images.ts";
import { reportCurves, summarise } from "./summarise.ts";
import { type HeatRange, RunColours } from "./run_colours.ts";
import { showIn } from "./thumbnails.ts";
import {
  encodeRegions,
  type VerdictFileOptions,
  writeVerdictFiles,
} from "./verdict_files.ts";

/** The detector, the images and the folder of an evaluation. */
export interface EvaluationParts {
  /** The detector. */
  readonly detector: ImageDetector & Pick<Detector, "promptOf">;
  /** The images. */
  readonly dataSet: DataSet;
  /**
   * The folder for results; those of an earlier run are removed first. A path
   * is held until the end, a folder that is held already stays so.
   */
  readonly out: string | HeldFolder;
}

/** Options of {@linkcode evaluateToFolder}. */
export interface EvaluateToFolderOptions
  extends Omit<EvaluateOptions, "onScored">, VerdictFileOptions {
  /** Name of the model, for the summary. */
  readonly model: string;
  /**
   * How the detector scores images, for the summary.
   *
   * @default {as MFP-CLIP does}
   */
  readonly scoring?: Scoring | undefined;
  /** Sigma with which the detector smooths maps, for the summary. */
  readonly smooth: number;
  /** Precision of the detector's network, for the summary. */
  readonly precision?: NetworkPrecision | undefined;
  /** Good images by category that the detector has learned. */
  readonly good?: Summary["good"] | undefined;
  /**
   * The values of the first and the last colour of heatmaps; `auto` for a range
   * from the first images of the run. Categories with a calibrated threshold
   * have colours of their own, centred on it.
   *
   * @default {[0, 1]}
   */
  readonly heatRange?: HeatRange;
  /** What readers of the results must know to trust them. */
  readonly caution?: string | undefined;
  /**
   * What stands between the fields of `scores.csv`.
   *
   * @default {","}
   */
  readonly separator?: Separator;
  /** Address of an image's file, for links in the report. */
  readonly linkOf?: (key: string) => string | undefined;
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
  /** Called with each image that has a score, before anything is written. */
  readonly onFound?: (image: EvaluatedImage) => void;
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

/** Writes what is said of each image, and shows some in the gallery. */
function drawing(
  { folder, gallery }: {
    readonly folder: OutputFolder;
    readonly gallery: Gallery;
  },
  { criteria, maps = "none", writesMaps = true, overlays, masks }:
    EvaluateToFolderOptions,
): (image: EvaluatedImage, colours: HeatColours) => Promise<void> {
  const files = {
    ...overlays !== undefined && { overlays },
    ...masks !== undefined && { masks },
    criteria,
  };
  return async (image, colours) => {
    await Promise.all([
      writesMaps && writeMaps(folder, image, { maps, colours }),
      showIn(gallery, image, { colours }),
      writeVerdictFiles(folder, image, { ...files, colours }),
    ]);
  };
}

/**
 * Evaluates a detector on a data set and writes `heatmaps/`, `maps/`,
 * `scores.parquet`, `scores.csv`, `figures.csv`, `report.html` and, last,
 * `summary.json`. Every file appears only when it is whole.
 *
 * @param parts Detector, data set and folder.
 * @param options How to evaluate, and what to write.
 * @returns The content of `summary.json` and `scores.parquet`.
 * @throws {FolderInUseError} If another run writes to the folder; nothing in it
 * has changed then.
 * @throws {DataSetError} If the data set cannot be read any further.
 */
export async function evaluateToFolder(
  { detector, dataSet, out }: EvaluationParts,
  options: EvaluateToFolderOptions,
): Promise<{ summary: Summary; rows: readonly ScoreRow[] }> {
  const start = performance.now();
  const { model, smooth, caution, criteria, heatRange = [0, 1] } = options;
  const isPath = typeof out === "string";
  await using _held = isPath ? await HeldResults.hold(out) : undefined;
  const folder = await OutputFolder.create(isPath ? out : out.path);
  const gallery = new Gallery(galleryOptions(dataSet.size));
  const draw = drawing({ folder, gallery }, options);
  const colours = new RunColours(draw, { criteria, heatRange });
  const onScored = (image: EvaluatedImage) => {
    options.onFound?.(image);
    return colours.take(image);
  };
  const found = await evaluate(detector, dataSet, { ...options, onScored });
  await colours.end();
  const { rows } = found;
  const summary = summarise(found, {
    model,
    data: dataSet.name,
    prompts: promptWords(detector, Object.keys(found.categories)),
    scoring: options.scoring,
    smooth,
    precision: options.precision,
    frame: detector.framing?.settings,
    good: options.good,
    seconds: (performance.now() - start) / 1000,
    reading: dataSet.reading,
    caution,
  });
  if (options.regions) {
    await folder.write("regions.json", encodeRegions(rows, model));
  }
  const { linkOf, separator } = options;
  await writeReports(folder, {
    summary,
    rows,
    gallery,
    curves: reportCurves(found),
    ...found.groups && { groups: found.groups },
    ...colours.others && { colours: colours.others },
    ...linkOf && { linkOf },
  }, separator);
  return { summary, rows };
}
