/**
 * Plans the runs that fill the paper's tables.
 *
 * @module
 */
import type { JsonObject } from "../checkpoint/json_file.ts";
import { ModelError } from "../checkpoint/model_error.ts";
import type { MethodName } from "../methods/methods.ts";
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
import {
  isTrainable,
  publishedModel,
  publishedTraining,
  remarkOnTraining,
  type RivalSettings,
} from "./rivals.ts";

/** A model, trained on one data set or published, and a test on the other. */
export interface PlannedRun {
  /** Its name, and the name of its folder. */
  readonly name: string;
  /** The method. */
  readonly method: MethodName;
  /** Name of a published model; null for the one that the user chose. */
  readonly model: string | null;
  /** How the model is trained first; null where its head is published or it needs none. */
  readonly training: PlannedTraining | null;
  /** The set that is trained on. */
  readonly train: SetName;
  /** Short name of how the choices differ from the model's own. */
  readonly variant: string;
  /** Seed of the head and of the order of images; null without training. */
  readonly seed: number | null;
}

/** How a model is trained before its test. */
export interface PlannedTraining {
  /** Choices that override those of the model. */
  readonly choices: JsonObject;
  /** How many times training sees each image; null for what all runs share. */
  readonly epochs: number | "published" | null;
  /** Share of images replaced by a mosaic of four of their category. */
  readonly mosaic: number;
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
  /** How Table 1 measures methods. */
  readonly rivals: RivalSettings;
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

/** Whether the rows of a table are of several methods. */
function comparesMethods(rows: readonly PaperRow[]): boolean {
  return rows.some(({ choices }) => choices === null);
}

class Planner {
  readonly runs = new Map<string, PlannedRun>();
  readonly #base: MfpClipConfig;
  readonly #options: TablePlanOptions;

  constructor(base: MfpClipConfig, options: TablePlanOptions) {
    this.#base = base;
    this.#options = options;
  }

  /**
   * Plans a row.
   *
   * @param isComparison Whether its table compares methods.
   */
  row(paper: PaperRow, isComparison: boolean): PlannedRow {
    const without = (note: string) => ({ paper, runs: [], note });
    const { source, rivals } = this.#options;
    if (isComparison && !rivals.methods.includes(paper.method)) {
      return without("its method was not chosen");
    }
    const refusal = source.refusal(trainingSetFor(paper.test));
    if (refusal !== undefined) return without(refusal);
    if (paper.choices === null) return this.#rivalRow(paper);
    const json = { ...mfpClipConfigToJson(this.#base), ...paper.choices };
    try {
      const config = parseMfpClipConfig(json, "mfp_clip.json");
      return { paper, runs: this.#runsOf(paper, config), note: noteOn(config) };
    } catch (error) {
      if (error instanceof ModelError) return without(error.message);
      throw error;
    }
  }

  /** A method of others: a run without training, or one for each seed. */
  #rivalRow(paper: PaperRow): PlannedRow {
    const { method, test } = paper;
    const { seeds, source, rivals } = this.#options;
    const train = trainingSetFor(test);
    const model = publishedModel(method, test);
    const common = { method, model, train };
    const place = `${method}-on-${source.nameOf(test)}`;
    if (!rivals.areTrained || !isTrainable(method)) {
      const parts = { ...common, training: null, seed: null };
      const run = this.#add({ ...parts, name: place, variant: "published" });
      return { paper, runs: [run], note: null };
    }
    const published = publishedTraining(method, train);
    const epochs = rivals.epochs ?? published.epochs ?? "published";
    const { mosaic } = published;
    const training: PlannedTraining = { choices: {}, epochs, mosaic };
    // Runs of other lengths have other names, so that none is taken for them.
    const variant = rivals.epochs === undefined
      ? "trained"
      : `trained-epochs-${rivals.epochs}`;
    const runs = seeds.map((seed) => {
      const name = `${place}-${variant}-seed-${seed}`;
      return this.#add({ ...common, name, variant, training, seed });
    });
    return { paper, runs, note: remarkOnTraining(method) };
  }

  #runsOf({ method, test }: PaperRow, config: MfpClipConfig): PlannedRun[] {
    const train = trainingSetFor(test);
    const variant = variantName(this.#base, config);
    const { seeds, source } = this.#options;
    const choices = mfpClipConfigToJson(config);
    const training = { choices, epochs: null, mosaic: 0 };
    const common = { method, model: null, train, variant, training };
    return seeds.map((seed) => {
      const name = `${source.nameOf(train)}-${variant}-seed-${seed}`;
      return this.#add({ ...common, name, seed });
    });
  }

  /** Keeps a run, or finds the equal one that is planned already. */
  #add(run: PlannedRun): PlannedRun {
    const found = this.runs.get(run.name) ?? run;
    this.runs.set(run.name, found);
    return found;
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
      rows: rows.map((row) => planner.row(row, comparesMethods(rows))),
    }));
  return { tables, runs: [...planner.runs.values()] };
}
