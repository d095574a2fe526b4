/**
 * The tables of the paper, as printed.
 *
 * @module
 */
import type { JsonObject } from "../checkpoint/json_file.ts";
import type { TrainingSet } from "../methods/method.ts";
import type { MethodName } from "../methods/methods.ts";
import text from "./paper_tables.json" with { type: "text" };

/** A data set of the paper: one is trained on, the other one tested on. */
export type SetName = TrainingSet;

/** The metrics that the paper prints, as I-AUC and P-AUC. */
export const PRINTED_METRICS = ["i_auroc", "p_auroc"] as const;

/** A metric that the paper prints. */
export type PrintedMetric = (typeof PRINTED_METRICS)[number];

/** What the authors of a method report of it, in percent. */
export interface AuthorsNumbers
  extends Readonly<Record<PrintedMetric, string | null>> {
  /** Where they report it. */
  readonly source: string;
}

/** One row of a table, in percent with the decimals of the paper. */
export interface PaperRow extends Readonly<Record<PrintedMetric, string>> {
  /** What the row is about. */
  readonly label: string;
  /** The set that is tested on. */
  readonly test: SetName;
  /** Where in the paper it stands. */
  readonly source: string;
  /** The method of the row. */
  readonly method: MethodName;
  /**
   * How the model differs, in the words of mfp_clip.json; null for a method
   * of others.
   */
  readonly choices: JsonObject | null;
  /** Whether the other rows of the table are ablations of this one. */
  readonly reference?: boolean;
  /**
   * The numbers of the method's own authors.
   *
   * @default {the row is about the paper's own method}
   */
  readonly authors?: AuthorsNumbers;
}

/** A table. */
export interface PaperTable {
  /** Its number in the paper. */
  readonly number: number;
  /** Its title there. */
  readonly title: string;
  /** Its rows. */
  readonly rows: readonly PaperRow[];
}

interface Paper {
  readonly paper: string;
  readonly tables: readonly PaperTable[];
}

const PAPER: Paper = JSON.parse(text);

/** The title of the paper. */
export const PAPER_TITLE: string = PAPER.paper;

/** Tables 1 to 4 of the paper. */
export const PAPER_TABLES: readonly PaperTable[] = PAPER.tables;

/** The set that is trained on where the other one is tested on. */
export function trainingSetFor(test: SetName): SetName {
  return test === "mvtec" ? "visa" : "mvtec";
}
