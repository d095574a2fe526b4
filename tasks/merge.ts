/**
 * `merge`: the results of all shards of a run, put together.
 *
 * @module
 */
import { mergeRun } from "../lib/batch/merge.ts";
import { openPlan } from "../lib/batch/plan.ts";
import { jobKey, readPointer } from "../lib/batch/pointers.ts";
import { RunError } from "../lib/batch/run_error.ts";
import { isMerged, listRuns } from "../lib/batch/runs.ts";
import { allStores } from "../lib/batch/stores.ts";
import type { ObjectStore } from "../lib/storage/object_store.ts";
import { type Command, defineCommand, type Invocation } from "./cli/command.ts";
import { EXIT } from "./cli/exit.ts";
import { nothingNew, printMerged } from "./score_output.ts";
import { STORAGE_FLAGS, storeSettings } from "./flags/storage_flags.ts";

const FLAGS = {
  out: {
    kind: "text",
    value: "URI",
    default: "out/score",
    help: "The --out of score",
  },
  run: {
    kind: "text",
    value: "RUN",
    help: "The run to merge; not needed if only one run is not merged yet",
  },
  job: {
    kind: "text",
    value: "NAME",
    help: "The job that the workers of the run share, instead of --run",
  },
  strict: {
    kind: "switch",
    help: "Exit with 42 if an image could not be scored",
  },
  json: {
    kind: "switch",
    help: "Print the summary as JSON on stdout instead of the table",
  },
  ...STORAGE_FLAGS,
} as const;

type Merging = Invocation<typeof FLAGS>;

/** The only run, or the only one that is not merged yet. */
async function onlyRun(
  out: ObjectStore,
  signal: AbortSignal,
): Promise<string | undefined> {
  const all = await Array.fromAsync(listRuns(out, { signal }));
  if (all.length < 2) return all[0];
  const open: string[] = [];
  for (const run of all) {
    if (await isMerged(out, run, { signal })) continue;
    const { items } = await openPlan(out, run, { signal });
    if (items.length > 0) open.push(run);
  }
  return open.length === 1 ? open[0] : undefined;
}

async function findRun(
  out: ObjectStore,
  { flags: { run, job }, signal }: Merging,
): Promise<string | undefined> {
  if (run !== undefined) return run;
  if (job === undefined) return await onlyRun(out, signal);
  return await readPointer(out, jobKey(job), { signal }) ?? undefined;
}

async function run(invocation: Merging): Promise<number> {
  const { flags, signal } = invocation;
  const stores = allStores(storeSettings(flags));
  const out = stores.folder(flags.out);
  const id = await findRun(out, invocation);
  if (id === undefined) {
    throw new RunError(
      `Cannot merge the results in ${out.uri} as there must be a run to choose: give --run or --job of one that was planned`,
      "configuration",
    );
  }
  const plan = await openPlan(out, id, { signal });
  if (plan.items.length === 0) {
    console.error(nothingNew(plan));
    return EXIT.done;
  }
  const merged = await mergeRun(plan, { stores, signal });
  return printMerged(plan, merged, flags);
}

/** The verb. */
export const command: Command = defineCommand({ flags: FLAGS, run });
