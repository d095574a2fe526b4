/**
 * Settings of a model that answers already while its files are still hashed.
 *
 * @module
 */
import type { RunSettings } from "../batch/run.ts";

/** The settings of a server's model. */
export interface ModelSettings extends Omit<RunSettings, "model"> {
  /** Name of the model, and the hash of its files, which may come later. */
  readonly model: {
    readonly name: string;
    readonly fingerprint: string | Promise<string>;
  };
}

/**
 * Waits for the hash of the model's files.
 *
 * @returns Settings that runs can be planned with.
 * @throws {ModelError} If a file cannot be read.
 */
export async function hashedSettings(
  { model: { name, fingerprint }, ...others }: ModelSettings,
): Promise<RunSettings> {
  return { model: { name, fingerprint: await fingerprint }, ...others };
}
