/**
 * The settings of runs, from flags.
 *
 * @module
 */
import { fingerprint } from "../../lib/methods/fingerprint.ts";
import type { RunSettings } from "../../lib/batch/run.ts";
import type { BitDepth } from "../../lib/image/decode.ts";
import type { DATA_FLAGS, LISTING_FLAGS } from "./data_flags.ts";
import type { FlagValues } from "../cli/flags.ts";
import {
  type MODEL_FLAGS,
  modelDirectory,
  promptsHash,
} from "./model_flags.ts";
import type { SCORE_FLAGS } from "./score_flags.ts";

type SettingFlags =
  & FlagValues<
    & Pick<
      typeof MODEL_FLAGS,
      "model" | "method" | "smooth" | "precision" | "prompts"
    >
    & Pick<typeof LISTING_FLAGS, "object">
    & Pick<typeof DATA_FLAGS, "bit-depth">
    & Pick<typeof SCORE_FLAGS, "heat-range">
  >
  & Partial<FlagValues<Pick<typeof DATA_FLAGS, "ignore-orientation">>>;

/**
 * Reads the settings that decide on the numbers of a run.
 *
 * @returns The settings.
 * @throws {ModelError} If the model or the prompts cannot be used.
 */
export async function runSettings(flags: SettingFlags): Promise<RunSettings> {
  const { model: name, method, smooth, precision } = flags;
  const directory = await modelDirectory(name);
  return {
    model: { name, fingerprint: await fingerprint(directory, method) },
    smooth,
    precision,
    prompts: await promptsHash(flags),
    heatRange: flags["heat-range"],
    bitDepth: Number(flags["bit-depth"]) as BitDepth,
    ...flags["ignore-orientation"] && { ignoreOrientation: true },
  };
}
