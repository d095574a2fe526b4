/**
 * The thresholds of runs in shards, from flags.
 *
 * @module
 */
import { goodOfProfile, type PlannedGood } from "../../lib/batch/good.ts";
import type { RunSettings } from "../../lib/batch/run.ts";
import {
  type StoredCriteria,
  storedCriteria,
} from "../../lib/batch/stored_criteria.ts";
import type { Detector } from "../../lib/detector/detector.ts";
import {
  assertSamePrompts,
  assertSameRun,
} from "../../lib/evaluation/use_profile.ts";
import { readProfile } from "../../lib/references/profile.ts";
import type { VerdictFlags } from "./verdict_flags.ts";
import { checkCategories } from "./verdicts.ts";

/** What flags say of the verdicts of a run. */
export interface PlannedVerdicts {
  /** The thresholds, for the manifest. */
  readonly criteria?: StoredCriteria;
  /** The good images of a profile. */
  readonly good?: PlannedGood;
  /** The profile, if there is one. */
  readonly profile?: {
    /** Says which categories it does not know; all of them is an error. */
    readonly check: (categories: readonly string[]) => void;
  };
}

/**
 * Plans how the images of a run are judged.
 *
 * @param flags The flags.
 * @param settings The settings of the run.
 * @throws {ModelError} If the profile cannot be used.
 */
export async function plannedVerdicts(
  { profile: path, threshold }: VerdictFlags,
  settings: Pick<RunSettings, "model"> & Partial<RunSettings>,
): Promise<PlannedVerdicts> {
  if (threshold !== undefined) return { criteria: { threshold } };
  if (path === undefined) return {};
  const loaded = await readProfile(path);
  const { model, smooth = 0, precision = "f32", bitDepth = 16 } = settings;
  const { ignoreOrientation = false, frame } = settings;
  const { fingerprint } = model;
  assertSameRun(loaded, {
    model: fingerprint,
    smooth,
    precision,
    bitDepth,
    ignoreOrientation,
    frame,
  });
  const { categories } = loaded.profile;
  return {
    criteria: storedCriteria(categories),
    good: goodOfProfile(loaded),
    profile: {
      check: (asked) => checkCategories(path, Object.keys(categories), asked),
    },
  };
}

/**
 * Checks that products are called as they were when the profile was made.
 *
 * @param detector The detector of a worker.
 * @param flags The flags.
 * @throws {ModelError} If one is not.
 */
export async function assertPrompts(
  detector: Detector,
  { profile: path }: VerdictFlags,
): Promise<void> {
  if (path !== undefined) assertSamePrompts(await readProfile(path), detector);
}
