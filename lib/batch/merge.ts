/**
 * The merge of the results of all shards.
 *
 * @module
 */
import { DataSetError } from "../data/sample.ts";
import { CategoryTally } from "../evaluation/category_tally.ts";
import { cautionOnPhotographs } from "../evaluation/caution.ts";
import type { Evaluation } from "../evaluation/evaluate.ts";
import { evaluationOf } from "../evaluation/evaluation_of.ts";
import { reportCurves, summarise } from "../evaluation/summarise.ts";
import type { TallyState } from "../evaluation/tally_state.ts";
import { renderReport } from "../report/html.ts";
import { encodeFiguresCsv, runNotes } from "../results/figures_csv.ts";
import {
  CSV_METADATA_END,
  encodeCsvMetadata,
} from "../results/csv_metadata.ts";
import {
  PIXEL_GROUPS_FILE,
  writePixelGroups,
} from "../results/pixel_groups_file.ts";
import { encodeScoresCsv } from "../results/scores_csv.ts";
import { writeScores } from "../results/scores_parquet.ts";
import type { PromptWords, ScoreRow, Summary } from "../results/summary.ts";
import type { StoreOptions } from "../storage/object_store.ts";
import { readChain, storeErrors } from "./chain.ts";
import type { Part } from "./part.ts";
import { planReading } from "./plan_reading.ts";
import { pickPictures } from "./pictures.ts";
import type { Plan } from "./run.ts";
import { RunError } from "./run_error.ts";
import { summaryKey } from "./runs.ts";
import type { Stores } from "./stores.ts";

/** Options of {@linkcode mergeRun}. */
export interface MergeOptions extends StoreOptions {
  /** Opens the input, for the pictures of the report. */
  readonly stores: Stores;
}

/** The results of a merged run. */
export interface Merged {
  /** The content of `summary.json`. */
  readonly summary: Summary;
  /** The content of `scores.parquet`, ordered by key. */
  readonly rows: readonly ScoreRow[];
}

/** The sum of the parts of a run. */
class Total {
  readonly rows: ScoreRow[] = [];
  readonly tallies: Map<string, CategoryTally>;
  readonly prompts: Record<string, PromptWords> = {};
  readonly #plan: Plan;
  seconds = 0;

  constructor(plan: Plan) {
    this.#plan = plan;
    this.tallies = new Map(
      plan.header.categories.map((name) => [name, new CategoryTally()]),
    );
  }

  /** Adds a part; its images must be those of the plan at its position. */
  async add(part: Part): Promise<void> {
    const { rows, start, tallies, prompts, seconds } = part;
    const planned = new Set<string>();
    const items = this.#plan.items.slice(start, start + rows.length);
    for await (const { key } of items) planned.add(key);
    const isWhole = planned.size === rows.length &&
      rows.every(({ key }) => planned.has(key));
    if (!isWhole) {
      throw new DataSetError(
        `Cannot merge the run ${this.#plan.run} as the part at image ${start} must have the images of the manifest: it has others`,
      );
    }
    for (const row of rows) this.rows.push(row);
    for (const [name, state] of Object.entries(tallies)) {
      this.#count(name, state);
    }
    Object.assign(this.prompts, prompts);
    this.seconds += seconds;
  }

  #count(category: string, state: TallyState): void {
    try {
      this.tallies.get(category)?.merge(state);
    } catch (cause) {
      throw new DataSetError(
        `Cannot merge the run ${this.#plan.run} as the counts of its parts must be whole: ${
          cause instanceof Error ? cause.message : cause
        }`,
        { cause },
      );
    }
  }
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

async function addUp(plan: Plan, options: StoreOptions): Promise<Total> {
  const total = new Total(plan);
  const gaps: number[] = [];
  for (const [shard, range] of plan.ranges.entries()) {
    let end = range.start;
    for await (const part of readChain({ plan, shard }, range, options)) {
      await total.add(part);
      await storeErrors(plan, part, options);
      end += part.rows.length;
    }
    if (end !== range.end) gaps.push(shard);
  }
  assertAll(plan, gaps, total.rows.length);
  return total;
}

function summariseTotal(plan: Plan, total: Total, found: Evaluation): Summary {
  const { input, model, scoring, smooth, good, categories } = plan.header;
  const words = Object.entries(total.prompts).sort(([a], [b]) =>
    a < b ? -1 : 1
  );
  return summarise(found, {
    model: model.name,
    data: input.name,
    prompts: Object.fromEntries(words),
    scoring,
    smooth,
    frame: plan.header.frame,
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
  const total = await addUp(plan, options);
  const found = evaluationOf(total.rows, [...total.tallies]);
  const { rows } = found;
  const gallery = await pickPictures(plan, rows, options);
  const summary = summariseTotal(plan, total, found);
  const colours = { scale: "map", range: plan.header.heatRange } as const;
  const curves = reportCurves(found);
  const page = renderReport({ summary, rows, gallery, curves, colours });
  const text = `${JSON.stringify(summary, null, 2)}\n`;
  const encoder = new TextEncoder();
  const put = (
    key: string,
    bytes: Uint8Array<ArrayBuffer>,
    contentType: string,
  ) => plan.out.put(key, bytes, { ...options, contentType });
  const folder = `runs/${plan.run}`;
  await put(
    `${folder}/scores.parquet`,
    writeScores(rows, runNotes(summary)),
    "application/vnd.apache.parquet",
  );
  const { groups = new Map() } = found;
  if (groups.size > 0) {
    await put(
      `${folder}/${PIXEL_GROUPS_FILE}`,
      writePixelGroups(groups),
      "application/vnd.apache.parquet",
    );
  }
  await put(`${folder}/figures.csv`, encodeFiguresCsv(summary), "text/csv");
  await put(`${folder}/scores.csv`, encodeScoresCsv(rows), "text/csv");
  await put(
    `${folder}/scores.csv${CSV_METADATA_END}`,
    encodeCsvMetadata("scores.csv", summary),
    "application/csvm+json",
  );
  await put(`${folder}/report.html`, encoder.encode(page), "text/html");
  await put(summaryKey(plan.run), encoder.encode(text), "application/json");
  return { summary, rows };
}
