/**
 * The work of `eval` with one model.
 *
 * @module
 */
import { openSource } from "../../lib/data/open.ts";
import type { DataSet, Sample } from "../../lib/data/sample.ts";
import type { Detector } from "../../lib/detector/detector.ts";
import { cautionOnPhotographs } from "../../lib/evaluation/caution.ts";
import { evaluateToFolder } from "../../lib/evaluation/evaluate_to_folder.ts";
import { criteriaOfProducts } from "../../lib/evaluation/learned_products.ts";
import { PublishedScores } from "../../lib/evaluation/published_scores.ts";
import type { HeatRange } from "../../lib/evaluation/run_colours.ts";
import type { HeldFolder } from "../../lib/files/held_folder.ts";
import { publishedLines } from "../../lib/report/published_lines.ts";
import type { ScoreRow, Summary } from "../../lib/results/summary.ts";
import type { Criteria } from "../../lib/results/verdict.ts";
import { syntheticGoodSamples } from "../../lib/synthetic/good_samples.ts";
import { showProgress } from "../cli/progress.ts";
import { dataLocation } from "../data_location.ts";
import { fileLinks } from "../file_links.ts";
import { SYNTHETIC } from "../flags/data_flags.ts";
import type { OneModelFlags } from "../flags/eval_flags.ts";
import { decodeOptions, goodSummary, learnGood } from "../flags/good_flags.ts";
import { goodImagesOf } from "../flags/list_good.ts";
import { openDetector } from "../flags/open_detector.ts";
import { criteriaOf, learnedVerdicts } from "../flags/verdicts.ts";

/** What an evaluation is given. */
export interface Evaluation {
  /** The command line. */
  readonly flags: OneModelFlags;
  /** The folder for results. */
  readonly folder: HeldFolder;
  /** The images. */
  readonly dataSet: DataSet;
  /** The values of the first and the last colour of heatmaps. */
  readonly heatRange: HeatRange;
  /** Aborted when the process must stop. */
  readonly signal: AbortSignal;
}

/** What an evaluation found. */
export interface Evaluated {
  /** The content of `summary.json`. */
  readonly summary: Summary;
  /** One row for each image. */
  readonly rows: readonly ScoreRow[];
  /** What is said of published scores. */
  readonly published: readonly string[];
}

/** The good images that the flags name; none where they name none. */
async function goodOf(
  flags: OneModelFlags,
  { categories }: DataSet,
): Promise<ReadonlyMap<string, readonly Sample[]>> {
  const { data, good, shots, seed, count, side } = flags;
  if (good === undefined && shots === undefined) return new Map();
  if (good === undefined && data === SYNTHETIC) {
    const drawn = { seed, count, side, shots: shots! };
    return syntheticGoodSamples(categories, drawn);
  }
  const source = await openSource(await dataLocation(good ?? data));
  return await goodImagesOf(source, {
    ...decodeOptions(flags),
    categories,
    shots,
    trainOnly: good === undefined,
  });
}

/** Shows the detector the good images that the flags name. */
async function learn(
  detector: Detector,
  { flags, dataSet, signal }: Evaluation,
): Promise<void> {
  const goodImages = await goodOf(flags, dataSet);
  if (goodImages.size === 0) return;
  await learnGood(detector, goodImages, { ...decodeOptions(flags), signal });
}

/** The thresholds that learned good images set, where there are enough. */
function learnedCriteria(
  detector: Detector,
  flags: OneModelFlags,
): Criteria | undefined {
  if ((flags.good ?? flags.shots) === undefined) return undefined;
  return criteriaOfProducts(learnedVerdicts(detector, flags));
}

/** What the published scores are made of, where they need all images. */
function publishedScoresOf(
  { publishedScores, smooth }: Pick<Detector, "publishedScores" | "smooth">,
): PublishedScores | undefined {
  // They read the maxima of maps that are not smoothed.
  if (publishedScores === undefined || smooth > 0) return undefined;
  return new PublishedScores(publishedScores);
}

/**
 * Evaluates a model, and writes the results to its folder.
 *
 * @throws {ModelError} If the model cannot be used.
 * @throws {DataSetError} If the images cannot be read any further.
 */
export async function evaluateModel(
  evaluation: Evaluation,
): Promise<Evaluated> {
  const { flags, folder, dataSet, heatRange, signal } = evaluation;
  const { data, model, maps } = flags;
  const { categories } = dataSet;
  const { good, shots, profile } = flags;
  const learns = (good ?? shots ?? profile) !== undefined;
  await using detector = await openDetector(flags, categories, { learns });
  const chosen = await criteriaOf(detector, flags, categories);
  await learn(detector, evaluation);
  const criteria = chosen ?? learnedCriteria(detector, flags);
  const isDrawn = data === SYNTHETIC;
  const progress = showProgress("eval", dataSet.size);
  const { overlays, masks, regions } = flags;
  const published = publishedScoresOf(detector);
  const results = await evaluateToFolder(
    { detector, dataSet, out: folder },
    {
      model,
      scoring: detector.scoring,
      smooth: detector.smooth,
      precision: detector.precision,
      good: goodSummary(detector),
      maps,
      heatRange,
      ...criteria && { criteria },
      caution: isDrawn ? undefined : cautionOnPhotographs({
        model,
        learned: detector.learned.map(({ category }) => category),
        categories,
      }),
      overlays,
      masks,
      regions,
      separator: flags.csv === "semicolon" ? ";" : ",",
      ...!isDrawn &&
        { linkOf: fileLinks(await dataLocation(data), folder.path) },
      batchSize: flags["batch-size"],
      signal,
      ...published && { onFound: (image) => published.add(image) },
      onImage: () => progress.advance(),
    },
  ).finally(() => progress.finish());
  const lines = published ? publishedLines(published.metrics()) : [];
  return { ...results, published: lines };
}
