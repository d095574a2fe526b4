/**
 * The flags of `reproduce` and `ablate`.
 *
 * @module
 */
import { PAPER_TABLES } from "../../lib/reproduction/paper_tables.ts";
import type { FlagValues } from "../cli/flags.ts";
import { UsageError } from "../cli/usage_error.ts";
import type { ModelFlags } from "./model_flags.ts";

/** What `--data` calls MVTec AD and VisA, where `download` has left them. */
export const PAPERS_DATA = "paper";

/** Flags that both verbs have, with the same defaults. */
export const REPRODUCTION_FLAGS = {
  table: {
    kind: "list",
    value: "N,N",
    help: "Fill these tables of the paper only",
  },
  epochs: {
    kind: "integer",
    min: 1,
    default: 100,
    help: "How often every image is trained on",
  },
  "max-steps": {
    kind: "integer",
    min: 1,
    help:
      "Stop each training after so many steps (default none; few on the synthetic set)",
  },
  seed: {
    kind: "integer",
    min: 0,
    default: 0,
    help: "Seed of new heads and of the order of images; the first of several",
  },
  limit: {
    kind: "integer",
    min: 2,
    help:
      "Take only so many images of each category, good and defective in turn (default all; few of the synthetic set)",
  },
  plan: {
    kind: "switch",
    help: "Print the runs and which of them are done, and do nothing else",
  },
} as const;

/** What the flags of both verbs read as. */
export interface ReproductionFlags
  extends
    FlagValues<typeof REPRODUCTION_FLAGS>,
    Pick<ModelFlags, "model" | "provider" | "threads"> {
  /** `paper`, `synthetic`, or a folder that `download --out` has filled. */
  readonly data: string;
  /** The folder for runs and tables. */
  readonly out: string;
}

/** How a verb goes where flags do not tell. */
export interface Miniature {
  /** Steps of each training on the synthetic set. */
  readonly maxSteps: number;
  /** Images of each synthetic category. */
  readonly limit: number;
}

/**
 * Reads `--table`.
 *
 * @param given What the flag reads as
 * @param all The tables that the verb fills
 * @returns Numbers of tables
 * @throws {UsageError} If the verb does not fill such a table
 */
export function tablesOf(
  given: readonly string[] | undefined,
  all: readonly number[],
): number[] {
  const known = PAPER_TABLES.map(({ number }) => number)
    .filter((number) => all.includes(number));
  const odd = given?.find((text) => !known.some((n) => `${n}` === text));
  if (odd !== undefined) {
    throw new UsageError(
      `Cannot read --table as its numbers must be among ${
        known.join(", ")
      }: current value is "${odd}"`,
    );
  }
  return known.filter((number) => given?.includes(`${number}`) ?? true);
}
