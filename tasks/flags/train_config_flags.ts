/**
 * The flags that override the choices of a model: one for each field of
 * mfp_clip.json.
 *
 * @module
 */
import type { MfpClipConfig } from "../../lib/methods/mfp_clip/config.ts";
import type { FlagValues } from "../cli/flags.ts";
import { UsageError } from "../cli/usage_error.ts";

/** Flags of every verb that can change a model's choices. */
export const CONFIG_FLAGS = {
  "image-size": {
    kind: "integer",
    min: 1,
    help: "Side of the input in pixels",
  },
  taps: {
    kind: "list",
    value: "A,B",
    help: "Vision blocks whose output is tapped, counted from 1",
  },
  i2tp: { kind: "switch", help: "Image-to-text prompting (I2TP)" },
  "no-i2tp": { kind: "switch", help: "Switch I2TP off" },
  "i2tp-fusion": {
    kind: "choice",
    choices: ["feature", "token"],
    help: "Join image and text features, or mix their tokens",
  },
  sp: { kind: "switch", help: "Self prompting (SP)" },
  "no-sp": { kind: "switch", help: "Switch SP off" },
  "sp-prompts": {
    kind: "integer",
    min: 1,
    help: "Prompts from the image; as many more are learned",
  },
  "sp-stages": {
    kind: "integer",
    min: 1,
    help: "Stages in which prompts are refreshed",
  },
  "sp-after": {
    kind: "choice",
    choices: ["keep", "drop"],
    help: "Keep or drop prompt tokens after the last stage",
  },
  mpfa: {
    kind: "integer",
    min: 1,
    help:
      "Side of the window of MPFA, which averages patch features; 1 for none",
  },
  mp: {
    kind: "switch",
    help: "Mask prompting (MP): a second pass with the mask of the first",
  },
  "no-mp": { kind: "switch", help: "Switch MP off" },
  supervise: {
    kind: "choice",
    choices: ["both", "refined"],
    help: "Passes with a loss",
  },
  dice: {
    kind: "choice",
    choices: ["both", "abnormal"],
    help: "Channels of the dice loss",
  },
  "logit-scale": {
    kind: "text",
    value: "N|own",
    help: "Scale of the cosines; own is that of the checkpoint",
  },
  "leaky-slope": {
    kind: "number",
    min: 0,
    help: "Slope of the LeakyReLU of adapters below 0",
  },
} as const;

/** What {@linkcode CONFIG_FLAGS} read as. */
export type ConfigFlags = FlagValues<typeof CONFIG_FLAGS>;

/** A module that is on, off, or as the model says. */
function module(
  flags: ConfigFlags,
  name: "i2tp" | "sp" | "mp",
): boolean | undefined {
  const [on, off] = [flags[name], flags[`no-${name}`]];
  if (on && off) {
    throw new UsageError(
      `Cannot read --${name} as it must not stand beside --no-${name}`,
    );
  }
  return on || off ? on : undefined;
}

function tapsOf({ taps }: ConfigFlags): number[] | undefined {
  if (taps === undefined || taps.every((tap) => /^\d+$/.test(tap))) {
    return taps?.map(Number);
  }
  throw new UsageError(
    `Cannot read --taps as it must be numbers of blocks separated by commas: ` +
      `current value is "${taps.join(",")}"`,
  );
}

function logitScaleOf(flags: ConfigFlags): number | null | undefined {
  const text = flags["logit-scale"];
  if (text === undefined || text === "own") return text && null;
  const value = Number(text);
  if (Number.isFinite(value) && value >= 0) return value;
  throw new UsageError(
    `Cannot read --logit-scale as it must be own or a number of at least 0: ` +
      `current value is "${text}"`,
  );
}

/**
 * The choices that flags override.
 *
 * @returns Those that were given.
 * @throws {UsageError} If flags contradict each other.
 */
export function configOf(flags: ConfigFlags): Partial<MfpClipConfig> {
  const given = {
    imageSize: flags["image-size"],
    taps: tapsOf(flags),
    i2tp: module(flags, "i2tp"),
    i2tpFusion: flags["i2tp-fusion"],
    sp: module(flags, "sp"),
    spPrompts: flags["sp-prompts"],
    spStages: flags["sp-stages"],
    spAfter: flags["sp-after"],
    mpfa: flags.mpfa,
    mp: module(flags, "mp"),
    supervise: flags.supervise,
    dice: flags.dice,
    logitScale: logitScaleOf(flags),
    leakySlope: flags["leaky-slope"],
  };
  return Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== undefined),
  );
}
