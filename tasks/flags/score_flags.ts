/**
 * The flags of `score`, and what they say of a run.
 *
 * @module
 */
import type { PlanOptions } from "../../lib/batch/run.ts";
import type { Shard } from "../../lib/batch/shard.ts";
import type { DATA_FLAGS } from "./data_flags.ts";
import { dataLocation } from "../data_location.ts";
import type { FlagValues } from "../cli/flags.ts";
import type { MODEL_FLAGS } from "./model_flags.ts";
import { runSettings } from "./run_settings.ts";
import type { STORAGE_FLAGS } from "./storage_flags.ts";

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
      "Where results go, under runs/: s3://BUCKET/FOLDER/ or a folder; nothing there is ever overwritten",
  },
  "heat-range": {
    kind: "range",
    default: [0, 1],
    help: "The values that the first and the last colour of heatmaps stand for",
  },
  "batch-size": {
    kind: "integer",
    min: 1,
    max: 1024,
    default: 1,
    help: "Images per run of the network",
  },
  shard: {
    kind: "integer",
    min: 0,
    help:
      "Which shard to score, from 0; else SHARD_INDEX, or what Cloud Run, AWS Batch, Kubernetes or Slurm say",
  },
  shards: {
    kind: "integer",
    min: 1,
    help:
      "How many shards there are; else SHARD_COUNT, or what the platform says",
  },
  job: {
    kind: "text",
    value: "NAME",
    help:
      "A name that all workers of a job share, so that one plan holds for all of them; else SHARD_JOB, or what the platform says",
  },
  since: {
    kind: "text",
    value: "RUN",
    help:
      "Score only what is new since an earlier run: its id, or last for all that are merged",
  },
  "part-size": {
    kind: "integer",
    min: 1,
    max: 65_536,
    default: 256,
    help:
      "Images whose rows are stored together; a killed worker loses no more",
  },
  "no-merge": {
    kind: "switch",
    help: "Leave it to merge to put the results together",
  },
  strict: {
    kind: "switch",
    help: "End with 42 where an image could not be read",
  },
  json: {
    kind: "switch",
    help: "Print the summary as JSON on stdout instead of the table",
  },
} as const;

/** What the flags of `score` read as. */
export type ScoreFlags = FlagValues<
  & typeof MODEL_FLAGS
  & typeof SCORE_FLAGS
  & typeof STORAGE_FLAGS
  & Pick<typeof DATA_FLAGS, "category" | "limit" | "object" | "bit-depth">
>;

/**
 * The whole address of the input.
 *
 * @param data What `--data` says
 * @returns It, or the folder of the downloaded data set that it names
 * @throws {DataSetError} If the data set is not downloaded
 */
export function inputAddress(data: string): Promise<string> {
  return data.includes("://") ? Promise.resolve(data) : dataLocation(data);
}

/**
 * How a run is planned.
 *
 * @param flags The flags
 * @param shard Which shard of it this worker does
 * @returns The options of the plan
 * @throws {ModelError} If there is no such model
 */
export async function planOptions(
  flags: ScoreFlags,
  { count, job }: Shard,
): Promise<PlanOptions> {
  const { limit, category: categories, since, object } = flags;
  return {
    ...await runSettings(flags),
    shards: count,
    object,
    ...limit !== undefined && { limit },
    ...categories !== undefined && { categories },
    ...since !== undefined && { since },
    ...job !== null && { job },
  };
}
