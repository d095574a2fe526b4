/**
 * The flags of `score`, and the options of a run that they give.
 *
 * @module
 */
import type { PlanOptions } from "../../lib/batch/run.ts";
import type { Shard } from "../../lib/batch/shard.ts";
import {
  type DATA_FLAGS,
  DEFAULT_OBJECT,
  type LISTING_FLAGS,
  listingOptions,
} from "./data_flags.ts";
import { dataLocation } from "../data_location.ts";
import type { FlagValues } from "../cli/flags.ts";
import type { FRAME_FLAGS } from "./frame_flags.ts";
import type { MODEL_FLAGS } from "./model_flags.ts";
import { runSettings } from "./run_settings.ts";
import type { STORAGE_FLAGS } from "./storage_flags.ts";
import type { VERDICT_FLAGS } from "./verdict_flags.ts";
import type { WATCH_FLAGS } from "./watch_flags.ts";

/** Flags of `score` alone. */
export const SCORE_FLAGS = {
  data: {
    kind: "text",
    value: "INPUT",
    help:
      "The images: s3://BUCKET/FOLDER/ or a folder (MVTec AD, VisA or plain images), a list (.csv or .jsonl of uri, category, label, mask), an archive (.zip .tar .tar.gz .tar.xz), or a downloaded data set",
  },
  out: {
    kind: "text",
    value: "URI",
    default: "out/score",
    help:
      "Where results go, under runs/: s3://BUCKET/FOLDER/ or a folder; results of other runs stay as they are",
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
  shard: {
    kind: "integer",
    min: 0,
    help:
      "Which shard to score, from 0; default: SHARD_INDEX, or the variable of Cloud Run, AWS Batch, Kubernetes or Slurm",
  },
  shards: {
    kind: "integer",
    min: 1,
    help:
      "How many shards there are; default: SHARD_COUNT, or the variable of the platform",
  },
  job: {
    kind: "text",
    value: "NAME",
    help:
      "A name that all workers of a job share, so that all use one plan; default: SHARD_JOB, or the variable of the platform",
  },
  since: {
    kind: "text",
    value: "RUN",
    help:
      "Skip images that earlier runs have scored: the id of a merged run, or last for all merged runs",
  },
  "part-size": {
    kind: "integer",
    min: 1,
    max: 65_536,
    default: 256,
    help:
      "Images per stored part; a worker that is killed loses at most one part",
  },
  "no-merge": {
    kind: "switch",
    help: "Do not merge the results; merge does it later",
  },
  strict: {
    kind: "switch",
    help: "Exit with 42 if an image could not be scored",
  },
  json: {
    kind: "switch",
    help: "Print the summary as JSON on stdout instead of the table",
  },
} as const;

/** The values of the flags of `score`. */
export type ScoreFlags = FlagValues<
  & typeof MODEL_FLAGS
  & typeof SCORE_FLAGS
  & typeof STORAGE_FLAGS
  & typeof VERDICT_FLAGS
  & typeof LISTING_FLAGS
  & typeof WATCH_FLAGS
  & typeof FRAME_FLAGS
  & Pick<typeof DATA_FLAGS, "bit-depth" | "ignore-orientation">
>;

/**
 * The whole address of the input.
 *
 * @param data The value of `--data`.
 * @returns An address as it is, or the folder of a downloaded data set.
 * @throws {DataSetError} If the data set is not downloaded.
 */
export function inputAddress(data: string): Promise<string> {
  return data.includes("://") ? Promise.resolve(data) : dataLocation(data);
}

/**
 * The options of a plan.
 *
 * @param shard The shard of this worker.
 * @returns The options.
 * @throws {ModelError} If there is no such model.
 */
export async function planOptions(
  flags: ScoreFlags,
  { count, job }: Shard,
): Promise<PlanOptions> {
  const { since, object = DEFAULT_OBJECT } = flags;
  return {
    ...await runSettings(flags),
    shards: count,
    object,
    ...listingOptions(flags),
    ...since !== undefined && { since },
    ...job !== null && { job },
  };
}
