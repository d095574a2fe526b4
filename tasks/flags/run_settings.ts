/**
 * The settings of runs, from flags.
 *
 * @module
 */
import { runningPrecision } from "../../lib/detector/int8/model_groups.ts";
import type { Architecture } from "../../lib/methods/architecture.ts";
import { fingerprint } from "../../lib/methods/fingerprint.ts";
import { METHODS } from "../../lib/methods/methods.ts";
import { openModelDirectory } from "../../lib/methods/model_directory.ts";
import { Framing } from "../../lib/framing/framing.ts";
import type { RunSettings } from "../../lib/batch/run.ts";
import type { BitDepth } from "../../lib/image/decode.ts";
import type { DATA_FLAGS, LISTING_FLAGS } from "./data_flags.ts";
import { readProfile } from "../../lib/references/profile.ts";
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
  return profile !== undefined &&
    (await readProfile(profile)).memories.size > 0;
}

/** How a model scores; manifests do not say it of MFP-CLIP. */
function scoringOf(
  { method, scoreRule, goodImages }: Architecture,
  isGood: boolean,
): Pick<RunSettings, "scoring"> {
  if (method === METHODS[0]) return {};
  const good = isGood ? goodImages?.scoreRule : undefined;
  return { scoring: { method: method.title, score_rule: good ?? scoreRule } };
}

/**
 * Reads the settings that decide on the numbers of a run.
 *
 * @returns The settings.
 * @throws {ModelError} If the model or the prompts cannot be used.
 * @throws {UsageError} If images cannot be laid as the flags say.
 */
export async function runSettings(flags: SettingFlags): Promise<RunSettings> {
  const { model: name, method } = flags;
  const directory = await modelDirectory(name);
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
  return {
    model: { name, fingerprint: await fingerprint(directory, method) },
    ...scoringOf(architecture, await comparesGood(flags)),
    smooth,
    precision: runningPrecision(weights, precision),
    prompts: await promptsHash(flags),
    heatRange: flags["heat-range"],
    bitDepth: Number(flags["bit-depth"]) as BitDepth,
    ...flags["ignore-orientation"] && { ignoreOrientation: true },
    ...frame !== undefined && { frame },
  };
}
