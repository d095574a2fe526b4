/**
 * The settings of runs, from flags.
 *
 * @module
 */
import { importLate } from "../../lib/async/import_late.ts";
import { runningPrecision } from "../../lib/detector/int8/model_groups.ts";
import type { Detector } from "../../lib/detector/detector.ts";
import { fingerprint } from "../../lib/methods/fingerprint.ts";
import { scoringOf } from "../../lib/methods/scoring.ts";
import type { Scoring } from "../../lib/results/summary.ts";
import { METHODS } from "../../lib/methods/methods.ts";
import { openModelDirectory } from "../../lib/methods/model_directory.ts";
import { Framing } from "../../lib/framing/framing.ts";
import type { RunSettings } from "../../lib/batch/run.ts";
import type { BitDepth } from "../../lib/image/decode.ts";
import type { DATA_FLAGS, LISTING_FLAGS } from "./data_flags.ts";
import type { FlagValues } from "../cli/flags.ts";
import {
  type FrameFlags,
  framingOptions,
  orWrongUsage,
} from "./frame_flags.ts";
import { cacheOption } from "../hub_places.ts";
import {
  type MODEL_FLAGS,
  modelDirectory,
  promptsHash,
} from "./model_flags.ts";
import { precisionOf } from "./precision.ts";
import type { SCORE_FLAGS } from "./score_flags.ts";

type SettingFlags =
  & FlagValues<
    & Pick<
      typeof MODEL_FLAGS,
      "model" | "method" | "smooth" | "precision" | "provider" | "prompts"
    >
    & Pick<typeof LISTING_FLAGS, "object">
    & Pick<typeof DATA_FLAGS, "bit-depth">
    & Pick<typeof SCORE_FLAGS, "heat-range">
  >
  & Partial<FlagValues<Pick<typeof DATA_FLAGS, "ignore-orientation">>>
  & Partial<FrameFlags>
  & {
    readonly good?: string | undefined;
    readonly profile?: string | undefined;
  };

/** Whether images are compared with good ones. */
async function comparesGood({ good, profile }: SettingFlags): Promise<boolean> {
  if (good !== undefined) return true;
  if (profile === undefined) return false;
  const address = new URL("../../lib/references/profile.ts", import.meta.url);
  const { readProfile } = await importLate<
    typeof import("../../lib/references/profile.ts")
  >(address);
  return (await readProfile(profile)).memories.size > 0;
}

/** Settings of runs, but for what names the model. */
export type SettingsBesideModel = Omit<RunSettings, "model">;

/** How a model runs, of what the flags say and what they leave open. */
interface RunningModel
  extends Pick<RunSettings, "smooth" | "precision" | "frame"> {
  /** How it scores images, beside good ones or not. */
  scoringOf(isGood: boolean): Scoring;
}

async function settingsOf(
  flags: SettingFlags,
  { smooth, precision, frame, scoringOf }: RunningModel,
): Promise<SettingsBesideModel> {
  const scoring = scoringOf(await comparesGood(flags));
  return {
    // Manifests do not say it of MFP-CLIP.
    ...scoring.method !== METHODS[0].title && { scoring },
    smooth,
    precision,
    prompts: await promptsHash(flags),
    heatRange: flags["heat-range"],
    bitDepth: Number(flags["bit-depth"]) as BitDepth,
    ...flags["ignore-orientation"] && { ignoreOrientation: true },
    ...frame !== undefined && { frame },
  };
}

/**
 * Reads the settings that decide on the numbers of a run.
 *
 * @returns The settings.
 * @throws {ModelError} If the model or the prompts cannot be used.
 * @throws {UsageError} If images cannot be laid as the flags say.
 */
export async function runSettings(flags: SettingFlags): Promise<RunSettings> {
  const { method } = flags;
  const directory = await modelDirectory(flags.model);
  const { architecture, weights } = await openModelDirectory(directory, {
    method,
    ...cacheOption(),
  });
  const precision = await precisionOf(flags, () => weights);
  const { smooth = architecture.smooth } = flags;
  const framing = await framingOptions(flags);
  const frame = await orWrongUsage(() =>
    Framing.of(framing, architecture.imageSize)?.settings
  );
  const model = {
    name: flags.model,
    fingerprint: await fingerprint(directory, method),
  };
  const others = await settingsOf(flags, {
    scoringOf: (isGood) => scoringOf(architecture, isGood),
    smooth,
    precision: runningPrecision(weights, precision),
    frame,
  });
  return { model, ...others };
}

/**
 * The settings of {@linkcode runSettings} but for the model, of a detector that
 * was opened with the same flags.
 *
 * @throws {ModelError} If the prompts cannot be used.
 */
export async function detectorSettings(
  flags: SettingFlags,
  detector: Detector,
): Promise<SettingsBesideModel> {
  const { smooth, precision, framing } = detector;
  return await settingsOf(flags, {
    scoringOf: (isGood) => detector.scoringOf(isGood),
    smooth,
    precision,
    frame: framing?.settings,
  });
}
