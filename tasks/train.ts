/**
 * `train`: trains a model on the images of another data set.
 *
 * @module
 */
import { printable } from "../lib/report/format.ts";
import type { DataSet } from "../lib/data/sample.ts";
import { mfpClipConfigToJson } from "../lib/methods/mfp_clip/config.ts";
import { trainModel } from "../lib/training/train_model.ts";
import type { TrainModelOptions } from "../lib/training/train_model_options.ts";
import { availableBytes } from "./available_memory.ts";
import { type Command, defineCommand, type Invocation } from "./cli/command.ts";
import { DATA_FLAGS, LISTING_FLAGS, SYNTHETIC } from "./flags/data_flags.ts";
import { openData } from "./flags/open_data.ts";
import { EXIT } from "./cli/exit.ts";
import { UsageError } from "./cli/usage_error.ts";
import type { FlagValues } from "./cli/flags.ts";
import { cacheOption } from "./hub_places.ts";
import { assertChoicesFit } from "./flags/check_choices.ts";
import { MODEL_FLAGS, modelDirectory, promptsOf } from "./flags/model_flags.ts";
import { assertOutFolder, complaintAboutOut } from "./places.ts";
import { printReading } from "./print_reading.ts";
import { SYNTHETIC_FLAGS } from "./flags/synthetic_flags.ts";
import { CONFIG_FLAGS, configOf } from "./flags/train_config_flags.ts";
import { Display, printTrained } from "./train/display.ts";
import { runRecipe } from "./train_recipe.ts";
import {
  EVALUATION_FLAGS,
  partsOf,
  TRAINING_FLAGS,
  weightDecayOf,
} from "./flags/train_flags.ts";

const FLAGS = {
  recipe: {
    kind: "text",
    allows: ["out", "resume", "threads", "json"],
    value: "FILE",
    help:
      "Train a model from random weights, in the stages of a recipe; only --out, --resume, --threads and --json apply then",
  },
  model: {
    ...MODEL_FLAGS.model,
    help:
      "Model to start from: nano, a downloaded model (with --init-head), or a model directory",
  },
  method: MODEL_FLAGS.method,
  ...DATA_FLAGS,
  ...LISTING_FLAGS,
  count: SYNTHETIC_FLAGS.count,
  side: SYNTHETIC_FLAGS.side,
  "synthetic-seed": SYNTHETIC_FLAGS.seed,
  ...EVALUATION_FLAGS,
  prompts: MODEL_FLAGS.prompts,
  out: {
    kind: "text",
    value: "DIR",
    default: "out/train",
    help: "Folder for log, checkpoint, page and model",
  },
  ...TRAINING_FLAGS,
  provider: MODEL_FLAGS.provider,
  threads: MODEL_FLAGS.threads,
  ...CONFIG_FLAGS,
  strict: {
    kind: "switch",
    help:
      "Refuse a set with a mask that cannot be used; else its image is left out",
  },
  json: {
    kind: "switch",
    help: "Print a summary as JSON on stdout",
  },
} as const;

type TrainFlags = FlagValues<typeof FLAGS>;

type Choices = Pick<
  TrainModelOptions,
  "choices" | "trainedParts" | "weightDecay"
>;

/** Reads flags that depend on one another. */
function readChoices(flags: TrainFlags): Choices {
  const weightDecay = weightDecayOf(flags);
  return {
    choices: mfpClipConfigToJson(configOf(flags)),
    trainedParts: partsOf(flags),
    ...weightDecay !== undefined && { weightDecay },
  };
}

/** The images to evaluate on are taken as a whole. */
const ALL_IMAGES = {
  limit: undefined,
  "limit-total": undefined,
  sample: undefined,
};

async function openSets(
  flags: TrainFlags,
): Promise<{ dataSet: DataSet; evalSet: DataSet | null }> {
  const common = { ...flags, seed: flags["synthetic-seed"] };
  const dataSet = await openData(common, "aux");
  printReading(dataSet);
  const { eval: data, "eval-category": category } = flags;
  const evalSet = data === undefined
    ? null
    : await openData({ ...common, ...ALL_IMAGES, data, category });
  if (evalSet !== null) printReading(evalSet);
  return { dataSet, evalSet };
}

/** The options that a flag gives; the others have their defaults. */
function given<T extends Record<string, unknown>>(
  options: T,
): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const entries = Object.entries(options);
  return Object.fromEntries(
    entries.filter(([, value]) => value !== undefined),
  ) as { [K in keyof T]?: Exclude<T[K], undefined> };
}

function optionsOf(
  flags: TrainFlags,
  choices: Choices,
): Omit<TrainModelOptions, "signal" | "provider" | "prompts"> {
  const { lr: base, schedule: kind, warmup, flip, rotate, mosaic } = flags;
  return {
    ...choices,
    initHead: flags["init-head"],
    method: flags.method,
    resume: flags.resume,
    ...given({
      epochs: flags.epochs,
      batchSize: flags["batch-size"],
    }),
    maxSteps: flags["max-steps"] ?? Infinity,
    seed: flags.seed,
    shuffle: !flags["no-shuffle"],
    augmentation: { flip, rotate, mosaic },
    schedule: { ...given({ base, kind }), warmup },
    clipNorm: flags["clip-norm"] ?? Infinity,
    checkpointEvery: flags["checkpoint-every"],
    evalEvery: flags["eval-every"],
    best: flags.best,
    engine: flags.engine,
    ...flags.backend && { backend: flags.backend },
    threads: flags.threads,
    memory: flags.memory,
    availableBytes: availableBytes(),
    allowOverlap: flags["allow-overlap"],
    onWarning: (message) => console.error(printable(`Warning: ${message}`)),
  };
}

/** Refuses to write into the data that is read. */
async function checkOut({ data, eval: evalData, out }: TrainFlags) {
  await assertOutFolder(out);
  for (const source of [data, evalData]) {
    if (source === undefined || source === SYNTHETIC) continue;
    const found = await complaintAboutOut(out, source);
    if (found !== undefined) throw new UsageError(found);
  }
}

async function run(
  { flags, signal }: Invocation<typeof FLAGS>,
): Promise<number> {
  const { recipe, out, model } = flags;
  if (recipe !== undefined) {
    return await runRecipe({ ...flags, recipe }, signal);
  }
  const choices = readChoices(flags);
  await checkOut(flags);
  await assertChoicesFit(await modelDirectory(model), flags, {
    choices: choices.choices ?? {},
    head: !flags["init-head"],
    ...cacheOption(),
  });
  const { dataSet, evalSet } = await openSets(flags);
  const display = new Display(dataSet.size, evalSet?.size ?? 0);
  const { onRead, onStart, onStep, onEval, onBest, onEvalImage } = display;
  const { step, epoch } = await trainModel(
    { model, dataSet, evalSet, out },
    {
      ...optionsOf(flags, choices),
      ...await promptsOf(flags, dataSet.categories),
      strict: flags.strict,
      ...cacheOption(),
      onRead,
      onStart,
      onStep,
      onEval,
      onBest,
      onEvalImage,
      provider: flags.provider,
      signal,
    },
  ).finally(() => display.finish());
  const { lastStep, lastEval, bestEval } = display;
  const trained = { lastStep, lastEval, bestEval };
  printTrained({ ...trained, step, epoch, data: dataSet.name }, flags);
  return EXIT.done;
}

/** The verb. */
export const command: Command = defineCommand({ flags: FLAGS, run });
