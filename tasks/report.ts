/**
 * `report compare A B`: two runs on the same images, compared.
 *
 * @module
 */
import { join } from "node:path";
import { z } from "zod";
import { readPlainFile, readPlainText } from "../lib/files/plain_file.ts";
import {
  type ComparedRun,
  ComparedSummarySchema,
  compareRuns,
} from "../lib/report/comparison.ts";
import { renderComparison } from "../lib/report/comparison_text.ts";
import {
  PIXEL_GROUPS_FILE,
  readPixelGroups,
} from "../lib/results/pixel_groups_file.ts";
import { readScores } from "../lib/results/scores_parquet.ts";
import { type Command, defineCommand, type Invocation } from "./cli/command.ts";
import { EXIT } from "./cli/exit.ts";
import { UsageError } from "./cli/usage_error.ts";

const FLAGS = {
  json: {
    kind: "switch",
    help: "Print the comparison as JSON on stdout instead of the table",
  },
} as const;

/** What reading throws where a folder holds no finished run. */
const NO_RUN = [
  Deno.errors.NotFound,
  Deno.errors.NotADirectory,
  SyntaxError,
  TypeError,
  RangeError,
  z.ZodError,
];

/** Whether a folder holds no finished run; hyparquet throws plain errors. */
function isNoRun(cause: unknown): boolean {
  return cause instanceof Error &&
    (cause.constructor === Error ||
      NO_RUN.some((kind) => cause instanceof kind));
}

async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    return await Deno.readFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

async function readRun(folder: string): Promise<ComparedRun> {
  try {
    const text = await readPlainText(join(folder, "summary.json"));
    const summary = ComparedSummarySchema.parse(JSON.parse(text));
    const bytes = await readPlainFile(join(folder, "scores.parquet"));
    const rows = await readScores(bytes);
    const pixels = await readIfThere(join(folder, PIXEL_GROUPS_FILE));
    return {
      folder,
      summary,
      rows,
      ...pixels && { groups: await readPixelGroups(pixels) },
    };
  } catch (cause) {
    if (!isNoRun(cause)) throw cause;
    throw new UsageError(
      `Cannot compare ${folder} as it must be the --out of a finished eval, or the folder of a merged run, with summary.json and scores.parquet`,
      { cause },
    );
  }
}

async function run(
  { flags, positionals: [action, ...folders] }: Invocation<typeof FLAGS>,
): Promise<number> {
  const [first, second, ...others] = folders;
  if (
    action !== "compare" || first === undefined || second === undefined ||
    others.length > 0
  ) {
    throw new UsageError(
      'Cannot start as "report compare A B" takes two folders of results',
    );
  }
  const runs = await Promise.all([readRun(first), readRun(second)]);
  let comparison;
  try {
    comparison = compareRuns(...runs);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new UsageError(error.message, { cause: error });
  }
  console.log(
    flags.json
      ? JSON.stringify(comparison)
      : renderComparison(comparison).trimEnd(),
  );
  return EXIT.done;
}

/** The verb. */
export const command: Command = defineCommand({
  positionals: ["compare", "A", "B"],
  flags: FLAGS,
  run,
});
