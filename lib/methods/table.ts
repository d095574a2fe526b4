/**
 * The table of methods: a line for each.
 *
 * @module
 */
export { ADA_CLIP } from "./ada_clip/method.ts";
export { ANOMALY_CLIP } from "./anomaly_clip/method.ts";
export { APRIL_GAN } from "./april_gan/method.ts";
export { MFP_CLIP } from "./mfp_clip/method.ts";
export { WINCLIP } from "./winclip/method.ts";
