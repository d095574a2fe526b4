/**
 * What the page of a reproduction shows beside its tables.
 *
 * @module
 */
import { formatMetric } from "../report/format.ts";
import { METRIC_TITLES, type MetricName } from "../results/summary.ts";
import type { TablePlan } from "./plan_tables.ts";
import type { RunOutcome, RunOutcomes } from "./run_plan.ts";
import type { ImageSource } from "./image_source.ts";
import { reasonOf, type TableView, tableView } from "./tables_view.ts";

/** What a reproduction was told. */
export interface PageSettings {
  /** Heading of the page. */
  readonly title: string;
  /** Name of the model. */
  readonly model: string;
  /** The images. */
  readonly source: Pick<ImageSource, "name" | "isPapers">;
  /** Seeds of each line. */
  readonly seeds: readonly number[];
  /** How often every image is seen. */
  readonly epochs: number;
  /** Steps after which training stops at the latest. */
  readonly maxSteps: number;
  /** Images of each category; Infinity for all. */
  readonly limit: number;
}

/** A line of the list of runs. */
export interface RunView {
  /** Its name, and that of its folder below runs/. */
  readonly name: string;
  /** Whether there is a report to link to. */
  readonly isDone: boolean;
  /** Name and text of each cell. */
  readonly cells: readonly (readonly [name: string, text: string])[];
  /** Why it is not done, or what to know of it. */
  readonly note: string | null;
}

/** All that a page shows. */
export interface PageView {
  /** Its heading. */
  readonly title: string;
  /** What was run. */
  readonly facts: readonly (readonly [name: string, text: string])[];
  /** How that differs from what the paper did. */
  readonly differences: readonly string[];
  /** The tables. */
  readonly tables: readonly TableView[];
  /** Why numbers have a spread, or none. */
  readonly reading: string;
  /** The runs. */
  readonly runs: readonly RunView[];
}

/** The registry's name of the paper's model, and what the paper calls it. */
const PAPERS_MODEL = ["vit-l-14-336", "CLIP ViT-L/14@336px"] as const;
const PAPERS_EPOCHS = 100;

const RUN_FIGURES: readonly MetricName[] = ["i_auroc", "p_auroc", "aupro"];

function trainingText({ epochs, maxSteps }: PageSettings): string {
  const times = epochs === 1 ? "1 epoch" : `${epochs} epochs`;
  return Number.isFinite(maxSteps)
    ? `${times}, at most ${maxSteps} steps`
    : times;
}

function differencesOf(settings: PageSettings): string[] {
  const { model, source, epochs, maxSteps, limit } = settings;
  const differences: string[] = [];
  if (!source.isPapers) {
    differences.push(
      `The images are not the paper's, MVTec AD and VisA, but the ${source.name}: the paper's numbers stand beside the measured ones for orientation, not for comparison`,
    );
  }
  if (model !== PAPERS_MODEL[0]) {
    differences.push(
      `The model is ${model}; the paper's is ${PAPERS_MODEL[1]}`,
    );
  }
  if (epochs !== PAPERS_EPOCHS || Number.isFinite(maxSteps)) {
    differences.push(
      `Trained for ${
        trainingText(settings)
      }; the paper's is for ${PAPERS_EPOCHS} epochs`,
    );
  }
  if (Number.isFinite(limit)) {
    differences.push(`Only ${limit} images of each category are used`);
  }
  return differences;
}

function noteOn(outcome: RunOutcome | undefined): string | null {
  if (outcome === undefined || "error" in outcome) return reasonOf(outcome);
  const { errors } = outcome.result.summary;
  return errors === 0 ? null : `${errors} images without a score`;
}

function runView(name: string, outcome: RunOutcome | undefined): RunView {
  const result = outcome !== undefined && "result" in outcome
    ? outcome.result
    : undefined;
  const count = (value: number | undefined) =>
    value === undefined ? "–" : value.toLocaleString("en");
  return {
    name,
    isDone: result !== undefined,
    cells: [
      ["Steps", count(result?.steps)],
      ["Images", count(result?.summary.images)],
      ...RUN_FIGURES.map((figure) =>
        [
          METRIC_TITLES[figure],
          formatMetric(result?.summary.mean[figure] ?? null, "–"),
        ] as const
      ),
    ],
    note: noteOn(outcome),
  };
}

function readingOf({ seeds }: PageSettings): string {
  const rule = "Metrics × 100, means over categories; the image score is the " +
    "maximum of the refined map; no smoothing";
  return seeds.length === 1
    ? `${rule}; one run of seed ${seeds[0]} each, so that chance is not told`
    : `${rule}; mean ± standard deviation over ${seeds.length} seeds of training (${
      seeds.join(", ")
    })`;
}

/**
 * Puts everything together that a page shows. The same outcomes give the same
 * page, whatever happened on the way to them.
 *
 * @param plan The plan.
 * @param outcomes What became of its runs.
 * @param settings What was told.
 * @returns What to show.
 */
export function pageView(
  plan: TablePlan,
  outcomes: RunOutcomes,
  settings: PageSettings,
): PageView {
  const { title, model, source, seeds } = settings;
  const runs = plan.runs.map(({ name }) => runView(name, outcomes.get(name)));
  const done = runs.filter(({ isDone }) => isDone).length;
  return {
    title,
    facts: [
      ["Model", model],
      ["Images", source.name],
      ["Training", trainingText(settings)],
      [seeds.length === 1 ? "Seed" : "Seeds", seeds.join(", ")],
      ["Runs done", `${done} of ${runs.length}`],
    ],
    differences: differencesOf(settings),
    tables: plan.tables.map((table) => tableView(table, outcomes)),
    reading: readingOf(settings),
    runs,
  };
}
