/**
 * The flags of `eval`.
 *
 * @module
 */
import type { FlagValues } from "../cli/flags.ts";
import type { DATA_FLAGS, LISTING_FLAGS } from "./data_flags.ts";
import type { FRAME_FLAGS } from "./frame_flags.ts";
import type { GOOD_FLAGS } from "./good_flags.ts";
import type { MODEL_FLAGS } from "./model_flags.ts";
import type { SYNTHETIC_FLAGS } from "./synthetic_flags.ts";
import type { VERDICT_FILE_FLAGS, VERDICT_FLAGS } from "./verdict_flags.ts";

/** Flags that `eval` alone has, or has in its own way. */
export const EVAL_FLAGS = {
  model: {
    kind: "texts",
    value: "NAME|DIR",
    default: ["nano"],
    help:
      "The model: nano, a downloaded model, or a model directory; several compare models, each with a folder of its own in --out",
  },
  out: {
    kind: "text",
    value: "DIR",
    default: "out/eval",
    help: "Folder for results; the results of an earlier run are removed first",
  },
  maps: {
    kind: "choice",
    choices: ["none", "npy", "f16"],
    default: "none",
    help:
      "Raw maps as .npy files: npy is M in float32, f16 the logit of M in float16",
  },
  "heat-range": {
    kind: "text",
    value: "LOW,HIGH|auto",
    help:
      "The values of the first and the last colour of heatmaps: 0,1 where there are labels; else auto, which takes them from the first images; categories of a profile have their own",
  },
  "batch-size": {
    kind: "integer",
    min: 1,
    max: 1024,
    default: 1,
    help: "Images per call of the network",
  },
  strict: {
    kind: "switch",
    help: "Exit with 42 if an image could not be scored",
  },
  json: {
    kind: "switch",
    help: "Print summary.json on stdout instead of the table",
  },
} as const;

/** What all flags of `eval` read as. */
export type EvalFlags = FlagValues<
  & Omit<typeof MODEL_FLAGS, "model">
  & typeof FRAME_FLAGS
  & Omit<typeof DATA_FLAGS, keyof typeof SYNTHETIC_FLAGS>
  & Omit<typeof LISTING_FLAGS, keyof typeof SYNTHETIC_FLAGS>
  & typeof SYNTHETIC_FLAGS
  & typeof GOOD_FLAGS
  & typeof VERDICT_FLAGS
  & typeof VERDICT_FILE_FLAGS
  & typeof EVAL_FLAGS
>;

/** The flags of an evaluation of one model. */
export type OneModelFlags = Omit<EvalFlags, "model"> & {
  /** Its name or directory. */
  readonly model: string;
};
