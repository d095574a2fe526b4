/**
 * The plan of a run, written once before anything is scored.
 *
 * @module
 */
import { visitAll } from "../async/visit_all.ts";
import type { ObjectStore, StoreOptions } from "../storage/object_store.ts";
import { subsetOf } from "../data/subset.ts";
import { listInput, wholeAddress } from "./list_input.ts";
import type { InputListing } from "./listing/input_listing.ts";
import {
  type ManifestDraft,
  readRunManifest,
  writeManifest,
} from "./manifest.ts";
import { createPointer, jobKey, readPointer } from "./pointers.ts";
import type {
  BatchInput,
  Plan,
  PlanHeader,
  PlanItem,
  PlanOptions,
  RunSettings,
} from "./run.ts";
import { RunError } from "./run_error.ts";
import { findScored, readEarlier } from "./since.ts";

export type { BatchInput, Plan, PlanOptions, RunSettings } from "./run.ts";

function assertOptions(options: PlanOptions): void {
  const { shards = 1, limit = 1, limitTotal = 1, sample = 1, object } = options;
  const { heldImages = 1 } = options;
  const counts = { shards, limit, limitTotal, sample, heldImages };
  for (const [name, value] of Object.entries(counts)) {
    if (Number.isSafeInteger(value) && value >= 1) continue;
    throw new RunError(
      `Cannot plan a run as ${name} must be a positive integer: current value is ${value}`,
      "configuration",
    );
  }
  if (object !== "") return;
  throw new RunError(
    "Cannot plan a run as the object must have a name: current value is empty",
    "configuration",
  );
}

function assertOutside({ kind, uri }: InputListing, out: ObjectStore): void {
  if (kind !== "folder" || !out.uri.startsWith(uri)) return;
  throw new RunError(
    `Cannot write results to ${out.uri} as it must lie outside the input, ${uri}`,
    "configuration",
  );
}

function settingsOf(
  {
    model: { name, fingerprint },
    scoring,
    smooth = 0,
    precision = "f32",
    prompts = null,
    heatRange: [low, high] = [0, 1],
    bitDepth = 16,
    maxPixels,
    ignoreOrientation = false,
    frame,
    criteria,
  }: Pick<PlanOptions, keyof RunSettings>,
): RunSettings {
  return {
    model: { name, fingerprint },
    ...scoring !== undefined && { scoring },
    smooth,
    precision,
    prompts,
    heatRange: [low, high],
    bitDepth,
    ...maxPixels !== undefined && { maxPixels },
    // Left out where it is off, so that such runs keep their ids.
    ...ignoreOrientation && { ignoreOrientation },
    ...frame !== undefined && { frame },
    ...criteria !== undefined && { criteria },
  };
}

/** Categories of the images taken, and those without any image. */
async function categoriesOf(
  { categories, items, filled }: InputListing,
  taken: Iterable<PlanItem>,
  { signal }: StoreOptions,
): Promise<string[]> {
  if (taken === items) return [...categories];
  const used = new Set<string>();
  await visitAll(taken, ({ category }) => used.add(category), signal);
  return categories.filter((name) => used.has(name) || !filled.has(name));
}

function isEmpty(items: Iterable<unknown>): boolean {
  for (const _ of items) return false;
  return true;
}

async function goodOf(
  categories: readonly string[],
  out: ObjectStore,
  { good }: PlanOptions,
): Promise<Pick<PlanHeader, "good">> {
  if (good === undefined) return {};
  const { identity } = good;
  const learned = Object.entries(await good.learn(categories, out));
  const criteria = learned.flatMap(([name, { criterion }]) =>
    criterion === undefined ? [] : [[name, criterion] as const]
  );
  return {
    good: {
      identity,
      categories: Object.fromEntries(
        learned.map(([name, { criterion: _, ...summary }]) => [name, summary]),
      ),
      ...criteria.length > 0 && {
        criteria: { categories: Object.fromEntries(criteria) },
      },
    },
  };
}

async function makeDraft(
  input: BatchInput,
  out: ObjectStore,
  options: PlanOptions,
): Promise<ManifestDraft> {
  const { shards = 1, object = "object", since } = options;
  const earlier = await readEarlier(out, since, options);
  const listing = await listInput(input, { ...options, object });
  assertOutside(listing, out);
  const scored = await findScored(listing.items, listing, earlier, options);
  const taken = subsetOf(scored.leave(listing.items), options);
  const { uri, kind, name, reading } = listing;
  const categories = await categoriesOf(listing, taken, options);
  const header = {
    input: { uri, kind, name },
    ...settingsOf(options),
    shards,
    categories,
    since: earlier.runs,
    ...!isEmpty(taken) && await goodOf(categories, out, options),
    reading,
  };
  return { header, items: await listing.ordered(taken) };
}

/** Workers of a job must agree on everything that changes results. */
function assertSame(
  { header }: Plan,
  input: BatchInput,
  options: PlanOptions,
): void {
  const { shards = 1, job } = options;
  const identity = (
    settings: Pick<PlanOptions, keyof RunSettings>,
    ...rest: unknown[]
  ) => {
    const { model, ...others } = settingsOf(settings);
    return JSON.stringify([model.fingerprint, others, ...rest]);
  };
  const planned = identity(
    header,
    header.shards,
    header.input.uri,
    header.good?.identity,
  );
  const wanted = identity(
    options,
    shards,
    wholeAddress(input),
    options.good?.identity,
  );
  if (planned === wanted) return;
  throw new RunError(
    `Cannot join the job ${job} as its workers must have the input, the settings and the count of shards it was planned with: give another --job`,
    "configuration",
  );
}

/**
 * Lists an input, and writes the list and the settings as a manifest,
 * `runs/<run>/manifest.jsonl`. The same input and settings give the same run, so
 * planning again resumes a run that was stopped.
 *
 * @param input Where images come from.
 * @param out Where manifest and results go.
 * @param options Settings, and which images to take.
 * @returns The run; it has no items if nothing is new since an earlier run.
 * @throws {DataSetError} If the input has no image or is broken.
 * @throws {StorageError} If a store fails.
 * @throws {RunError} If an option is out of range, `out` lies in the input, or
 * the job was planned with another input or other settings.
 */
export async function planRun(
  input: BatchInput,
  out: ObjectStore,
  options: PlanOptions,
): Promise<Plan> {
  assertOptions(options);
  const { job } = options;
  const key = job === undefined ? null : jobKey(job);
  const joined = key === null ? null : await readPointer(out, key, options);
  if (joined !== null) {
    return await joinJob(input, { out, run: joined }, options);
  }
  const draft = await makeDraft(input, out, options);
  const plan = await writeManifest(out, draft, options);
  const { run } = plan;
  if (key !== null && !await createPointer(out, { key, run }, options)) {
    const first = await readPointer(out, key, options);
    return await joinJob(input, { out, run: first ?? run }, options);
  }
  return plan;
}

async function joinJob(
  input: BatchInput,
  { out, run }: Pick<Plan, "out" | "run">,
  options: PlanOptions,
): Promise<Plan> {
  const plan = await openPlan(out, run, options);
  assertSame(plan, input, options);
  return plan;
}

/**
 * Opens a run that was planned before.
 *
 * @param out Where manifest and results lie.
 * @param run Its id.
 * @param options How to stop.
 * @returns The run.
 * @throws {DataSetError} If there is no such run, or its manifest is damaged.
 * @throws {StorageError} If the store fails.
 */
export async function openPlan(
  out: ObjectStore,
  run: string,
  options: StoreOptions = {},
): Promise<Plan> {
  return await readRunManifest(out, run, options);
}
