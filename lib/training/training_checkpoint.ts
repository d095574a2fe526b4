/**
 * Training checkpoints: everything that a run needs to go on as if it had
 * never stopped, in one safetensors file.
 *
 * @module
 */
import { cannotLoad } from "../checkpoint/cannot_load.ts";
import { openSafetensors, readTensor } from "../checkpoint/safetensors.ts";
import type { SafetensorsFile } from "../checkpoint/safetensors_header.ts";
import {
  type TensorData,
  writeSafetensors,
} from "../checkpoint/write_safetensors.ts";
import type { AdamState, NamedArrays } from "./optimiser.ts";

/** Where a run stands. */
export interface TrainingState {
  /** The epoch that is under way, counted from 0. */
  readonly epoch: number;
  /** Batches of that epoch that are done. */
  readonly batches: number;
  /** Steps done since the run began. */
  readonly step: number;
  /** Sum of the losses of the epoch's steps. */
  readonly lossSum: number;
}

/** What may not change between the two halves of a run, by its name. */
export type Settings = Readonly<
  Record<string, string | number | boolean | null>
>;

/** A run, put down. */
export interface TrainingCheckpoint {
  /** Where it stands. */
  readonly standing: TrainingState;
  /** What may not change. */
  readonly settings: Settings;
  /** Whether the engine computes the inside of blocks again. */
  readonly recompute: boolean;
  /** Bytes of log.jsonl up to here. */
  readonly logBytes: number;
  /** The trained tensors. */
  readonly parameters: NamedArrays;
  /** What the optimiser remembers. */
  readonly optimiser: AdamState;
}

type Shapes = ReadonlyMap<string, readonly number[]>;

const FORMAT = "MFP-CLIP training checkpoint 1";
const KINDS = ["parameter", "mean", "square"] as const;

/**
 * Writes a checkpoint. The file appears, or replaces the one before, only when
 * it is whole.
 */
export async function writeCheckpoint(
  path: string,
  { parameters, optimiser, ...rest }: TrainingCheckpoint,
  shapes: Shapes,
): Promise<void> {
  const tensors: Record<string, TensorData> = {};
  const arrays = {
    parameter: parameters,
    mean: optimiser.mean,
    square: optimiser.square,
  };
  for (const [name, shape] of shapes) {
    for (const kind of KINDS) {
      const data = arrays[kind].get(name)!;
      tensors[`${kind} ${name}`] = { dtype: "F32", shape, data };
    }
  }
  const state = JSON.stringify({ ...rest, optimiserSteps: optimiser.steps });
  await writeSafetensors(path, tensors, {
    metadata: { format: FORMAT, state },
  });
}

interface StoredState
  extends Omit<TrainingCheckpoint, "parameters" | "optimiser"> {
  readonly optimiserSteps: number;
}

function stateOf({ path, metadata }: SafetensorsFile): StoredState {
  if (metadata.format !== FORMAT) {
    cannotLoad(path, "it must be a training checkpoint of this version");
  }
  return JSON.parse(metadata.state!);
}

async function readKind(
  file: SafetensorsFile,
  kind: (typeof KINDS)[number],
  shapes: Shapes,
): Promise<Map<string, Float32Array>> {
  const tensors = new Map<string, Float32Array>();
  for (const name of shapes.keys()) {
    tensors.set(name, await readTensor(file, `${kind} ${name}`));
  }
  return tensors;
}

function assertShapes(file: SafetensorsFile, shapes: Shapes): void {
  const stored = [...file.tensors.keys()]
    .filter((name) => name.startsWith("parameter "))
    .map((name) => name.slice("parameter ".length));
  const odd = [...new Set([...stored, ...shapes.keys()])].find((name) =>
    `${file.tensors.get(`parameter ${name}`)?.shape}` !== `${shapes.get(name)}`
  );
  if (odd === undefined) return;
  const show = (shape: readonly number[] | undefined) =>
    shape === undefined ? "nothing" : `[${shape.join(", ")}]`;
  cannotLoad(
    file.path,
    `its run must have trained the same tensors: ${odd} is ` +
      `${show(file.tensors.get(`parameter ${odd}`)?.shape)} there and ` +
      `${show(shapes.get(odd))} now`,
  );
}

function assertSettings(
  path: string,
  stored: Settings,
  current: Settings,
): void {
  const odd = Object.keys({ ...stored, ...current })
    .find((key) => stored[key] !== current[key]);
  if (odd === undefined) return;
  const show = (value: Settings[string] | undefined) =>
    JSON.stringify(value ?? null);
  cannotLoad(
    path,
    `its run must have the same ${odd}: current value is ` +
      `${show(current[odd])}, there it is ${show(stored[odd])}`,
  );
}

/**
 * Reads a checkpoint.
 *
 * @param path The file.
 * @param expected The shapes of the trained tensors and what may not have
 * changed.
 * @throws {ModelError} If it is no checkpoint, or that of another run; one
 * sentence says what differs.
 */
export async function readCheckpoint(
  path: string,
  { shapes, settings }: { shapes: Shapes; settings: Settings },
): Promise<TrainingCheckpoint> {
  const file = await openSafetensors(path);
  const { optimiserSteps: steps, ...state } = stateOf(file);
  assertSettings(path, state.settings, settings);
  assertShapes(file, shapes);
  return {
    ...state,
    parameters: await readKind(file, "parameter", shapes),
    optimiser: {
      steps,
      mean: await readKind(file, "mean", shapes),
      square: await readKind(file, "square", shapes),
    },
  };
}

/** Whether the engine of an earlier run computed the inside of blocks again. */
export async function storedRecompute(path: string): Promise<boolean> {
  return stateOf(await openSafetensors(path)).recompute;
}
