/**
 * A profile in use: its memories in a detector, and its thresholds.
 *
 * @module
 */
import type { NetworkPrecision } from "../methods/precision.ts";
import { ModelError } from "../checkpoint/model_error.ts";
import type { Detector } from "../detector/detector.ts";
import type { FrameSettings } from "../framing/frame_settings.ts";
import type { LoadedProfile } from "../references/profile.ts";
import type { Criteria } from "../results/verdict.ts";
import { criteriaOfProducts } from "./learned_products.ts";

/** How a detector runs, as far as a profile depends on it. */
export interface ProfileUse {
  /** Sigma with which the detector smooths maps. */
  readonly smooth: number;
  /** Precision of its network. */
  readonly precision: NetworkPrecision;
  /** Bits that are taken to be filled in 16-bit files. */
  readonly bitDepth: number;
  /** Whether the orientation that EXIF tells is ignored. */
  readonly ignoreOrientation: boolean;
  /** The fingerprint of the model. */
  readonly model: string;
  /** How images are laid before it; undefined where only stretched. */
  readonly frame: FrameSettings | undefined;
}

/** How images are laid where nothing is said of it. */
const STRETCHED = { fit: "stretch", tile: "1x1", overlap: 0 };

function cannotUse(path: string, reason: string): never {
  throw new ModelError(`Cannot use the profile ${path} as ${reason}`);
}

/**
 * Checks that a detector runs as it did when a profile was made.
 *
 * @param loaded The profile.
 * @param use How the detector runs.
 * @throws {ModelError} If it is another model, or runs otherwise.
 */
export function assertSameRun(
  { path, profile }: LoadedProfile,
  use: ProfileUse,
): void {
  const { smooth, precision, bitDepth, model, frame } = use;
  const { fingerprint, name } = profile.model;
  if (model !== fingerprint) {
    cannotUse(
      path,
      `the model must be the one it was calibrated with, ${name}: it is another`,
    );
  }
  const [then, now] = [profile.frame, frame].map((laid) => laid ?? STRETCHED);
  const settings = [
    ["--smooth", profile.smooth, smooth],
    ["--precision", profile.precision, precision],
    ["--bit-depth", profile.bit_depth, bitDepth],
    ["--tile", then!.tile, now!.tile],
    ["--overlap", then!.overlap, now!.overlap],
    ["--fit", then!.fit, now!.fit],
  ] as const;
  for (const [flag, calibrated, current] of settings) {
    if (calibrated === current) continue;
    cannotUse(
      path,
      `${flag} must be ${calibrated}, which it was calibrated with: ` +
        `current value is ${current}`,
    );
  }
  assertSameOrientation(path, profile.ignore_orientation, use);
  assertSameRegions(path, profile.frame, frame);
}

function assertSameOrientation(
  path: string,
  then = false,
  { ignoreOrientation: now }: ProfileUse,
): void {
  if (then === now) return;
  cannotUse(
    path,
    then
      ? "--ignore-orientation must be given, as it was calibrated with it: " +
        "it is left out"
      : "--ignore-orientation must be left out, as it was calibrated " +
        "without: it is given",
  );
}

function assertSameRegions(
  path: string,
  then: FrameSettings | undefined,
  now: FrameSettings | undefined,
): void {
  const [before, current] = [then, now].map((laid) => laid?.regions ?? null);
  if (JSON.stringify(before) === JSON.stringify(current)) return;
  const said = before === null
    ? "must be left out, as it was calibrated without: it is given"
    : "must name the masks it was calibrated with: " +
      (current === null ? "it is left out" : "they are others");
  cannotUse(path, `--roi ${said}`);
}

/**
 * Checks that products are called as they were when a profile was made: other
 * words give other scores.
 *
 * @param loaded The profile.
 * @param detector The detector.
 * @throws {ModelError} If one is not.
 */
export function assertSamePrompts(
  { path, profile }: LoadedProfile,
  detector: Pick<Detector, "promptOf">,
): void {
  for (const [category, { prompts }] of Object.entries(profile.categories)) {
    const { normal, abnormal } = detector.promptOf(category);
    const words = JSON.stringify([normal, abnormal]);
    if (JSON.stringify([prompts.normal, prompts.abnormal]) === words) continue;
    cannotUse(
      path,
      `"${category}" must be prompted with the sentences it was calibrated ` +
        `with, such as "${prompts.normal[0]}": current value is "${normal[0]}"`,
    );
  }
}

/**
 * Gives a detector the memories of a profile.
 *
 * @param detector The detector.
 * @param loaded The profile.
 * @param use How the detector runs.
 * @returns The thresholds of the profile.
 * @throws {ModelError} If the profile is of another model, or the detector runs
 * otherwise than it was calibrated.
 */
export async function useProfile(
  detector: Pick<Detector, "promptOf" | "remember">,
  loaded: LoadedProfile,
  use: ProfileUse,
): Promise<Criteria> {
  const { path, profile, memories } = loaded;
  assertSameRun(loaded, use);
  assertSamePrompts(loaded, detector);
  for (const [category, file] of memories) {
    await detector.remember(file, `${path}, "${category}"`);
  }
  return criteriaOfProducts(profile.categories) ?? (() => undefined);
}
