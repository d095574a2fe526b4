/**
 * `eval`: anomaly maps, scores and a report from a folder of images.
 *
 * @module
 */
import { join } from "node:path";
import { cautionOnPhotographs } from "../lib/evaluation/caution.ts";
import { evaluateToFolder } from "../lib/evaluation/evaluate_to_folder.ts";
import { PublishedScores } from "../lib/evaluation/published_scores.ts";
import { criteriaOfProducts } from "../lib/evaluation/learned_products.ts";
import type { HeatRange } from "../lib/evaluation/run_colours.ts";
import { openSource } from "../lib/data/open.ts";
import type { DataSet, Sample } from "../lib/data/sample.ts";
import type { Detector } from "../lib/detector/detector.ts";
import { publishedLines } from "../lib/report/published_lines.ts";
import { renderTextTable } from "../lib/report/table.ts";
import { verdictLines } from "../lib/report/verdict_lines.ts";
import {
  METRICS,
  type ScoreRow,
  type Summary,
} from "../lib/results/summary.ts";
import type { Criteria } from "../lib/results/verdict.ts";
import { syntheticGoodSamples } from "../lib/synthetic/good_samples.ts";
import { printErrors } from "./bad_images.ts";
import { type Command, defineCommand, type Invocation } from "./cli/command.ts";
import {
  DATA_FLAGS,
  LISTING_FLAGS,
  openData,
  SYNTHETIC,
} from "./flags/data_flags.ts";
import {
  decodeOptions,
  GOOD_FLAGS,
  goodImagesOf,
  goodSummary,
  learnGood,
} from "./flags/good_flags.ts";
import { EXIT } from "./cli/exit.ts";
import { parseRange } from "./cli/flags.ts";
import { UsageError } from "./cli/usage_error.ts";
import { fileLinks } from "./file_links.ts";
import { FRAME_FLAGS } from "./flags/frame_flags.ts";
import { MODEL_FLAGS } from "./flags/model_flags.ts";
import { openDetector } from "./flags/open_detector.ts";
import { dataLocation } from "./data_location.ts";
import { complaintAboutOut } from "./places.ts";
import { printReading } from "./print_reading.ts";
import { printTiles } from "./print_tiles.ts";
import { showProgress } from "./cli/progress.ts";
import { SYNTHETIC_FLAGS } from "./flags/synthetic_flags.ts";
import {
  assertVerdictFlags,
  criteriaOf,
  learnedVerdicts,
  VERDICT_FILE_FLAGS,
  VERDICT_FLAGS,
} from "./flags/verdict_flags.ts";

const FLAGS = {
  ...MODEL_FLAGS,
  ...FRAME_FLAGS,
  ...DATA_FLAGS,
  ...LISTING_FLAGS,
  ...SYNTHETIC_FLAGS,
  ...GOOD_FLAGS,
  out: {
    kind: "text",
    value: "DIR",
    default: "out/eval",
    help: "Folder for results; the results of an earlier run are removed first",
  },
  maps: {
    kind: "choice",
    choices: ["none", "npy", "f16"],
    default: "none",
    help:
      "Raw maps as .npy files: npy is M in float32, f16 the logit of M in float16",
  },
  ...VERDICT_FLAGS,
  ...VERDICT_FILE_FLAGS,
  "heat-range": {
    kind: "text",
    value: "LOW,HIGH|auto",
    help:
      "The values of the first and the last colour of heatmaps: 0,1 where there are labels; else auto, which takes them from the first images; categories of a profile have their own",
  },
  "batch-size": {
    kind: "integer",
    min: 1,
    max: 1024,
    default: 1,
    help: "Images per call of the network",
  },
  strict: {
    kind: "switch",
    help: "Exit with 42 if an image could not be scored",
  },
  json: {
    kind: "switch",
    help: "Print summary.json on stdout instead of the table",
  },
} as const;

type Flags = Invocation<typeof FLAGS>["flags"];

/** The good images that the flags name; none where they name none. */
async function goodOf(
  flags: Flags,
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
  dataSet: DataSet,
  { flags, signal }: Invocation<typeof FLAGS>,
): Promise<void> {
  const goodImages = await goodOf(flags, dataSet);
  if (goodImages.size === 0) return;
  await learnGood(detector, goodImages, { ...decodeOptions(flags), signal });
}

/** The thresholds that learned good images set, where there are enough. */
function learnedCriteria(
  detector: Detector,
  flags: Flags,
): Criteria | undefined {
  if ((flags.good ?? flags.shots) === undefined) return undefined;
  return criteriaOfProducts(learnedVerdicts(detector, flags));
}

/** Colours of labelled images can be compared, those of others can be seen. */
function heatRangeOf(flags: Flags, { reading }: DataSet): HeatRange {
  const text = flags["heat-range"];
  if (text === "auto") return "auto";
  if (text !== undefined) return parseRange("heat-range", text);
  const counts = Object.values(reading?.categories ?? {});
  const isPlain = counts.length > 0 &&
    counts.every(({ good, defective }) => good + defective === 0);
  return isPlain ? "auto" : [0, 1];
}

async function assertFlags(flags: Flags): Promise<void> {
  const { data, out } = flags;
  assertVerdictFlags(flags);
  if (data === SYNTHETIC) return;
  const complaint = await complaintAboutOut(out, data);
  if (complaint !== undefined) throw new UsageError(complaint);
}

/** Without labels, the table would be empty. */
function hasMetrics({ mean }: Summary): boolean {
  return METRICS.some((metric) => mean[metric] !== null);
}

/** Prints the results, and returns the exit code. */
function printResults(
  { summary, rows }: {
    readonly summary: Summary;
    readonly rows: readonly ScoreRow[];
  },
  { json, out, strict }: Flags,
): number {
  const verdicts = verdictLines(summary);
  const say = json ? console.error : console.log;
  if (json) console.log(JSON.stringify(summary));
  else if (verdicts.length === 0 || hasMetrics(summary)) {
    console.log(renderTextTable(summary).trimEnd());
  }
  if (verdicts.length > 0) say(`\n${verdicts.join("\n")}`);
  printTiles(summary);
  const errors = printErrors(rows);
  if (summary.caution !== undefined) {
    console.error(`\nCaution: ${summary.caution}`);
  }
  if (verdicts.length > 0) say(`\nVerdicts: ${join(out, "scores.csv")}`);
  say(`\nReport: ${join(out, "report.html")}`);
  const isBad = errors === rows.length || errors > 0 && strict;
  return isBad ? EXIT.doNotRetry : EXIT.done;
}

/** What the published scores are made of, where they need all images. */
function publishedScoresOf(
  { publishedScores, smooth }: Pick<Detector, "publishedScores" | "smooth">,
): PublishedScores | undefined {
  // They read the maxima of maps that are not smoothed.
  if (publishedScores === undefined || smooth > 0) return undefined;
  return new PublishedScores(publishedScores);
}

async function run(invocation: Invocation<typeof FLAGS>): Promise<number> {
  const { flags, signal } = invocation;
  const { data, out, model, maps } = flags;
  await assertFlags(flags);
  const dataSet = await openData(flags);
  const { categories } = dataSet;
  const heatRange = heatRangeOf(flags, dataSet);
  printReading(dataSet);
  const { good, shots, profile } = flags;
  const learns = (good ?? shots ?? profile) !== undefined;
  await using detector = await openDetector(flags, categories, { learns });
  const chosen = await criteriaOf(detector, flags, categories);
  await learn(detector, dataSet, invocation);
  const criteria = chosen ?? learnedCriteria(detector, flags);
  const isDrawn = data === SYNTHETIC;
  const progress = showProgress("eval", dataSet.size);
  const { overlays, masks, regions } = flags;
  const published = publishedScoresOf(detector);
  const results = await evaluateToFolder(
    { detector, dataSet, out },
    {
      model,
      scoring: detector.scoring,
      smooth: detector.smooth,
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
      ...!isDrawn && { linkOf: fileLinks(await dataLocation(data), out) },
      batchSize: flags["batch-size"],
      signal,
      ...published && { onFound: (image) => published.add(image) },
      onImage: () => progress.advance(),
    },
  ).finally(() => progress.finish());
  const code = printResults(results, flags);
  const lines = published ? publishedLines(published.metrics()) : [];
  if (lines.length > 0) console.error(`\n${lines.join("\n")}`);
  return code;
}

/** The verb. */
export const command: Command = defineCommand({ flags: FLAGS, run });
