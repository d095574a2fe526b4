/**
 * `eval`: anomaly maps, scores and a report from a folder of images.
 *
 * @module
 */
import { evaluateToFolder } from "../lib/evaluation/evaluate_to_folder.ts";
import { openSource } from "../lib/data/open.ts";
import type { DataSet, Sample } from "../lib/data/sample.ts";
import { renderTextTable } from "../lib/report/table.ts";
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
  learnGood,
} from "./flags/good_flags.ts";
import { EXIT } from "./cli/exit.ts";
import { MODEL_FLAGS } from "./flags/model_flags.ts";
import { openDetector } from "./flags/open_detector.ts";
import { dataLocation } from "./data_location.ts";
import { complaintAboutOut } from "./places.ts";
import { printReading } from "./print_reading.ts";
import { showProgress } from "./cli/progress.ts";
import { SYNTHETIC_FLAGS } from "./flags/synthetic_flags.ts";

const FLAGS = {
  ...MODEL_FLAGS,
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
  "heat-range": {
    kind: "range",
    default: [0, 1],
    help: "The values of the first and the last colour of heatmaps",
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
  });
}

async function run(
  { flags, signal }: Invocation<typeof FLAGS>,
): Promise<number> {
  const { data, out, model, smooth, maps } = flags;
  if (data !== SYNTHETIC) {
    const complaint = await complaintAboutOut(out, data);
    if (complaint !== undefined) {
      console.error(complaint);
      return EXIT.usage;
    }
  }
  const dataSet = await openData(flags);
  printReading(dataSet);
  const goodImages = await goodOf(flags, dataSet);
  await using detector = await openDetector(flags, dataSet.categories);
  const good = goodImages.size === 0
    ? undefined
    : await learnGood(detector, goodImages, {
      ...decodeOptions(flags),
      signal,
    });
  const progress = showProgress("eval", dataSet.size);
  const { summary, rows } = await evaluateToFolder(
    { detector, dataSet, out },
    {
      model,
      smooth,
      good,
      maps,
      heatRange: flags["heat-range"],
      batchSize: flags["batch-size"],
      signal,
      onImage: () => progress.advance(),
    },
  ).finally(() => progress.finish());
  console.log(
    flags.json ? JSON.stringify(summary) : renderTextTable(summary).trimEnd(),
  );
  const errors = printErrors(rows);
  const say = flags.json ? console.error : console.log;
  say(`\nReport: ${out}/report.html`);
  const isBad = errors === rows.length || errors > 0 && flags.strict;
  return isBad ? EXIT.doNotRetry : EXIT.done;
}

/** The verb. */
export const command: Command = defineCommand({ flags: FLAGS, run });
