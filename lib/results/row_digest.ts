/**
 * What a summary and a report say of rows, without the rows.
 *
 * @module
 */
import type { ImageSize } from "../image/image.ts";
import type { CategoryScores } from "./decision.ts";
import { PackedScores } from "./packed_scores.ts";
import type { ScoreRow } from "./summary.ts";
import type { Confusion, VerdictCounts } from "./verdict.ts";

/** Most images that a report lists: about 400 kB of the page. */
const ROWS_LISTED = 2000;

/** Most errors that a report lists; the others are counted. */
const ERRORS_LISTED = 200;

/** Images of one size. */
export interface SizeCount extends ImageSize {
  /** How many there are. */
  count: number;
}

/** What is said of the rows of one category. */
export interface CategoryDigest {
  /** Scores by label. */
  readonly scores: { readonly [K in keyof CategoryScores]: PackedScores };
  /** The threshold of the category; null for none. */
  threshold: number | null;
  /** Whether good images say how sure a verdict is. */
  isCalibrated: boolean;
  /** Whether any image has a label. */
  hasLabels: boolean;
  /** How many images were judged, and how. */
  readonly verdicts: { -readonly [K in keyof VerdictCounts]: number };
  /** Verdicts beside labels. */
  readonly confusion: { -readonly [K in keyof Confusion]: number };
  /** Sizes of its images, the one that was met first first. */
  readonly sizes: Map<string, SizeCount>;
}

function emptyCategory(): CategoryDigest {
  return {
    scores: {
      good: new PackedScores(),
      defective: new PackedScores(),
      unlabelled: new PackedScores(),
    },
    threshold: null,
    isCalibrated: false,
    hasLabels: false,
    verdicts: { anomalous: 0, judged: 0 },
    confusion: {
      true_positives: 0,
      false_positives: 0,
      true_negatives: 0,
      false_negatives: 0,
    },
    sizes: new Map(),
  };
}

/** Orders rows for the list of a report: the worst first. */
function byScore(a: ScoreRow, b: ScoreRow): number {
  const worse = Number(b.is_anomalous ?? false) -
    Number(a.is_anomalous ?? false);
  return worse || (b.score_logit ?? -Infinity) - (a.score_logit ?? -Infinity) ||
    (a.key < b.key ? -1 : 1);
}

/** Rows that were looked at once, one after the other. */
export class RowDigest {
  readonly #categories = new Map<string, CategoryDigest>();
  #highest: ScoreRow[] = [];
  readonly #failed: ScoreRow[] = [];
  #images = 0;
  #errors = 0;

  /** Looks at rows, ordered by key. */
  static of(rows: Iterable<ScoreRow> | RowDigest): RowDigest {
    if (rows instanceof RowDigest) return rows;
    const digest = new RowDigest();
    for (const row of rows) digest.add(row);
    return digest;
  }

  /** How many rows there were. */
  get images(): number {
    return this.#images;
  }

  /** How many of them have no score. */
  get errors(): number {
    return this.#errors;
  }

  /** The first rows without a score. */
  get failed(): readonly ScoreRow[] {
    return this.#failed;
  }

  /** The rows that a report lists, the highest scores first. */
  get highest(): readonly ScoreRow[] {
    return this.#highest.toSorted(byScore).slice(0, ROWS_LISTED);
  }

  /** What is said of each category. */
  get categories(): ReadonlyMap<string, CategoryDigest> {
    return this.#categories;
  }

  /** Looks at the next row. */
  add(row: ScoreRow): void {
    this.#images++;
    if (row.error !== null) {
      this.#errors++;
      if (this.#failed.length < ERRORS_LISTED) this.#failed.push(row);
    }
    this.#highest.push(row);
    if (this.#highest.length >= 2 * ROWS_LISTED) {
      this.#highest = [...this.highest];
    }
    const category = this.#categories.get(row.category) ?? emptyCategory();
    this.#categories.set(row.category, category);
    addScore(category, row);
    addVerdict(category, row);
    addSize(category, row);
  }
}

function addScore(
  { scores }: CategoryDigest,
  { label, score_logit }: ScoreRow,
): void {
  if (score_logit === null) return;
  if (label === null) scores.unlabelled.add(score_logit);
  else scores[label === 1 ? "defective" : "good"].add(score_logit);
}

function addVerdict(category: CategoryDigest, row: ScoreRow): void {
  const { label, is_anomalous: verdict, threshold, confidence } = row;
  category.threshold ??= threshold ?? null;
  category.isCalibrated ||= typeof confidence === "number";
  category.hasLabels ||= label !== null;
  if (verdict === null || verdict === undefined) return;
  category.verdicts.judged++;
  if (verdict) category.verdicts.anomalous++;
  if (label === null) return;
  if (verdict) {
    category.confusion[label === 1 ? "true_positives" : "false_positives"]++;
  } else {
    category.confusion[label === 1 ? "false_negatives" : "true_negatives"]++;
  }
}

function addSize({ sizes }: CategoryDigest, { width, height }: ScoreRow): void {
  if (width === null || height === null) return;
  const name = `${width}x${height}`;
  const size = sizes.get(name) ?? { width, height, count: 0 };
  sizes.set(name, size);
  size.count++;
}

/** The verdicts of all categories together. */
export function totalVerdicts(digest: RowDigest): VerdictCounts {
  const total = { anomalous: 0, judged: 0 };
  for (const { verdicts } of digest.categories.values()) {
    total.anomalous += verdicts.anomalous;
    total.judged += verdicts.judged;
  }
  return total;
}
