/**
 * The merge of the results of all shards.
 *
 * @module
 */
import { cautionOnPhotographs } from "../evaluation/caution.ts";
import { measureTallies } from "../evaluation/evaluation_of.ts";
import {
  type DigestedEvaluation,
  reportCurves,
  summarise,
} from "../evaluation/summarise.ts";
import { encodeFiguresCsv } from "../results/figures_csv.ts";
import {
  CSV_METADATA_END,
  encodeCsvMetadata,
} from "../results/csv_metadata.ts";
import {
  PIXEL_GROUPS_FILE,
  writePixelGroups,
} from "../results/pixel_groups_file.ts";
import type { Gallery } from "../results/gallery.ts";
import type { ScoreRow, Summary } from "../results/summary.ts";
import type { StoreOptions } from "../storage/object_store.ts";
import { readChain, storeErrors } from "./chain.ts";
import { planReading } from "./plan_reading.ts";
import { MergeTotal, takeItems } from "./merging/merge_total.ts";
import type { RowFilesOptions } from "./merging/row_files.ts";
import type { Plan } from "./run.ts";
import { RunError } from "./run_error.ts";
import { summaryKey } from "./runs.ts";
import type { Stores } from "./stores.ts";

/** Options of {@linkcode mergeRun}. */
export interface MergeOptions extends RowFilesOptions {
  /** Opens the input, for the pictures of the report. */
  readonly stores: Stores;
}

/** The results of a merged run. */
export interface Merged {
  /** The content of `summary.json`. */
  readonly summary: Summary;
  /**
   * The content of `scores.parquet`, ordered by key; it is read from there where
   * memory does not hold it.
   */
  readonly rows: AsyncIterable<ScoreRow>;
  /** The first rows without a score. */
  readonly failed: readonly ScoreRow[];
}

function assertAll(plan: Plan, gaps: readonly number[], done: number): void {
  if (done === plan.items.length) return;
  throw new RunError(
    `Cannot merge the run ${plan.run} as all ${plan.items.length} images must be scored, with or without an error: current value is ${done}, shards not complete are ${
      gaps.join(", ")
    }`,
    "incomplete",
  );
}

async function addUp(
  plan: Plan,
  total: MergeTotal,
  options: StoreOptions,
): Promise<void> {
  const gaps: number[] = [];
  for (const [shard, range] of plan.ranges.entries()) {
    const { start, end } = range;
    const items = plan.items.slice(start, end, options)[Symbol.asyncIterator]();
    let next = start;
    for await (const part of readChain({ plan, shard }, range, options)) {
      await total.add(part, await takeItems(items, part));
      await storeErrors(plan, part, options);
      next += part.rows.length;
    }
    if (next !== end) gaps.push(shard);
  }
  assertAll(plan, gaps, total.images);
  await total.end();
}

function summariseTotal(
  plan: Plan,
  total: MergeTotal,
  found: DigestedEvaluation,
): Summary {
  const { input, model, scoring, smooth, precision } = plan.header;
  const { frame, good, categories } = plan.header;
  const words = Object.entries(total.prompts).sort(([a], [b]) =>
    a < b ? -1 : 1
  );
  return summarise(found, {
    model: model.name,
    data: input.name,
    prompts: Object.fromEntries(words),
    scoring,
    smooth,
    precision,
    frame,
    good: good?.categories,
    seconds: total.seconds,
    reading: planReading(plan),
    caution: cautionOnPhotographs({
      model: model.name,
      learned: Object.keys(good?.categories ?? {}),
      categories,
    }),
  });
}

/** Everything but the rows; the summary is written last. */
async function writeFigures(
  { run, out, header }: Plan,
  { summary, gallery, found }: {
    readonly summary: Summary;
    readonly gallery: Gallery;
    readonly found: DigestedEvaluation;
  },
  options: StoreOptions,
): Promise<void> {
  const encoder = new TextEncoder();
  const put = (
    name: string,
    content: Uint8Array<ArrayBuffer> | string,
    contentType: string,
  ) => {
    const bytes = typeof content === "string"
      ? encoder.encode(content)
      : content;
    return out.put(`runs/${run}/${name}`, bytes, { ...options, contentType });
  };
  const { rows, groups = new Map() } = found;
  const colours = { scale: "map", range: header.heatRange } as const;
  const curves = reportCurves(found);
  // What draws plots takes a fifth of the time that a server needs to start.
  const { renderReport } = await import("../report/html.ts");
  const page = renderReport({ summary, rows, gallery, curves, colours });
  if (groups.size > 0) {
    const bytes = writePixelGroups(groups);
    await put(PIXEL_GROUPS_FILE, bytes, "application/vnd.apache.parquet");
  }
  await put("figures.csv", encodeFiguresCsv(summary), "text/csv");
  await put(
    `scores.csv${CSV_METADATA_END}`,
    encodeCsvMetadata("scores.csv", summary),
    "application/csvm+json",
  );
  await put("report.html", page, "text/html");
  const text = `${JSON.stringify(summary, null, 2)}\n`;
  const bytes = encoder.encode(text);
  const contentType = "application/json";
  await out.put(summaryKey(run), bytes, { ...options, contentType });
}

async function mergeTotal(
  plan: Plan,
  total: MergeTotal,
  options: MergeOptions,
): Promise<Merged> {
  await addUp(plan, total, options);
  const { files } = total;
  const found = { rows: files.digest, ...measureTallies([...total.tallies]) };
  const gallery = await total.pictures.gallery(plan, options);
  const summary = summariseTotal(plan, total, found);
  const rows = await files.finish(summary);
  await writeFigures(plan, { summary, gallery, found }, options);
  return { summary, rows, failed: files.digest.failed };
}

/**
 * Merges the parts of all shards into `runs/<run>/scores.parquet`,
 * `figures.csv`, `report.html` and, last, `summary.json`. All metrics are bit for bit those of a
 * run in one shard.
 *
 * @param plan The run.
 * @param options How to open the input.
 * @returns The merged results.
 * @throws {RunError} If images are not scored yet.
 * @throws {DataSetError} If a part is damaged or belongs to another run.
 * @throws {StorageError} If a store fails.
 */
export async function mergeRun(
  plan: Plan,
  options: MergeOptions,
): Promise<Merged> {
  const total = new MergeTotal(plan, options);
  try {
    return await mergeTotal(plan, total, options);
  } catch (error) {
    await total.files.abandon(error);
    throw error;
  }
}
