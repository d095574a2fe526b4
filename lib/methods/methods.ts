/**
 * The table of methods.
 *
 * @module
 */
import { ADA_CLIP } from "./ada_clip/method.ts";
import { ANOMALY_CLIP } from "./anomaly_clip/method.ts";
import { APRIL_GAN } from "./april_gan/method.ts";
import type { Method, MethodName } from "./method.ts";
import { MFP_CLIP } from "./mfp_clip/method.ts";
import { WINCLIP } from "./winclip/method.ts";

/** Every method. The first one is the default. */
export const METHODS: readonly [Method, ...Method[]] = [
  MFP_CLIP,
  WINCLIP,
  APRIL_GAN,
  ANOMALY_CLIP,
  ADA_CLIP,
];

/** Names of the methods, as on the command line. */
export const METHOD_NAMES: readonly MethodName[] = METHODS.map(({ name }) =>
  name
);
