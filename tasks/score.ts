/**
 * `score`: images in object storage, scored in shards that can be resumed.
 *
 * @module
 */
import { rememberGood } from "../lib/batch/good.ts";
import { Grace, GRACE_SECONDS } from "../lib/batch/grace.ts";
import { mergeRun } from "../lib/batch/merge.ts";
import { planReading } from "../lib/batch/plan_reading.ts";
import { planRun } from "../lib/batch/plan.ts";
import type { Plan } from "../lib/batch/run.ts";
import { RunError } from "../lib/batch/run_error.ts";
import {
  resolveShard,
  type Shard,
  SHARD_VARIABLES,
} from "../lib/batch/shard.ts";
import { allStores, type Stores } from "../lib/batch/stores.ts";
import { runShard, type ShardOutcome } from "../lib/batch/work.ts";
import type { Detector } from "../lib/detector/detector.ts";
import { orAbort } from "../lib/async/abortable.ts";
import { type Command, defineCommand, type Invocation } from "./cli/command.ts";
import {
  DATA_FLAGS,
  DEFAULT_OBJECT,
  LISTING_FLAGS,
} from "./flags/data_flags.ts";
import {
  decodeOptions,
  type GoodFlags,
  STORED_GOOD_FLAGS,
} from "./flags/good_flags.ts";
import { planGood } from "./flags/stored_good.ts";
import { assertPrompts, plannedVerdicts } from "./flags/planned_verdicts.ts";
import { assertVerdictFlags, VERDICT_FLAGS } from "./flags/verdict_flags.ts";
import { EXIT } from "./cli/exit.ts";
import { UsageError } from "./cli/usage_error.ts";
import { FRAME_FLAGS } from "./flags/frame_flags.ts";
import { MODEL_FLAGS } from "./flags/model_flags.ts";
import { openDetector } from "./flags/open_detector.ts";
import { printReading } from "./print_reading.ts";
import { showProgress } from "./cli/progress.ts";
import {
  inputAddress,
  planOptions,
  SCORE_FLAGS,
  type ScoreFlags,
} from "./flags/score_flags.ts";
import { nothingNew, printMerged } from "./score_output.ts";
import { scoreWatch } from "./score_watch.ts";
import { STORAGE_FLAGS, storeSettings } from "./flags/storage_flags.ts";
import { assertWatchFlags, WATCH_FLAGS } from "./flags/watch_flags.ts";

const FLAGS = {
  ...SCORE_FLAGS,
  ...WATCH_FLAGS,
  ...VERDICT_FLAGS,
  ...MODEL_FLAGS,
  ...FRAME_FLAGS,
  ...LISTING_FLAGS,
  "bit-depth": DATA_FLAGS["bit-depth"],
  "ignore-orientation": DATA_FLAGS["ignore-orientation"],
  ...STORED_GOOD_FLAGS,
  ...STORAGE_FLAGS,
} as const;

type Scoring = Invocation<typeof FLAGS>;

/**
 * Finds the shard. A wrong number is wrong usage if it came from a flag, and wrong
 * configuration if it came from the platform.
 */
function shardOf(flags: ScoreFlags): Shard {
  const variables = Object.fromEntries(
    SHARD_VARIABLES.map((name) => [name, Deno.env.get(name)]),
  );
  const { shard, shards, job } = flags;
  try {
    return resolveShard(variables, { shard, shards, job });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const { message } = error;
    if (shard === undefined && shards === undefined) {
      throw new RunError(message, "configuration", { cause: error });
    }
    throw new UsageError(message, { cause: error });
  }
}

/** Workers that look for new images at different times find different ones. */
function assertShared({ count, job }: Shard, since: string | undefined): void {
  if (count === 1 || job !== null || since === undefined) return;
  throw new UsageError(
    "Cannot score what is new in shards as their workers must share one plan: give --job or SHARD_JOB",
  );
}

async function scoreShard(
  detector: Detector,
  plan: Plan,
  { flags, signal, shard, stores }: Scoring & {
    readonly shard: Shard;
    readonly stores: Stores;
  },
): Promise<ShardOutcome> {
  const { index, count } = shard;
  const label = count === 1 ? "score" : `score ${index + 1}/${count}`;
  let progress: ReturnType<typeof showProgress> | undefined;
  let shown = 0;
  const outcome = await runShard(detector, plan, {
    shard: index,
    stores,
    signal,
    batchSize: flags["batch-size"],
    partImages: flags["part-size"],
    onProgress({ done, total, resumed }) {
      progress ??= showProgress(label, total - resumed);
      progress.advance(done - resumed - shown);
      shown = done - resumed;
    },
  }).finally(() => progress?.finish());
  if (outcome.resumed > 0) {
    console.error(`${outcome.resumed} of ${outcome.total} were scored before`);
  }
  return outcome;
}

/**
 * Opens the detector. After a signal to stop it still waits a while, because the
 * process cannot end cleanly while native code loads a model.
 */
async function open(
  flags: ScoreFlags & Partial<GoodFlags>,
  categories: readonly string[],
  signal: AbortSignal,
): Promise<Detector> {
  using grace = new Grace({ signal, seconds: GRACE_SECONDS });
  const learns = flags.good !== undefined;
  const opening = openDetector(flags, categories, { learns });
  const detector = await orAbort(opening, grace.images);
  if (!signal.aborted) return detector;
  await detector.close();
  throw signal.reason;
}

async function scorePlan(
  plan: Plan,
  options: Scoring & { readonly shard: Shard; readonly stores: Stores },
): Promise<number> {
  const { flags, signal, shard, stores } = options;
  const { categories } = plan.header;
  const detector = await open(flags, categories, signal);
  await rememberGood(detector, plan, { signal });
  await assertPrompts(detector, flags);
  const outcome = await scoreShard(detector, plan, options);
  signal.throwIfAborted();
  await detector.close();
  const { done: images, errors } = outcome;
  const isDone = shard.count > 1 || flags["no-merge"];
  if (!isDone) {
    const merged = await mergeRun(plan, { stores, signal });
    return printMerged(plan, merged, flags);
  }
  const { index, count } = shard;
  const said = { run: plan.run, shard: index, shards: count, images, errors };
  console.log(
    flags.json
      ? JSON.stringify(said)
      : `Shard ${
        index + 1
      } of ${count}: ${images} images, ${errors} without a score\nRun: ${plan.run}`,
  );
  return errors > 0 && flags.strict ? EXIT.doNotRetry : EXIT.done;
}

async function planScore(
  { flags, signal }: Scoring,
  { shard, stores }: { readonly shard: Shard; readonly stores: Stores },
): Promise<Plan> {
  const uri = await inputAddress(flags.data ?? "");
  const out = stores.folder(flags.out);
  const settings = await planOptions(flags, shard);
  const planned = await plannedVerdicts(flags, settings);
  const input = { uri, stores };
  if (planned.profile !== undefined) {
    const plan = await planRun(input, out, { ...settings, ...planned, signal });
    planned.profile.check(plan.header.categories);
    return plan;
  }
  const goodFlags = {
    ...flags,
    good: flags.good && await inputAddress(flags.good),
  };
  const good = await planGood(goodFlags, {
    stores,
    settings: { precision: "f32", ...settings },
    decode: decodeOptions(flags),
    hasThresholds: planned.criteria !== undefined,
    open: (categories) => open(flags, categories, signal),
    signal,
  });
  const options = { ...settings, ...planned, good, signal };
  return await planRun(input, out, options);
}

/** Scores images as they come; products may come that are not known yet. */
async function watchImages(
  flags: Scoring["flags"],
  watch: string,
  signal: AbortSignal,
): Promise<never> {
  const { object = DEFAULT_OBJECT } = flags;
  const chosen = { ...flags, object: undefined, isOpen: true };
  return await scoreWatch({
    flags: { ...flags, watch },
    signal,
    open: () => open(chosen, [object], signal),
  });
}

async function run(invocation: Scoring): Promise<number> {
  const { flags, signal } = invocation;
  assertWatchFlags(flags);
  assertVerdictFlags(flags);
  const { watch } = flags;
  if (watch !== undefined) return await watchImages(flags, watch, signal);
  if (flags.data === undefined) {
    throw new UsageError("Cannot score as --data must name the images");
  }
  const shard = shardOf(flags);
  assertShared(shard, flags.since);
  const stores = allStores(storeSettings(flags));
  const planning = planScore(invocation, { shard, stores });
  const plan = await orAbort(planning, signal);
  if (plan.items.length === 0) {
    console.error(nothingNew(plan));
    return EXIT.done;
  }
  const { name } = plan.header.input;
  printReading({ name, reading: planReading(plan) });
  return await scorePlan(plan, { ...invocation, shard, stores });
}

/** The verb. */
export const command: Command = defineCommand({ flags: FLAGS, run });
