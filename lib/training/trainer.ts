/**
 * Training, from the start or from a checkpoint.
 *
 * @module
 */
import type { TrainingState } from "./training_checkpoint.ts";
import { Adam, type AdamState } from "./optimiser.ts";
import { type LoopStart, TrainingLoop } from "./training_loop.ts";
import { decays } from "./trainable.ts";
import type { TrainerContext, TrainerOptions } from "./trainer_options.ts";

const START: TrainingState = { epoch: 0, batches: 0, step: 0, lossSum: 0 };

function createOptimiser(
  { engine, parameters }: TrainerContext,
  { weightDecay, firstBeta, decays: which }: TrainerOptions,
  state?: AdamState,
): Adam {
  return new Adam(parameters, {
    weightDecay,
    firstBeta,
    decays: (name) => which === "all" || decays(engine.shapes.get(name)!),
  }, state);
}

async function start(
  context: TrainerContext,
  options: TrainerOptions,
): Promise<LoopStart> {
  const { folder, engine, parameters } = context;
  const optimiser = createOptimiser(context, options);
  await folder.assertFree();
  await folder.prepare();
  await folder.save({
    state: START,
    settings: options.settings,
    recompute: engine.recomputes,
    logBytes: 0,
    parameters,
    optimiser: optimiser.state,
  }, engine.shapes);
  return { state: START, optimiser, log: await folder.openLog(0) };
}

async function resume(
  context: TrainerContext,
  options: TrainerOptions,
): Promise<LoopStart> {
  const { folder, engine, parameters } = context;
  const { settings } = options;
  const { shapes } = engine;
  const checkpoint = await folder.load({ shapes, settings });
  for (const [name, values] of checkpoint.parameters) {
    parameters.get(name)!.set(values);
  }
  const { state, logBytes } = checkpoint;
  await folder.prepare();
  return {
    state,
    optimiser: createOptimiser(context, options, checkpoint.optimiser),
    log: await folder.openLog(logBytes),
  };
}

/**
 * Trains.
 *
 * Log and checkpoint agree at every moment: a run that is killed and resumed
 * ends with the same log, times aside, and the same model as a run that was
 * not killed.
 *
 * @returns The state at the end of the run.
 * @throws {ModelError} If the folder or its checkpoint belongs to another run,
 * or a loss or gradient is not finite.
 * @throws {DiskError} If the disk is full or read-only.
 */
export async function train(
  context: TrainerContext,
  options: TrainerOptions,
): Promise<TrainingState> {
  const resumes = options.resume && await context.folder.hasCheckpoint();
  const from = await (resumes ? resume : start)(context, options);
  using _log = from.log;
  const loop = new TrainingLoop(context, options, from);
  try {
    return await loop.run();
  } catch (error) {
    if (options.signal.aborted) await loop.saveUnsaved();
    throw error;
  }
}
