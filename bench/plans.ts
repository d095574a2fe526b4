/**
 * How long a run of millions of images takes to be planned, read by its shards
 * and merged, and how much memory each step needs:
 *
 *     deno run -A bench/plans.ts [--images 1000000,3000000,10000000] \
 *       [--steps plan,shards,since,merge] [--out DIR] [--shards 8] \
 *       [--part-images 256]
 *
 * Prints one JSON object a line: seconds, and the largest resident memory of a
 * process that does nothing else. Each step of each number of images may be run
 * alone, with the same `--out`, where the manifest lies. The input is a folder
 * whose files are only listed, 240 folders of four products, with ETags as of a
 * bucket. The parts are drawn when they are read: rows without labels, one in
 * 10,000 without a score; `drawing` is the time that this takes of the merge.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { mergeRun } from "../lib/batch/merge.ts";
import { encodePart, type Part, partPrefix } from "../lib/batch/part.ts";
import { openPlan, planRun } from "../lib/batch/plan.ts";
import type { Plan } from "../lib/batch/run.ts";
import { allStores } from "../lib/batch/stores.ts";
import { summaryKey } from "../lib/batch/runs.ts";
import { CategoryTally } from "../lib/evaluation/category_tally.ts";
import type { ScoreRow } from "../lib/results/summary.ts";
import type { ObjectStore } from "../lib/storage/object_store.ts";
import { keyOf, listedFolder } from "./plans/drawn_folder.ts";
import { peakMegabytes } from "./measure.ts";

const STEPS = ["plan", "shards", "since", "merge"] as const;

const { values: flags } = parseArgs({
  options: {
    images: { type: "string", default: "1000000,3000000,10000000" },
    steps: { type: "string", default: STEPS.join(",") },
    out: { type: "string" },
    shards: { type: "string", default: "8" },
    "part-images": { type: "string", default: "256" },
    /** A step to do in this process. */
    only: { type: "string" },
  },
});

const FAILED_EVERY = 10_000;
/** New images of the run since the first, in thousandths. */
const NEW_SHARE = 1;

function rowOf(i: number, images: number): ScoreRow {
  const key = keyOf(i, images);
  const category = key.slice(0, key.indexOf("/"));
  const facts = { key, category, label: null };
  if (i % FAILED_EVERY === 0) {
    const none = { score: null, score_logit: null, milliseconds: null };
    const size = { width: null, height: null };
    return { ...facts, ...none, ...size, error: "it is no image" };
  }
  const score_logit = (Math.imul(i, 0x85ebca6b) >>> 0) / 2 ** 28 - 8;
  const score = 1 / (1 + Math.exp(-score_logit));
  const size = { width: 700, height: 700 };
  return {
    ...facts,
    score,
    score_logit,
    ...size,
    milliseconds: 8,
    error: null,
  };
}

/** Adds parts to a store that are drawn when they are read. */
class DrawnParts {
  /** Seconds that drawing took. */
  seconds = 0;
  readonly #plan: Plan;
  readonly #size: number;

  constructor(plan: Plan, size: number) {
    this.#plan = plan;
    this.#size = size;
  }

  #part(shard: number, start: number): Uint8Array<ArrayBuffer> {
    const begin = performance.now();
    const { run, items, ranges } = this.#plan;
    const end = Math.min(start + this.#size, ranges[shard]!.end);
    const rows = Array.from(
      { length: end - start },
      (_, k) => rowOf(start + k, items.length),
    );
    const tally = new CategoryTally();
    const failed = rows.filter(({ error }) => error !== null);
    for (const _ of failed) tally.addFailure();
    const stage = (row: ScoreRow) => [row.key, "decode"] as const;
    const state = { ...tally.state(), images: rows.length };
    const part: Part = {
      ...{ run, shard, start, rows, prompts: {}, seconds: 1 },
      stages: Object.fromEntries(failed.map(stage)),
      tallies: { [rows[0]!.category]: state },
    };
    const bytes = encodePart(part);
    this.seconds += (performance.now() - begin) / 1000;
    return bytes;
  }

  /** The same store, with the parts in it. */
  over(out: ObjectStore): ObjectStore {
    const { run, ranges } = this.#plan;
    const prefix = partPrefix(run);
    const numbers = (key: string) =>
      key.slice(prefix.length).match(/\d+/g)!.map(Number);
    const names = (from: string) => this.#names(from, ranges, prefix);
    const draw = (key: string) => {
      const [shard = 0, start = 0] = numbers(key);
      return this.#part(shard, start);
    };
    const isPart = (key: string) => key.startsWith(prefix);
    return {
      uri: out.uri,
      read: async (key, options) =>
        isPart(key) ? draw(key) : await out.read(key, options),
      list: (from, options) =>
        isPart(from) ? names(from) : out.list(from, options),
      stream: (key, options) => out.stream(key, options),
      head: (key, options) => out.head(key, options),
      create: (key, bytes, options) => out.create(key, bytes, options),
      put: (key, body, options) => out.put(key, body, options),
      delete: (key, options) => out.delete(key, options),
    };
  }

  async *#names(from: string, ranges: Plan["ranges"], prefix: string) {
    const shard = Number(from.slice(prefix.length).match(/\d+/)![0]);
    const { start, end } = ranges[shard]!;
    for (let i = start; i < end; i += this.#size) {
      const key = `${from}${`${i}`.padStart(9, "0")}.parquet`;
      yield { key, size: 1, etag: `${i}` };
    }
  }
}

const SETTINGS = {
  model: { name: "nano", fingerprint: "0" },
  shards: Number(flags.shards),
};

/** What a step prints beside its time. */
type Facts = Readonly<Record<string, number | string>>;

async function planStep(images: number, out: ObjectStore): Promise<Facts> {
  const { run, items } = await planRun(listedFolder(images), out, {
    ...SETTINGS,
    job: `plans-${images}`,
  });
  return { run: run.slice(0, 8), planned: items.length };
}

async function runOf(images: number, out: ObjectStore): Promise<Plan> {
  const bytes = await out.read(`jobs/plans-${images}.json`);
  const { run } = JSON.parse(new TextDecoder().decode(bytes));
  return await openPlan(out, run);
}

async function shardsStep(images: number, out: ObjectStore): Promise<Facts> {
  const plan = await runOf(images, out);
  let [listed, bytes] = [0, 0];
  for (const { start, end } of plan.ranges) {
    for await (const { size } of plan.items.slice(start, end)) {
      listed++;
      bytes += size;
    }
  }
  return { listed, gigabytes: Math.round(bytes / 1e9) };
}

/** Plans what is new since the whole run: one image in a thousand. */
async function sinceStep(images: number, out: ObjectStore): Promise<Facts> {
  const { run } = await runOf(images, out);
  await out.put(summaryKey(run), new TextEncoder().encode("{}"));
  const input = listedFolder(images, (i) => i % 1000 < NEW_SHARE);
  const plan = await planRun(input, out, { ...SETTINGS, since: run });
  return { new: plan.items.length };
}

async function mergeStep(images: number, out: ObjectStore): Promise<Facts> {
  const plan = await runOf(images, out);
  const parts = new DrawnParts(plan, Number(flags["part-images"]));
  const { stores } = listedFolder(images);
  const drawn = { ...plan, out: parts.over(out) };
  const { summary } = await mergeRun(drawn, { stores });
  const files = await Promise.all(
    ["scores.parquet", "scores.csv", "report.html"].map(async (name) => {
      const info = await out.head(`runs/${plan.run}/${name}`);
      return [name, Math.round((info?.size ?? 0) / 1e6)] as const;
    }),
  );
  return {
    merged: summary.images,
    errors: summary.errors,
    drawing: Math.round(parts.seconds),
    ...Object.fromEntries(files.map(([name, size]) => [`${name}_MB`, size])),
  };
}

const DO: Readonly<
  Record<string, (images: number, out: ObjectStore) => Promise<Facts>>
> = {
  plan: planStep,
  shards: shardsStep,
  since: sinceStep,
  merge: mergeStep,
};

async function doStep(step: string): Promise<void> {
  const images = Number(flags.images);
  const out = allStores().folder(flags.out!);
  const start = performance.now();
  const facts = await DO[step]!(images, out);
  const seconds = (performance.now() - start) / 1000;
  console.log(JSON.stringify({
    step,
    images,
    seconds: Number(seconds.toFixed(1)),
    peakMegabytes: Math.round(await peakMegabytes()),
    microsecondsPerImage: Number((1e6 * seconds / images).toFixed(1)),
    ...facts,
  }));
}

/** Does a step in a process of its own, whose memory is its alone. */
async function inProcess(
  step: string,
  images: string,
  out: string,
): Promise<void> {
  const same = ["shards", "part-images"] as const;
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-A", import.meta.filename!, "--only", step],
      ...["--images", images, "--out", out],
      ...same.flatMap((name) => [`--${name}`, flags[name]]),
    ],
    stdout: "inherit",
    stderr: "inherit",
  }).output();
  if (!success) throw new Error(`The step ${step} failed`);
}

if (flags.only !== undefined) {
  await doStep(flags.only);
} else {
  const out = flags.out ?? await Deno.makeTempDir({ prefix: "plans" });
  for (const images of flags.images.split(",")) {
    for (const step of flags.steps.split(",")) {
      await inProcess(step, images, out);
    }
  }
  if (flags.out === undefined) await Deno.remove(out, { recursive: true });
}
