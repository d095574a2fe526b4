/**
 * Opens and checks everything before a run writes its first file.
 *
 * @module
 */
import { ModelError } from "../checkpoint/model_error.ts";
import { DataSetError, MASK_FAULTS } from "../data/sample.ts";
import { findModel } from "../hub/find_model.ts";
import {
  type ModelDirectory,
  openModelDirectory,
} from "../methods/model_directory.ts";
import {
  type PromptIds,
  promptIds,
  promptOptions,
} from "../methods/prompts.ts";
import { fileNoteLines } from "../report/absent.ts";
import { RunFolder } from "./run_folder.ts";
import type { TrainingDefaults } from "../methods/training_rules.ts";
import {
  completeOptions,
  type CompleteTrainModelOptions,
  type TrainingJob,
  type TrainModelOptions,
} from "./train_model_options.ts";
import { MASK_FAULT_WORDS } from "./images/left_out.ts";
import { TrainingSet } from "./images/training_set.ts";

function assertDisjoint(
  { dataSet, evalSet }: TrainingJob,
  allowOverlap: boolean,
): void {
  if (!evalSet || allowOverlap) return;
  const shared = dataSet.categories.filter((category) =>
    evalSet.categories.includes(category)
  );
  if (shared.length === 0) return;
  throw new DataSetError(
    `Cannot evaluate on ${evalSet.name} as its categories must not be ` +
      `trained on: ${shared.join(", ")} would be`,
  );
}

async function assertFolder(folder: RunFolder, resume: boolean): Promise<void> {
  if (resume && await folder.hasCheckpoint()) return;
  await folder.assertFree();
}

async function openModel(
  { model }: TrainingJob,
  options: TrainModelOptions,
): Promise<ModelDirectory> {
  const { choices = {}, initHead = false, method, cacheFolder } = options;
  const { trainedParts = new Set(["head"]) } = options;
  if (initHead && !trainedParts.has("head")) {
    throw new ModelError(
      `Cannot train ${model} as a new head must be trained: current ` +
        `value is ${[...trainedParts].join(", ")}`,
    );
  }
  const directory = await findModel(model, { cacheFolder });
  const head = !initHead;
  const opening = { head, choices, method, cacheFolder };
  return await openModelDirectory(directory, opening);
}

/** The published settings of a model's method. */
function publishedDefaults({ architecture }: ModelDirectory): TrainingDefaults {
  const { method, training } = architecture;
  if (training !== null) return training.defaults;
  throw new ModelError(`Cannot train as ${method.title} has nothing to train`);
}

/** Tells what training does without, and what its images may not be. */
function reportLeftOut(
  { name, leftOut: { unlabelled, maskless, masks }, notes }: Pick<
    TrainingSet,
    "name" | "leftOut" | "notes"
  >,
  warn: (message: string) => void,
): void {
  if (unlabelled > 0) warn(`${unlabelled} images of ${name} have no label`);
  if (maskless > 0) {
    warn(
      `${maskless} defective images of ${name} have no mask and are left out`,
    );
  }
  for (const fault of MASK_FAULTS) {
    const keys = masks[fault] ?? [];
    if (keys.length === 0) continue;
    warn(
      `${keys.length} defective images of ${name} are left out as their masks are ${
        MASK_FAULT_WORDS[fault]
      }, the first is ${keys[0]}`,
    );
  }
  for (const [category, counts] of notes) {
    for (const line of fileNoteLines(category, counts)) warn(line);
  }
}

/** The prompts of each category. */
function promptsOf(
  { tokenizer, architecture }: ModelDirectory,
  categories: readonly string[],
  { prompts, onWarning }: CompleteTrainModelOptions,
): Map<string, PromptIds> {
  const options = {
    ...promptOptions(architecture, prompts),
    // Training may go beyond what was trained before.
    rules: { ...architecture.prompts, longestEndOfText: null },
  };
  return new Map(categories.map((category) => {
    const ids = promptIds(tokenizer, category, options);
    ids.warnings.forEach((warning) => onWarning(warning));
    return [category, ids];
  }));
}

/** A model and images, ready for training. */
export interface PreparedTraining {
  /** The model, opened. */
  readonly model: ModelDirectory;
  /** The images. */
  readonly set: TrainingSet;
  /** The folder to write to. */
  readonly folder: RunFolder;
  /** The prompts of each category. */
  readonly prompts: ReadonlyMap<string, PromptIds>;
  /** How many token positions enter the text tower. */
  readonly textLength: number;
  /** The options with the defaults filled in. */
  readonly options: CompleteTrainModelOptions;
}

/**
 * Opens the model, reads the images and makes the prompts. Nothing is written.
 *
 * @throws {ModelError} If the model or the folder cannot be used.
 * @throws {DataSetError} If the images cannot be trained on.
 */
export async function prepareTraining(
  job: TrainingJob,
  given: TrainModelOptions,
): Promise<PreparedTraining> {
  const folder = new RunFolder(job.out);
  assertDisjoint(job, given.allowOverlap ?? false);
  await assertFolder(folder, given.resume ?? false);
  const model = await openModel(job, given);
  const options = completeOptions(given, publishedDefaults(model));
  const { signal, onRead, onWarning } = options;
  const set = await TrainingSet.read(job.dataSet, {
    side: model.architecture.imageSize,
    strict: options.strict ?? false,
    signal,
    ...onRead && { onImage: onRead },
  });
  reportLeftOut(set, onWarning);
  const prompts = promptsOf(model, set.categories, options);
  const ends = [...prompts.values()].flatMap(({ endOfText }) => endOfText);
  const textLength = Math.max(...ends) + 1;
  return { model, set, folder, prompts, textLength, options };
}
