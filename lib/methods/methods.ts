/**
 * The table of methods.
 *
 * @module
 */
import type { Method } from "./method.ts";
import { MFP_CLIP } from "./mfp_clip/method.ts";
import { WINCLIP } from "./winclip/method.ts";

/** Every method. The first one is the default. */
export const METHODS: readonly [Method, ...Method[]] = [MFP_CLIP, WINCLIP];
