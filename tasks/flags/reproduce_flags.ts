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
    help: "Tables to fill (default all)",
  },
  epochs: {
    kind: "integer",
    min: 1,
    default: 100,
    help: "How many times training sees each image",
  },
  "max-steps": {
    kind: "integer",
    min: 1,
    help:
      "Stop each training after this many steps (default no limit; few on the synthetic set)",
  },
  seed: {
    kind: "integer",
    min: 0,
    default: 0,
    help: "First seed of heads and of the order of images",
  },
  limit: {
    kind: "integer",
    min: 2,
    help:
      "Images of each category, good and defective in turn (default all; few of the synthetic set)",
  },
  plan: {
    kind: "switch",
    help: "Print the runs and which are done, and do nothing else",
  },
} as const;

/** Values of the flags of both verbs. */
export interface ReproductionFlags
  extends
    FlagValues<typeof REPRODUCTION_FLAGS>,
    Pick<ModelFlags, "model" | "provider" | "threads"> {
  /** `paper`, `synthetic`, or a folder that `download --out` has filled. */
  readonly data: string;
  /** The folder for runs and tables. */
  readonly out: string;
}

/** Size of a verb on the synthetic set. */
export interface Miniature {
  /** Steps of each training on the synthetic set. */
  readonly maxSteps: number;
  /** Images of each synthetic category. */
  readonly limit: number;
}

/**
 * Reads `--table`.
 *
 * @param all Numbers of the tables that the verb fills.
 * @throws {UsageError} If the verb does not fill such a table.
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
