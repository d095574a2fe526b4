/**
 * Whether the choices that flags override fit a model.
 *
 * @module
 */
import { ModelError } from "../../lib/checkpoint/model_error.ts";
import {
  openModelDirectory,
  type OpenModelOptions,
} from "../../lib/methods/model_directory.ts";
import { UsageError } from "../cli/usage_error.ts";
import { CONFIG_FLAGS, type ConfigFlags } from "./train_config_flags.ts";

/** Why a model cannot be opened; `undefined` where it can. */
async function fault(
  directory: string,
  options: OpenModelOptions,
): Promise<string | undefined> {
  try {
    await openModelDirectory(directory, options);
    return undefined;
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    return error.message.replace(/^Cannot load .*? as /, "");
  }
}

/** The flags that were given, as they are typed. */
function givenFlags(flags: ConfigFlags): string {
  return Object.keys(CONFIG_FLAGS)
    .filter((name) => {
      const value = flags[name as keyof ConfigFlags];
      return value !== undefined && value !== false;
    })
    .map((name) => `--${name}`)
    .join(", ");
}

/**
 * Blames the flags, and not the files of a model, for choices that do not fit
 * the model. Faults of the model itself are left to those who open it.
 *
 * @param directory The model directory.
 * @param flags The flags that override its choices.
 * @param options How the model is to be opened, with the choices.
 * @throws {UsageError} If the model can be opened without the choices only.
 */
export async function assertChoicesFit(
  directory: string,
  flags: ConfigFlags,
  options: OpenModelOptions,
): Promise<void> {
  const { choices = {}, ...plain } = options;
  if (Object.keys(choices).length === 0) return;
  const reason = await fault(directory, options);
  if (reason === undefined) return;
  if (await fault(directory, plain) !== undefined) return;
  const isOfHead = plain.head !== false &&
    await fault(directory, { ...options, head: false }) === undefined;
  const advice = isOfHead ? ": --init-head starts a new head, which fits" : "";
  throw new UsageError(
    `Cannot use ${givenFlags(flags)} with this model as ${reason}${advice}`,
  );
}
