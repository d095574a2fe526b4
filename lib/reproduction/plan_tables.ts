/**
 * Plans the runs that fill the paper's tables.
 *
 * @module
 */
import { ModelError } from "../checkpoint/model_error.ts";
import {
  type MfpClipConfig,
  mfpClipConfigToJson,
  parseMfpClipConfig,
} from "../methods/mfp_clip/config.ts";
import {
  PAPER_TABLES,
  type PaperRow,
  type SetName,
  trainingSetFor,
} from "./paper_tables.ts";
import type { ReproductionImages } from "./reproduction_images.ts";

/** A training on one data set, and a test on the other one. */
export interface PlannedRun {
  /** Its name, and the name of its folder. */
  readonly name: string;
  /** The set that is trained on. */
  readonly train: SetName;
  /** Short name of how the choices differ from the model's own. */
  readonly variant: string;
  /** All choices of the model. */
  readonly config: MfpClipConfig;
  /** Seed of the head and of the order of images. */
  readonly seed: number;
}

/** A row of a table, and the runs that measure it. */
export interface PlannedRow {
  /** What the paper prints. */
  readonly paper: PaperRow;
  /** One run per seed; none where it cannot be measured. */
  readonly runs: readonly PlannedRun[];
  /** Why it is not measured, or a remark on the result. */
  readonly note: string | null;
}

/** A table to fill. */
export interface PlannedTable {
  /** Its number in the paper. */
  readonly number: number;
  /** Its title there. */
  readonly title: string;
  /** Its rows. */
  readonly rows: readonly PlannedRow[];
}

/** Tables, and the runs that fill them. */
export interface TablePlan {
  /** The tables. */
  readonly tables: readonly PlannedTable[];
  /** Each run once, in the order in which tables need them. */
  readonly runs: readonly PlannedRun[];
}

/** Options of {@linkcode planTables}. */
export interface TablePlanOptions {
  /** Numbers of the tables to fill. */
  readonly tables: readonly number[];
  /** Each row is measured once per seed. */
  readonly seeds: readonly number[];
  /** The images. */
  readonly source: Pick<ReproductionImages, "nameOf" | "refusal">;
}

function variantName(base: MfpClipConfig, config: MfpClipConfig): string {
  const before = mfpClipConfigToJson(base);
  const parts = Object.entries(mfpClipConfigToJson(config))
    .filter(([key, value]) => `${value}` !== `${before[key]}`)
    .map(([key, value]) => {
      const name = key.replaceAll("_", "-");
      if (typeof value !== "boolean") return `${name}-${value}`;
      return value ? name : `no-${name}`;
    });
  return parts.length === 0 ? "full" : parts.join("-");
}

/** A remark where self prompting has no block to insert prompts into. */
function noteOn({ sp, taps, spStages }: MfpClipConfig): string | null {
  if (!sp || taps[spStages - 1]! >= 2) return null;
  return "the first stage of this model has one block, so that SP in this " +
    "stage alone inserts nothing";
}

class Planner {
  readonly runs = new Map<string, PlannedRun>();
  readonly #base: MfpClipConfig;
  readonly #options: TablePlanOptions;

  constructor(base: MfpClipConfig, options: TablePlanOptions) {
    this.#base = base;
    this.#options = options;
  }

  row(paper: PaperRow): PlannedRow {
    const without = (note: string) => ({ paper, runs: [], note });
    if (paper.choices === null) {
      return without("a method of others, which is not part of this project");
    }
    const train = trainingSetFor(paper.test);
    const refusal = this.#options.source.refusal(train);
    if (refusal !== undefined) return without(refusal);
    const json = { ...mfpClipConfigToJson(this.#base), ...paper.choices };
    try {
      const config = parseMfpClipConfig(json, "mfp_clip.json");
      return { paper, runs: this.#runsOf(train, config), note: noteOn(config) };
    } catch (error) {
      if (error instanceof ModelError) return without(error.message);
      throw error;
    }
  }

  #runsOf(train: SetName, config: MfpClipConfig): PlannedRun[] {
    const variant = variantName(this.#base, config);
    const { seeds, source } = this.#options;
    return seeds.map((seed) => {
      const name = `${source.nameOf(train)}-${variant}-seed-${seed}`;
      const run = this.runs.get(name) ??
        { name, train, variant, config, seed };
      this.runs.set(name, run);
      return run;
    });
  }
}

/**
 * Plans the runs that fill tables of the paper. Rows with the same choices
 * share their runs.
 *
 * @param base The model's own choices.
 */
export function planTables(
  base: MfpClipConfig,
  options: TablePlanOptions,
): TablePlan {
  const planner = new Planner(base, options);
  const tables = PAPER_TABLES
    .filter(({ number }) => options.tables.includes(number))
    .map(({ number, title, rows }) => ({
      number,
      title,
      rows: rows.map((row) => planner.row(row)),
    }));
  return { tables, runs: [...planner.runs.values()] };
}
