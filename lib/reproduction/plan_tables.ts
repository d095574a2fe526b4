/**
 * Which runs the tables of the paper take.
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
import type { ImageSource } from "./image_source.ts";

/** A model to train on one set and to test on the other one. */
export interface PlannedRun {
  /** Its name, and that of its folder. */
  readonly name: string;
  /** The set that is trained on. */
  readonly train: SetName;
  /** How the choices differ from the model's own, in short. */
  readonly variant: string;
  /** All choices of the model. */
  readonly config: MfpClipConfig;
  /** Seed of the head and of the order of images. */
  readonly seed: number;
}

/** A line of a table, and what measures it. */
export interface PlannedRow {
  /** What the paper prints. */
  readonly paper: PaperRow;
  /** One run per seed; none where it cannot be measured. */
  readonly runs: readonly PlannedRun[];
  /** Why it is not measured, or what to know of what is. */
  readonly note: string | null;
}

/** A table to fill. */
export interface PlannedTable {
  /** Its number in the paper. */
  readonly number: number;
  /** Its title there. */
  readonly title: string;
  /** Its lines. */
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
  /** Numbers of the tables; others are left out. */
  readonly tables: readonly number[];
  /** Each line is measured once for each. */
  readonly seeds: readonly number[];
  /** The images. */
  readonly source: Pick<ImageSource, "nameOf" | "refusal">;
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

/** Says so where self prompting has no block that it could prompt. */
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
 * Plans the runs that fill tables of the paper. Lines of the same choices
 * share their runs.
 *
 * @param base The model's own choices.
 * @param options Tables, seeds and images.
 * @returns The plan.
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
