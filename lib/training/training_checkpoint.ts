/**
 * Training checkpoints: one safetensors file with everything that an
 * interrupted run needs to continue exactly as if it had not stopped.
 *
 * @module
 */
import { z } from "zod";
import { cannotLoad } from "../checkpoint/cannot_load.ts";
import { openSafetensors, readTensor } from "../checkpoint/safetensors.ts";
import type { SafetensorsFile } from "../checkpoint/safetensors_header.ts";
import {
  type TensorData,
  writeSafetensors,
} from "../checkpoint/write_safetensors.ts";
import type { AdamState, NamedArrays } from "./optimiser.ts";

/** How far a run is. */
export interface TrainingState {
  /** The current epoch, counted from 0. */
  readonly epoch: number;
  /** Finished batches of that epoch. */
  readonly batches: number;
  /** Finished steps since the run began. */
  readonly step: number;
  /** Sum of the losses of the epoch's steps. */
  readonly lossSum: number;
}

/** Name -> value of everything that must not change when a run is resumed. */
export type Settings = Readonly<
  Record<string, string | number | boolean | null>
>;

/** All that a run can be resumed from. */
export interface TrainingCheckpoint {
  /** How far the run is. */
  readonly state: TrainingState;
  /** What must not change. */
  readonly settings: Settings;
  /** Whether the backward pass computes the inside of blocks again. */
  readonly recompute: boolean;
  /** Length of log.jsonl at this point, in bytes. */
  readonly logBytes: number;
  /** The trained tensors. */
  readonly parameters: NamedArrays;
  /** State of the optimiser. */
  readonly optimiser: AdamState;
}

type Shapes = ReadonlyMap<string, readonly number[]>;

const FORMAT = "MFP-CLIP training checkpoint 1";
const KINDS = ["parameter", "mean", "square"] as const;

/** The JSON among the file's metadata. */
const METADATA = z.object({
  standing: z.object({
    epoch: z.int(),
    batches: z.int(),
    step: z.int(),
    lossSum: z.number(),
  }),
  settings: z.record(
    z.string(),
    z.union([z.string(), z.number(), z.boolean(), z.null()]),
  ),
  recompute: z.boolean(),
  logBytes: z.int(),
  optimiserSteps: z.int(),
});

/**
 * Writes a checkpoint. The file appears, or replaces the one before, only when
 * it is complete.
 */
export async function writeCheckpoint(
  path: string,
  checkpoint: TrainingCheckpoint,
  shapes: Shapes,
): Promise<void> {
  const { state, settings, recompute, logBytes, parameters, optimiser } =
    checkpoint;
  const arrays = {
    parameter: parameters,
    mean: optimiser.mean,
    square: optimiser.square,
  };
  const tensors: Record<string, TensorData> = {};
  for (const [name, shape] of shapes) {
    for (const kind of KINDS) {
      const data = arrays[kind].get(name)!;
      tensors[`${kind} ${name}`] = { dtype: "F32", shape, data };
    }
  }
  const metadata: z.infer<typeof METADATA> = {
    standing: state,
    settings,
    recompute,
    logBytes,
    optimiserSteps: optimiser.steps,
  };
  await writeSafetensors(path, tensors, {
    metadata: { format: FORMAT, state: JSON.stringify(metadata) },
  });
}

function metadataOf(
  { path, metadata }: SafetensorsFile,
): z.infer<typeof METADATA> {
  const json = metadata.format === FORMAT ? metadata.state : undefined;
  const parsed = METADATA.safeParse(json === undefined ? null : parse(json));
  if (parsed.success) return parsed.data;
  cannotLoad(path, "it must be a training checkpoint of this version");
}

/** Parses JSON; null where it is none. */
function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
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
 * @param expected Shapes of the trained tensors, and the current settings.
 * @throws {ModelError} If it is no checkpoint, or belongs to another run; the
 * message names the first difference.
 */
export async function readCheckpoint(
  path: string,
  { shapes, settings }: { shapes: Shapes; settings: Settings },
): Promise<TrainingCheckpoint> {
  const file = await openSafetensors(path);
  const { standing: state, optimiserSteps: steps, ...rest } = metadataOf(file);
  assertSettings(path, rest.settings, settings);
  assertShapes(file, shapes);
  return {
    ...rest,
    state,
    parameters: await readKind(file, "parameter", shapes),
    optimiser: {
      steps,
      mean: await readKind(file, "mean", shapes),
      square: await readKind(file, "square", shapes),
    },
  };
}

/** Whether the run computes the inside of blocks again in its backward pass. */
export async function storedRecompute(path: string): Promise<boolean> {
  return metadataOf(await openSafetensors(path)).recompute;
}
