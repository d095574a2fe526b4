/**
 * Training, from the start or from where it was left.
 *
 * @module
 */
import type { TrainingState } from "./training_checkpoint.ts";
import { Adam, type AdamState } from "./optimiser.ts";
import { Run, type RunStart } from "./training_loop.ts";
import { decays } from "./trainable.ts";
import type { TrainerOptions, TrainerParts } from "./trainer_options.ts";

const START: TrainingState = { epoch: 0, batches: 0, step: 0, lossSum: 0 };

function createOptimiser(
  { engine, parameters }: TrainerParts,
  { weightDecay }: TrainerOptions,
  state?: AdamState,
): Adam {
  return new Adam(parameters, {
    weightDecay,
    decays: (name) => decays(engine.shapes.get(name)!),
  }, state);
}

async function begin(
  parts: TrainerParts,
  options: TrainerOptions,
): Promise<RunStart> {
  const { folder, engine, parameters } = parts;
  const optimiser = createOptimiser(parts, options);
  await folder.assertFree();
  await folder.prepare();
  await folder.save({
    standing: START,
    settings: options.settings,
    recompute: engine.recomputes,
    logBytes: 0,
    parameters,
    optimiser: optimiser.state,
  }, engine.shapes);
  return { standing: START, optimiser, log: await folder.openLog(0) };
}

async function takeUp(
  parts: TrainerParts,
  options: TrainerOptions,
): Promise<RunStart> {
  const { folder, engine, parameters } = parts;
  const { settings } = options;
  const { shapes } = engine;
  const checkpoint = await folder.load({ shapes, settings });
  for (const [name, values] of checkpoint.parameters) {
    parameters.get(name)!.set(values);
  }
  const { standing, logBytes } = checkpoint;
  await folder.prepare();
  return {
    standing,
    optimiser: createOptimiser(parts, options, checkpoint.optimiser),
    log: await folder.openLog(logBytes),
  };
}

/**
 * Trains.
 *
 * Log and checkpoint fit each other at any moment: a run that is killed and
 * taken up again ends in the same log, times aside, and the same model as one
 * that was not.
 *
 * @param parts Engine, images, folder and start.
 * @param options How the run goes.
 * @returns Where it stands at its end.
 * @throws {ModelError} If the folder holds something else, its checkpoint is
 * that of another run, or a loss or gradient is not finite.
 * @throws {DiskError} If the disk is full or read-only.
 */
export async function train(
  parts: TrainerParts,
  options: TrainerOptions,
): Promise<TrainingState> {
  const { folder } = parts;
  const isThere = options.resume && await folder.hasCheckpoint();
  const start = await (isThere ? takeUp : begin)(parts, options);
  using _log = start.log;
  const run = new Run(parts, options, start);
  try {
    return await run.go();
  } catch (error) {
    if (options.signal.aborted) await run.saveUnsaved();
    throw error;
  }
}
