/**
 * The flags of `reproduce` and `ablate`.
 *
 * @module
 */
import {
  METHOD_NAMES,
  type MethodName,
  METHODS,
} from "../../lib/methods/methods.ts";
import { PAPER_TABLES } from "../../lib/reproduction/paper_tables.ts";
import { isTrainable } from "../../lib/reproduction/rivals.ts";
import type { FlagValues } from "../cli/flags.ts";
import { UsageError } from "../cli/usage_error.ts";
import { SYNTHETIC } from "./data_flags.ts";
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
    help:
      "How many times training sees each image (default 100, as the paper does, and for methods of others as their authors do)",
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

/** Flags about the table that compares methods. */
export const COMPARISON_FLAGS = {
  methods: {
    kind: "list",
    value: "A,B",
    help:
      "Methods of Table 1, by the names that --method knows (default all, and mfp-clip on the synthetic set)",
  },
  train: {
    kind: "switch",
    help:
      "Train the methods of others too; else the heads that their authors published are measured",
  },
} as const;

/** Values of {@linkcode COMPARISON_FLAGS}. */
export type ComparisonFlags = FlagValues<typeof COMPARISON_FLAGS>;

/** The method of the paper. */
const PAPERS_METHOD: MethodName = METHODS[0].name;

/** The table that compares methods. */
const COMPARISON_TABLE = 1;

/** The methods that `--methods` names, or those that it stands for. */
function namedMethods(
  given: readonly string[] | undefined,
  data: string,
): readonly MethodName[] {
  if (given === undefined) {
    return data === SYNTHETIC ? [PAPERS_METHOD] : METHOD_NAMES;
  }
  const odd = given.find((text) => !METHOD_NAMES.some((name) => name === text));
  if (odd !== undefined) {
    throw new UsageError(
      `Cannot read --methods as it must hold names among ${
        METHOD_NAMES.join(", ")
      }: current value is "${odd}"`,
    );
  }
  return METHOD_NAMES.filter((name) => given.includes(name));
}

/**
 * Reads which methods Table 1 measures.
 *
 * @throws {UsageError} If a flag would count for nothing.
 */
export function methodsOf(
  { methods: given, train, table, data }:
    & ComparisonFlags
    & Pick<ReproductionFlags, "table" | "data">,
): readonly MethodName[] {
  const methods = namedMethods(given, data);
  const isFilled = table?.includes(`${COMPARISON_TABLE}`) ?? true;
  const flag = train ? "--train" : "--methods";
  if (!isFilled && (train || given !== undefined)) {
    throw new UsageError(
      `Cannot use ${flag} as it is about Table ${COMPARISON_TABLE}, which --table must name: current value is "${
        table?.join(",")
      }"`,
    );
  }
  const others = methods.filter((name) => name !== PAPERS_METHOD);
  if (train && !others.some(isTrainable)) {
    throw new UsageError(
      `Cannot use --train as --methods must name a method of others that is trained: current value is "${
        methods.join(",")
      }"`,
    );
  }
  return methods;
}

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
