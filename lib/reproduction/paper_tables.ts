/**
 * The tables of the paper, as printed.
 *
 * @module
 */
import type { JsonObject } from "../checkpoint/json_file.ts";
import text from "./paper_tables.json" with { type: "text" };

/** A data set of the paper: one is trained on, the other one tested on. */
export type SetName = "mvtec" | "visa";

/** The figures that the paper prints: its I-AUC and P-AUC. */
export const PRINTED = ["i_auroc", "p_auroc"] as const;

/** A figure that the paper prints. */
export type Printed = (typeof PRINTED)[number];

/** One line of a table, in percent and with the decimals that are printed. */
export interface PaperRow extends Readonly<Record<Printed, string>> {
  /** What the line is about. */
  readonly label: string;
  /** The set that is tested on. */
  readonly test: SetName;
  /** Where in the paper it stands. */
  readonly source: string;
  /**
   * How the model differs, in the words of mfp_clip.json; null for a method
   * of others.
   */
  readonly choices: JsonObject | null;
  /** Whether the table's other lines are ablations of this one. */
  readonly reference?: boolean;
}

/** A table. */
export interface PaperTable {
  /** Its number in the paper. */
  readonly number: number;
  /** Its title there. */
  readonly title: string;
  /** Its lines. */
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
