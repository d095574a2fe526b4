/**
 * The folder of a run: its log, its checkpoint and the model it makes.
 *
 * @module
 */
import { ModelError } from "../checkpoint/model_error.ts";
import { METHODS } from "../methods/methods.ts";
import { isThere } from "../files/is_there.ts";
import { removeTemporaries, writeWhole } from "../files/whole_file.ts";
import {
  renderTrainingPage,
  type TrainingFacts,
} from "../report/training_page.ts";
import {
  readCheckpoint,
  type Settings,
  storedRecompute,
  type TrainingCheckpoint,
  writeCheckpoint,
} from "./training_checkpoint.ts";
import { readLog, TrainingLog } from "./training_log.ts";

const CHECKPOINT = "training.safetensors";
const LOG = "log.jsonl";

/** Other files of a run or a model. */
const RESULTS = [
  LOG,
  ...METHODS.flatMap(({ configFile, headFile }) => [configFile, headFile])
    .filter((file) => file !== null),
  "resnet50.safetensors",
  "clip",
];

/** What a checkpoint must share with the run that resumes from it. */
export interface RunIdentity {
  /** Name -> shape of the trained tensors. */
  readonly shapes: ReadonlyMap<string, readonly number[]>;
  /** The settings of the run. */
  readonly settings: Settings;
}

/** The folder of a run. */
export class RunFolder {
  /** Where it is. */
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** Its log. */
  get logPath(): string {
    return `${this.path}/${LOG}`;
  }

  get #checkpointPath(): string {
    return `${this.path}/${CHECKPOINT}`;
  }

  /** Whether there is a checkpoint to resume from. */
  async hasCheckpoint(): Promise<boolean> {
    return await isThere(this.#checkpointPath);
  }

  /**
   * Checks that a new run would overwrite nothing.
   *
   * @throws {ModelError} If the folder holds a run or a model.
   */
  async assertFree(): Promise<void> {
    for (const name of [CHECKPOINT, ...RESULTS]) {
      if (!await isThere(`${this.path}/${name}`)) continue;
      const advice = name === CHECKPOINT ? ", which --resume continues" : "";
      throw new ModelError(
        `Cannot train into ${this.path} as it must hold neither a run nor a ` +
          `model: it has ${name}${advice}`,
      );
    }
  }

  /** Whether the earlier run computes the inside of blocks again. */
  async recomputed(): Promise<boolean> {
    return await storedRecompute(this.#checkpointPath);
  }

  /**
   * Reads the checkpoint.
   *
   * @throws {ModelError} If it belongs to another run.
   */
  async load(identity: RunIdentity): Promise<TrainingCheckpoint> {
    return await readCheckpoint(this.#checkpointPath, identity);
  }

  /** Makes the folder, and removes temporary files of a killed run. */
  async prepare(): Promise<void> {
    await Deno.mkdir(this.path, { recursive: true });
    await removeTemporaries(this.path);
    const clip = `${this.path}/clip`;
    if (await isThere(clip)) await removeTemporaries(clip);
  }

  /** Replaces the checkpoint. */
  async save(
    checkpoint: TrainingCheckpoint,
    shapes: RunIdentity["shapes"],
  ): Promise<void> {
    await writeCheckpoint(this.#checkpointPath, checkpoint, shapes);
  }

  /** Draws the log as a page. */
  async writePage(facts: TrainingFacts): Promise<void> {
    const page = renderTrainingPage(facts, await readLog(this.logPath));
    await writeWhole(`${this.path}/train.html`, page);
  }

  /** Opens the log, truncated to `bytes`, which is 0 for a new run. */
  async openLog(bytes: number): Promise<TrainingLog> {
    return await TrainingLog.open(this.logPath, bytes);
  }
}
