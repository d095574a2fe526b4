/**
 * The server as a handler to mount: scores on request, over HTTP.
 *
 * It needs the permissions of `@mfp-clip/mfp-clip` and `--allow-env=AWS_*`,
 * which the client of buckets reads when it is loaded; to listen, also
 * `--allow-net`.
 *
 * @example Score one image through it
 * ```ts
 * import { Detector } from "@mfp-clip/mfp-clip";
 * import { createScoringHandler } from "@mfp-clip/mfp-clip/server";
 *
 * await using detector = await Detector.open("nano");
 * await using scoring = createScoringHandler(detector);
 * const response = await scoring.fetch(
 *   new Request("http://localhost/v1/score?category=cup", {
 *     method: "POST",
 *     headers: { "Content-Type": "image/jpeg" },
 *     body: await Deno.readFile("tests/golden/mfp_clip/images/coffee.jpg"),
 *   }),
 * );
 * console.log(await response.json());
 * ```
 *
 * @example Mount it in a server of your own
 * ```ts ignore
 * import { Detector } from "@mfp-clip/mfp-clip";
 * import { createScoringHandler } from "@mfp-clip/mfp-clip/server";
 *
 * await using detector = await Detector.open("nano");
 * await using scoring = createScoringHandler(detector, { tokens: ["secret"] });
 * const server = Deno.serve({ port: 8080 }, scoring.fetch);
 * await server.finished;
 * ```
 *
 * @module
 */
export { Exceedance } from "../metrics/exceedance.ts";
export {
  type Criteria,
  type Criterion,
  thresholdCriteria,
} from "../results/verdict.ts";
export { type RunSettings, type ShardDetector } from "../batch/run.ts";
export { type Detection, type DetectorInput } from "../methods/detection.ts";
export {
  type StoreCredentials,
  type StoreSettings,
} from "../storage/store_settings.ts";
export { type Limits } from "./limits.ts";
export {
  type BatchPlaces,
  createScoringHandler,
  type ScoringHandler,
  type ScoringHandlerOptions,
} from "./scoring_handler.ts";
