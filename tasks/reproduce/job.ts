/**
 * Plans a call of `reproduce` or `ablate`.
 *
 * @module
 */
import { mfpClipConfigToJson } from "../../lib/methods/mfp_clip/config.ts";
import type { ReproductionSettings } from "../../lib/reproduction/reproduction_view.ts";
import {
  planTables,
  type TablePlan,
} from "../../lib/reproduction/plan_tables.ts";
import type { CommonSettings } from "../../lib/reproduction/run_plan.ts";
import type { ReproductionImages } from "../../lib/reproduction/reproduction_images.ts";
import { SYNTHETIC } from "../flags/data_flags.ts";
import {
  type Miniature,
  PAPERS_DATA,
  type ReproductionFlags,
  tablesOf,
} from "../flags/reproduce_flags.ts";
import type { RivalSettings } from "../../lib/reproduction/rivals.ts";
import { findModel, type FoundModel, imagesOf, missingSets } from "./images.ts";
import { findPublished, type PublishedModels } from "./published.ts";

/** What one of the verbs fills. */
export interface Reproduction {
  /** Heading of tables.md. */
  readonly title: string;
  /** Numbers of the tables that it fills. */
  readonly tables: readonly number[];
  /** How many seeds measure each row. */
  readonly seeds: number;
  /** Its size on the synthetic set. */
  readonly miniature: Miniature;
  /** How Table 1 measures methods. */
  readonly rivals: Omit<RivalSettings, "epochs">;
}

/** How many times the paper sees each image. */
const PAPERS_EPOCHS = 100;

/** The work of one call. */
export interface Job {
  /** The command line. */
  readonly flags: ReproductionFlags;
  /** The model; it may still have to be downloaded. */
  readonly model: FoundModel;
  /** The models of other methods that the runs need. */
  readonly published: PublishedModels;
  /** The images. */
  readonly source: ReproductionImages;
  /** The runs. */
  readonly plan: TablePlan;
  /** What tables.md says about them. */
  readonly settings: ReproductionSettings;
}

/**
 * Plans the work.
 *
 * @throws {ModelError} If there is no such model.
 * @throws {UsageError} If the verb does not fill such a table.
 */
export async function jobOf(
  flags: ReproductionFlags,
  { title, tables, seeds: count, miniature, ...others }: Reproduction,
): Promise<Job> {
  const { model: name, data, seed, epochs = PAPERS_EPOCHS } = flags;
  const isSmall = data === SYNTHETIC;
  const limit = flags.limit ?? (isSmall ? miniature.limit : Infinity);
  const maxSteps = flags["max-steps"] ??
    (isSmall ? miniature.maxSteps : Infinity);
  const numbers = tablesOf(flags.table, tables);
  const model = await findModel(name);
  const source = imagesOf(data, limit);
  const seeds = Array.from({ length: count }, (_, i) => seed + i);
  const rivals = { ...others.rivals, epochs: flags.epochs };
  const options = { tables: numbers, seeds, source, rivals };
  const plan = planTables(model.config, options);
  const published = await findPublished(plan, data);
  const settings = { title, model: name, source, seeds, epochs, maxSteps };
  const parts = { flags, model, published, source, plan };
  return { ...parts, settings: { ...settings, limit } };
}

/** A number for JSON, which has no infinity: null stands for it. */
function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

/** Name -> value of what must not change when a call is repeated. */
export function commonSettings(
  { flags, model, settings }: Job,
): CommonSettings {
  const { epochs, maxSteps, limit } = settings;
  return {
    model: flags.model,
    "choices of the model": JSON.stringify(mfpClipConfigToJson(model.config)),
    data: flags.data,
    epochs,
    "number of steps": finite(maxSteps),
    "images of each category": finite(limit),
  };
}

/** Says what must be downloaded first, and how; undefined for nothing. */
export async function missingText(
  { flags: { model: name, data }, model, published, plan }: Job,
): Promise<string | undefined> {
  const sets = await missingSets(plan, data);
  const isNeeded = plan.runs.some((run) => run.model === null);
  const own = isNeeded && model.directory === undefined ? [name] : [];
  const models = [...own, ...published.missing];
  const isNamed = data === SYNTHETIC || data === PAPERS_DATA;
  const commands = isNamed
    ? [[...models, ...sets]]
    : [models, sets.length === 0 ? [] : [...sets, `--out ${data}`]];
  const told = commands.filter(({ length }) => length > 0)
    .map((words) => `deno task download ${words.join(" ")}`);
  if (told.length === 0) return undefined;
  const names = [...models, ...sets].join(", ");
  return `Cannot run the plan as ${names} must be downloaded first: run ${
    told.join(" and ")
  }`;
}
