/**
 * What a run leaves in its folder, so that a later process can go on.
 *
 * @module
 */
import { z } from "zod";
import { isThere } from "../files/is_there.ts";
import { cannotLoad } from "../checkpoint/cannot_load.ts";
import { readJsonObject } from "../checkpoint/json_file.ts";
import { METRICS, type Summary } from "../results/summary.ts";
import type { PlannedRun } from "./plan_tables.ts";

const TRAINED = z.looseObject({ steps: z.int() });

const RESULT = z.looseObject({
  steps: z.int(),
  summary: z.looseObject({
    images: z.int(),
    errors: z.int(),
    mean: z.record(z.enum(METRICS), z.number().nullable()),
    score_rule: z.string().optional(),
    smooth: z.number().optional(),
  }),
});

/** The result of a finished run, stored in `done.json`. */
export interface PlannedRunResult {
  /** Steps of training. */
  readonly steps: number;
  /** The part of the evaluation that the tables need. */
  readonly summary:
    & Pick<Summary, "images" | "errors" | "mean">
    & {
      readonly score_rule?: string | undefined;
      readonly smooth?: number | undefined;
    };
}

/** Paths of a run. */
export interface RunPlaces {
  /** The trained model; absent where none is trained. */
  readonly model: string;
  /** The evaluation. */
  readonly results: string;
  /** Written when training is done. */
  readonly trained: string;
  /** Written when all is done. */
  readonly done: string;
}

/**
 * The paths of a run.
 *
 * @param folder The folder of all runs.
 */
export function placesOf(folder: string, { name }: PlannedRun): RunPlaces {
  const path = `${folder}/${name}`;
  return {
    model: `${path}/model`,
    results: `${path}/results`,
    trained: `${path}/trained.json`,
    done: `${path}/done.json`,
  };
}

async function readMarker<T>(
  path: string,
  schema: z.ZodType<T>,
): Promise<T | undefined> {
  if (!await isThere(path)) return undefined;
  const parsed = schema.safeParse(await readJsonObject(path));
  if (parsed.success) return parsed.data;
  const { path: place, message } = parsed.error.issues[0]!;
  cannotLoad(path, `${place.join(".")} is not what a run writes: ${message}`);
}

/** How many steps a run was trained for; undefined where it is not trained. */
export async function readTrainedSteps(
  { trained }: RunPlaces,
): Promise<number | undefined> {
  return (await readMarker(trained, TRAINED))?.steps;
}

/**
 * Reads the result of a run; undefined where it is not done.
 *
 * @param folder The folder of all runs.
 * @throws {ModelError} If the file is damaged.
 */
export async function readResult(
  folder: string,
  run: PlannedRun,
): Promise<PlannedRunResult | undefined> {
  return await readMarker(placesOf(folder, run).done, RESULT);
}
