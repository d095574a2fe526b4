/**
 * The far side of a {@linkcode BatchThread}: lists, scores and merges, so that
 * the event loop of the server stays free.
 *
 * @module
 */
import { workerData } from "node:worker_threads";
import { goodOfDetector } from "../../../batch/good.ts";
import { mergeRun } from "../../../batch/merge.ts";
import { planRun } from "../../../batch/plan.ts";
import type { Plan, PlanOptions, RunDetector } from "../../../batch/run.ts";
import { runShard, type ShardProgress } from "../../../batch/work.ts";
import type { ShardOutcome } from "../../../batch/work.ts";
import { nativeWorkDone } from "../../../image/native_work.ts";
import { AllowedStores } from "../../requests/allowed_stores.ts";
import { Calls } from "./calls.ts";
import { type DetectorFacts, remoteDetector } from "./remote_detector.ts";
import { remoteStores } from "./remote_store.ts";

/** What is to be planned. */
export interface PlanRequest {
  /** The address of the images. */
  readonly input: string;
  /** The address of the results. */
  readonly output: string;
  /** Folders that may be read. */
  readonly allowInput: readonly string[];
  /** Folders that may be written. */
  readonly allowOutput: readonly string[];
  /** Settings, and which images to take. */
  readonly options: Omit<PlanOptions, "good" | "signal">;
  /** What is known of the detector. */
  readonly detector: DetectorFacts;
}

/** What was planned. */
export interface PlanAnswer {
  /** Its id. */
  readonly run: string;
  /** How many images it has. */
  readonly total: number;
  /** How many shards it has. */
  readonly shards: number;
}

/** The end of a batch. */
export interface MergeAnswer {
  /** How many images it has. */
  readonly images: number;
  /** Those without a score. */
  readonly errors: number;
  /** Mean metrics. */
  readonly figures: Readonly<Record<string, number | null>>;
}

/** A batch that was planned, and what its work needs. */
interface Planned {
  readonly plan: Plan;
  readonly input: AllowedStores;
  readonly detector: RunDetector;
}

/** Milliseconds between two reports of progress. */
const REPORT_MILLISECONDS = 50;

let planned: Planned | undefined;
/** Counts plans: one that was given up may still end after a later one. */
let plans = 0;

async function plan(
  request: PlanRequest,
  signal: AbortSignal,
): Promise<PlanAnswer> {
  const turn = ++plans;
  const stores = remoteStores(calls);
  const input = new AllowedStores(stores, request.allowInput);
  const output = new AllowedStores(stores, request.allowOutput);
  const detector = remoteDetector(calls, request.detector);
  const plan = await planRun(
    { uri: request.input, stores: input },
    output.folder(request.output),
    { ...request.options, good: goodOfDetector(detector), signal },
  );
  if (turn === plans) planned = { plan, input, detector };
  const { run, items, header } = plan;
  return { run, total: items.length, shards: header.shards };
}

async function score(
  { shard, batchSize }: {
    readonly shard: number;
    readonly batchSize: number;
  },
  signal: AbortSignal,
): Promise<ShardOutcome> {
  const { plan, input, detector } = planned!;
  let reported = -Infinity;
  const onProgress = (progress: ShardProgress) => {
    const now = performance.now();
    if (now - reported < REPORT_MILLISECONDS) return;
    reported = now;
    calls.call("progress", [progress]).catch(() => {});
  };
  const options = { shard, stores: input, batchSize, signal, onProgress };
  return await runShard(detector, plan, options);
}

async function merge(signal: AbortSignal): Promise<MergeAnswer> {
  const { plan, input } = planned!;
  const { summary } = await mergeRun(plan, { stores: input, signal });
  const { images, errors, mean } = summary;
  return { images, errors, figures: mean };
}

const calls = new Calls(workerData.port, {
  ping: () => Promise.resolve(),
  rest: () => nativeWorkDone(),
  plan: ([request], signal) => plan(request as PlanRequest, signal),
  score: ([request], signal) =>
    score(request as Parameters<typeof score>[0], signal),
  merge: (_, signal) => merge(signal),
});
