/**
 * The settings that must stay the same when a run is resumed.
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { JsonObject } from "../checkpoint/json_file.ts";
import type { EpochOptions } from "./images/batches.ts";
import type { Settings } from "./training_checkpoint.ts";
import { stepsOf } from "./training_loop.ts";
import type { TrainerOptions } from "./trainer_options.ts";
import type { TrainingSet } from "./images/training_set.ts";

/** What the settings are taken from. */
export interface SettingsSource extends
  Pick<
    TrainerOptions,
    | Exclude<keyof EpochOptions, "textOf" | "imageOf">
    | "epochs"
    | "maxSteps"
    | "schedule"
    | "firstBeta"
    | "weightDecay"
    | "clipNorm"
  > {
  /** Name of the engine. */
  readonly engine: string;
  /** The prompts of a category. */
  readonly idsOf: (category: string) => BigInt64Array; // [N, n]
  /** Choices of the model, as in its file. */
  readonly choices: JsonObject;
  /** The images. */
  readonly set: TrainingSet;
  /** How many token positions enter the text tower. */
  readonly textLength: number;
}

function promptDigest({ set, idsOf }: SettingsSource): string {
  const hash = createHash("sha256");
  for (const category of set.categories) {
    hash.update(`${category} ${idsOf(category)}\n`);
  }
  return hash.digest("hex");
}

/** Reduces the options of a run to those that decide on its results. */
export function settingsOf(source: SettingsSource): Settings {
  const { set, schedule, augmentation } = source;
  const choices = Object.entries(source.choices).map(([name, value]) => [
    `choice of ${name}`,
    JSON.stringify(value),
  ]);
  return {
    engine: source.engine,
    images: set.digest,
    prompts: promptDigest(source),
    "length of texts": source.textLength,
    "batch size": source.batchSize,
    seed: source.seed,
    shuffling: source.shuffle,
    flipping: augmentation.flip,
    rotation: augmentation.rotate,
    "part of mosaics": augmentation.mosaic,
    "learning rate": schedule.base,
    schedule: schedule.kind,
    "warm-up": schedule.warmup,
    "number of steps": schedule.kind === "cosine"
      ? stepsOf(source, set.size)
      : null,
    "weight decay": source.weightDecay,
    "limit of gradients": Number.isFinite(source.clipNorm)
      ? source.clipNorm
      : null,
    // Runs before this choice had 0.9.
    ...source.firstBeta !== 0.9 && { "first beta": source.firstBeta },
    ...Object.fromEntries(choices),
  };
}
