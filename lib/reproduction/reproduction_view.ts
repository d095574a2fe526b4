/**
 * What `tables.md` says: the tables, the runs behind them, and how the runs
 * differ from those of the paper.
 *
 * @module
 */
import { formatMetric } from "../report/format.ts";
import { METRIC_TITLES, type MetricName } from "../results/summary.ts";
import type { PlannedRun, TablePlan } from "./plan_tables.ts";
import type { RunOutcome, RunOutcomes } from "./run_plan.ts";
import type { ReproductionImages } from "./reproduction_images.ts";
import type { PlannedRunResult } from "./run_result.ts";
import { reasonOf, type TableView, tableView } from "./tables_view.ts";

/** What the user chose. */
export interface ReproductionSettings {
  /** Heading of the document. */
  readonly title: string;
  /** Name of the model. */
  readonly model: string;
  /** The images. */
  readonly source: Pick<ReproductionImages, "name" | "isPapers">;
  /** Seeds of each row. */
  readonly seeds: readonly number[];
  /** How many times training sees each image. */
  readonly epochs: number;
  /** Training stops after this many steps at the latest. */
  readonly maxSteps: number;
  /** Images of each category; Infinity for all. */
  readonly limit: number;
}

/** One row of the list of runs. */
export interface RunView {
  /** Its name, and the name of its folder in `runs/`. */
  readonly name: string;
  /** Name and text of each cell. */
  readonly cells: readonly (readonly [name: string, text: string])[];
  /** Why it is not done, or a remark on its result. */
  readonly note: string | null;
}

/** All that the document says. */
export interface ReproductionView {
  /** Its heading. */
  readonly title: string;
  /** What was run. */
  readonly facts: readonly (readonly [name: string, text: string])[];
  /** How that differs from what the paper did. */
  readonly differences: readonly string[];
  /** The tables. */
  readonly tables: readonly TableView[];
  /** How to read the numbers. */
  readonly reading: string;
  /** The runs. */
  readonly runs: readonly RunView[];
}

/** The registry's name of the paper's model, and the paper's name of it. */
const PAPERS_MODEL = ["vit-l-14-336", "CLIP ViT-L/14@336px"] as const;
const PAPERS_EPOCHS = 100;

const RUN_METRICS: readonly MetricName[] = ["i_auroc", "p_auroc", "aupro"];

function trainingText({ epochs, maxSteps }: ReproductionSettings): string {
  const times = epochs === 1 ? "1 epoch" : `${epochs} epochs`;
  return Number.isFinite(maxSteps)
    ? `${times}, at most ${maxSteps} steps`
    : times;
}

function differencesOf(settings: ReproductionSettings): string[] {
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
    const training = trainingText(settings);
    differences.push(
      `Trained for ${training}; the paper trains for ${PAPERS_EPOCHS} epochs`,
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

/** How a run scores images and smooths maps. */
function scoringCells(
  result: PlannedRunResult | undefined,
): (readonly [name: string, text: string])[] {
  const { score_rule, smooth } = result?.summary ?? {};
  return [
    ["Image score", score_rule ?? "–"],
    ["Smoothing, sigma", smooth?.toString() ?? "–"],
  ];
}

/**
 * One row of the list of runs.
 *
 * @param saysScoring Whether runs score images in different ways.
 */
function runView(
  name: string,
  outcome: RunOutcome | undefined,
  saysScoring: boolean,
): RunView {
  const result = outcome !== undefined && "result" in outcome
    ? outcome.result
    : undefined;
  const count = (value: number | undefined) =>
    value === undefined ? "–" : value.toLocaleString("en");
  return {
    name,
    cells: [
      ["Steps", count(result?.steps)],
      ["Images", count(result?.summary.images)],
      ...RUN_METRICS.map((metric) =>
        [
          METRIC_TITLES[metric],
          formatMetric(result?.summary.mean[metric] ?? null, "–"),
        ] as const
      ),
      ...saysScoring ? scoringCells(result) : [],
    ],
    note: noteOn(outcome),
  };
}

const OWN_SCORING =
  "the image score is the maximum of the refined map; no smoothing";

function readingOf(
  { seeds }: ReproductionSettings,
  saysScoring: boolean,
): string {
  const scoring = saysScoring
    ? "each method scores images and smooths maps as it was published, which the list of runs states"
    : OWN_SCORING;
  const rule = `Metrics × 100, means over categories; ${scoring}`;
  return seeds.length === 1
    ? `${rule}; one run of seed ${seeds[0]} each, so no spread is known`
    : `${rule}; mean ± standard deviation over ${seeds.length} seeds of training (${
      seeds.join(", ")
    })`;
}

/** Where the heads of other methods come from. */
function headsFact(
  others: readonly PlannedRun[],
): readonly [name: string, text: string] {
  const areTrained = others.some(({ training }) => training !== null);
  const text = areTrained
    ? "trained here, with the settings of their authors where no other is given"
    : "as their authors published them";
  return ["Heads of other methods", text];
}

/**
 * Builds the document of a reproduction. It depends on its arguments alone, so
 * an interrupted reproduction ends with the same document.
 *
 * @param outcomes Results and errors of the runs of `plan`.
 */
export function reproductionView(
  plan: TablePlan,
  outcomes: RunOutcomes,
  settings: ReproductionSettings,
): ReproductionView {
  const { title, model, source, seeds } = settings;
  const done = [...outcomes.values()].filter((found) => "result" in found);
  const others = plan.runs.filter(({ model }) => model !== null);
  const saysScoring = others.length > 0;
  return {
    title,
    facts: [
      ["Model", model],
      ["Images", source.name],
      ["Training", trainingText(settings)],
      ...saysScoring ? [headsFact(others)] : [],
      [seeds.length === 1 ? "Seed" : "Seeds", seeds.join(", ")],
      ["Runs done", `${done.length} of ${plan.runs.length}`],
    ],
    differences: differencesOf(settings),
    tables: plan.tables.map((table) => tableView(table, outcomes)),
    reading: readingOf(settings, saysScoring),
    runs: plan.runs.map(({ name }) =>
      runView(name, outcomes.get(name), saysScoring)
    ),
  };
}
