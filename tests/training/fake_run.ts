/**
 * Runs of training that need no model: what is trained is a sum of squares.
 *
 * @module
 */
import type {
  Batch,
  StepResult,
  TrainingEngine,
} from "../../lib/training/engine/training_engine.ts";
import { METRICS, type MetricValues } from "../../lib/results/summary.ts";
import type { NamedArrays } from "../../lib/training/optimiser.ts";
import { KeptModels } from "../../lib/training/kept_models.ts";
import { RunFolder } from "../../lib/training/run_folder.ts";
import { train } from "../../lib/training/trainer.ts";
import type {
  EvalResult,
  TrainerContext,
  TrainerOptions,
} from "../../lib/training/trainer_options.ts";
import { TrainingSet } from "../../lib/training/images/training_set.ts";
import { cornerMask, fakeDataSet, SIDE } from "../evaluation/_fakes.ts";

/** Draws a weight and a bias towards what a batch looks like. */
export class FakeEngine implements TrainingEngine {
  readonly name = "fake";
  readonly shapes: ReadonlyMap<string, readonly number[]> = new Map([
    ["layer.weight", [3, 4]],
    ["layer.bias", [3]],
  ]);
  readonly recomputes = false;
  /** Number of the call, from 1, whose loss is not a number. */
  badCall = 0;
  /** Called at the start of each call. */
  onCall: (call: number) => void = () => {};
  #calls = 0;

  async step(batch: Batch, parameters: NamedArrays): Promise<StepResult> {
    this.onCall(++this.#calls);
    const aim = batch.rgb.reduce((sum, value) => sum + value, 0) / 1000;
    const pull = (value: number, i: number) => value - aim - i / 7;
    const gradients = new Map<string, Float32Array>();
    let loss = this.#calls === this.badCall ? NaN : 0;
    for (const [name, values] of parameters) {
      gradients.set(name, values.map(pull));
      loss += values.reduce((sum, v, i) => sum + pull(v, i) ** 2 / 2, 0);
    }
    const refined = { focal: loss, dice: 0, bce: 0 };
    return await Promise.resolve({
      loss,
      coarse: null,
      refined,
      losses: {},
      gradients,
    });
  }

  firstBadTensor(): Promise<string | undefined> {
    return Promise.resolve("/layer/matMul");
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** Two categories, five images and as many more, every third one defective. */
export function fakeSet(more = 0): Promise<TrainingSet> {
  const names = ["cap/a", "cap/b", "cap/c", "nut/a", "nut/b"];
  names.push(...Array.from({ length: more }, (_, i) => `nut/c${i}`));
  const data = fakeDataSet(names.map((key, i) => ({
    key,
    red: (20 + 70 * i) % 256,
    ...i % 3 === 1 && { label: 1, mask: cornerMask() },
  })));
  return TrainingSet.read(data, { side: SIDE });
}

/** Parameters to start from. */
export function fakeParameters(): Map<string, Float32Array> {
  return new Map([
    ["layer.weight", new Float32Array(12).fill(0.5)],
    ["layer.bias", new Float32Array(3)],
  ]);
}

/** How fake runs go, unless a test says otherwise. */
export const FAKE_OPTIONS: TrainerOptions = {
  facts: {
    method: "fake",
    model: "fake",
    data: "fake",
    images: 5,
    evaluated: null,
  },
  settings: { "batch size": 2, seed: 1 },
  resume: false,
  batchSize: 2,
  seed: 1,
  shuffle: true,
  augmentation: { flip: true, rotate: true, mosaic: 0.3 },
  textOf: () => new BigInt64Array(4),
  epochs: 3,
  maxSteps: Infinity,
  schedule: { base: 0.1, kind: "decay", warmup: 0 },
  firstBeta: 0.9,
  weightDecay: 0,
  clipNorm: Infinity,
  checkpointEvery: 2,
  evalEvery: 1,
  signal: new AbortController().signal,
};

/** The result of an evaluation without images. */
export function fakeEvalResult(): EvalResult {
  const all = (value: number | null) =>
    Object.fromEntries(METRICS.map((name) => [name, value])) as MetricValues;
  const counted = all(0) as EvalResult["counted"];
  return { images: 0, errors: 0, seconds: 1, mean: all(null), counted };
}

/** What a fake run leaves, times aside. */
export interface FakeResult {
  /** Lines of the log. */
  readonly log: readonly Record<string, unknown>[];
  /** The checkpoint's bytes. */
  readonly checkpoint: Uint8Array;
}

/** Reads what is to be compared of a run. */
export async function readResult(out: string): Promise<FakeResult> {
  const text = await Deno.readTextFile(`${out}/log.jsonl`);
  const log = text.trimEnd().split("\n").map((line) => {
    const { seconds: _, ...row } = JSON.parse(line);
    return row;
  });
  const bytes = await Deno.readFile(`${out}/training.safetensors`);
  return { log, checkpoint: withoutLogBytes(bytes) };
}

/** The number of bytes of a log depends on how its times are written. */
function withoutLogBytes(bytes: Uint8Array): Uint8Array {
  const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  const header = new TextDecoder().decode(bytes.subarray(8, 8 + length));
  const text = header.trimEnd().replace(/\\"logBytes\\":\d+/, "");
  const data = bytes.subarray(8 + length);
  return new Uint8Array([...new TextEncoder().encode(text), ...data]);
}

/** Trains without a model. */
export async function trainFake(
  out: string,
  options: Partial<TrainerOptions> = {},
  context: Partial<TrainerContext> = {},
): Promise<void> {
  await train({
    engine: new FakeEngine(),
    set: await fakeSet(),
    folder: new RunFolder(out),
    parameters: fakeParameters(),
    writeModel: (parameters) =>
      Deno.writeTextFile(
        `${out}/mfp_clip.json`,
        JSON.stringify([...parameters.get("layer.bias")!]),
      ),
    evaluate: null,
    kept: new KeptModels(out, ["mfp_clip.json"]),
    ...context,
  }, { ...FAKE_OPTIONS, ...options });
}

/** A longer run, to be killed: 20 steps in each of its epochs. */
export async function trainLonger(
  out: string,
  options: Partial<TrainerOptions> = {},
): Promise<void> {
  await trainFake(out, { epochs: 20, ...options }, { set: await fakeSet(35) });
}

if (import.meta.main) await trainLonger(Deno.args[0]!, { resume: true });
