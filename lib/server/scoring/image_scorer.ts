/**
 * From the bytes of an image to its scores.
 *
 * @module
 */
import type { ImageDetector } from "../../evaluation/image_detector.ts";
import { judgeDetection, type JudgedImage } from "../../evaluation/rows.ts";
import {
  type Criteria,
  type Criterion,
  type JudgedRow,
  thresholdCriteria,
} from "../../results/verdict.ts";
import { type Detection, detectionError } from "../../methods/detection.ts";
import type { NamedDecoding } from "../../detector/image_source.ts";
import type { BitDepth } from "../../image/decode.ts";
import type { ResizedImage } from "../../framing/decode_pool.ts";
import { ImageDecodeError, type ImageDecodeReason } from "../../image/image.ts";
import type { CategoryGate } from "./category_gate.ts";
import type { Limits } from "../limits.ts";
import type { MicroBatcher } from "./micro_batcher.ts";
import {
  abortedOutcome,
  failed,
  type FailedOutcome,
  type Outcome,
  type Reason,
  type ScoredOutcome,
} from "../outcome.ts";
import type { ServerMetrics } from "../server_metrics.ts";

/** What a scorer is made of. */
export interface ScorerParts {
  /** Knows the model's resolution. */
  readonly detector: Pick<ImageDetector, "side">;
  /** What to tell of a category's prompt, such as that it was cut. */
  readonly warningsOf: (category: string) => readonly string[];
  /** Decodes and resizes off the event loop. */
  readonly decode: (
    bytes: Uint8Array,
    options: NamedDecoding,
  ) => Promise<ResizedImage>;
  /** Bits that a sensor really fills in 16-bit files. */
  readonly bitDepth: BitDepth;
  /** Whether the orientation that EXIF tells is ignored. */
  readonly ignoreOrientation: boolean;
  /** Leads to the detector's session. */
  readonly batcher: MicroBatcher;
  /** Counts. */
  readonly metrics: ServerMetrics;
  /** Names that may be asked for. */
  readonly categories: CategoryGate;
  /** Thresholds, if there are some. */
  readonly criteria: Criteria | undefined;
  /** Bounds. */
  readonly limits: Limits;
  /** Called with each defect, which responses do not show. */
  readonly onError: (error: unknown) => void;
}

/** What is asked of an image. */
export interface ScoreRequest {
  /** What the product is called. */
  readonly category: string;
  /** Good images to compare with, in place of those of the category. */
  readonly profile?: {
    /** Name of their memory. */
    readonly name: string;
    /** How images are judged by it. */
    readonly criterion: Criterion;
  } | undefined;
  /** Least `score_logit` called defective, in place of the calibrated one. */
  readonly threshold?: number | undefined;
}

/** How a refused image is answered. */
const REASON_OF: Record<ImageDecodeReason, Reason> = {
  unsupported: "unsupported_format",
  too_large: "too_large",
  broken: "broken_image",
};

const NO_VERDICT: JudgedRow = {
  is_anomalous: null,
  threshold: null,
  confidence: null,
  regions: null,
};

/** An image that was decoded, as the model reads it. */
export type Prepared = Pick<
  ResizedImage,
  "width" | "height" | "pixels" | "frame"
>;

function isAbort(error: unknown, signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true && error === signal.reason;
}

/** The thresholds that count for a request. */
function criteriaOf(
  { category, profile, threshold }: ScoreRequest,
  criteria: Criteria | undefined,
): Criteria | undefined {
  const found = profile?.criterion ?? criteria?.(category);
  if (threshold === undefined) return profile ? () => found : criteria;
  const plain = thresholdCriteria(threshold)(category)!;
  const { pixelThreshold } = found ?? plain;
  const moved = {
    ...found ?? plain,
    threshold,
    pixelThreshold: Math.min(pixelThreshold, threshold),
  };
  return () => moved;
}

/** What thresholds say of an image; nothing where there are none. */
function judgedParts(
  image: JudgedImage,
  detection: Detection,
  criteria: Criteria | undefined,
): Pick<ScoredOutcome, "verdict" | "logitRange"> {
  const verdict = judgeDetection(image, detection, criteria);
  if (verdict.is_anomalous === undefined) return {};
  const range = criteria?.(image.category)?.heatRange ?? null;
  return {
    verdict: { ...NO_VERDICT, ...verdict },
    ...range !== null && { logitRange: range },
  };
}

/** Scores images one by one; concurrent ones meet in the batcher. */
export class ImageScorer {
  readonly #parts: ScorerParts;

  /**
   * Constructs a scorer.
   *
   * @param parts Detector, batcher and bounds.
   */
  constructor(parts: ScorerParts) {
    this.#parts = parts;
  }

  /**
   * Scores an image.
   *
   * @param bytes The file.
   * @param request What the product is called, and how it is judged.
   * @param signal Ends the wait.
   * @returns Scores, or why there are none.
   */
  async score(
    bytes: Uint8Array,
    request: ScoreRequest,
    signal?: AbortSignal,
  ): Promise<Outcome> {
    const outcome = await this.#score(bytes, request, signal);
    this.#parts.metrics.imageDone(outcome);
    return outcome;
  }

  async #score(
    bytes: Uint8Array,
    request: ScoreRequest,
    signal: AbortSignal | undefined,
  ): Promise<Outcome> {
    const { categories } = this.#parts;
    const complaint = categories.complaintAbout(request.category);
    if (complaint !== undefined) return failed("invalid_request", complaint);
    using coming = this.#parts.batcher.announce();
    try {
      const start = performance.now();
      const { category } = request;
      const prepared = await this.prepare(bytes, category, signal);
      if ("status" in prepared) return prepared;
      const decode = performance.now() - start;
      const detected = this.#detect(prepared, { request, decode, signal });
      coming[Symbol.dispose]();
      return await detected;
    } catch (error) {
      if (isAbort(error, signal)) return abortedOutcome(error);
      if (error instanceof DOMException) return abortedOutcome(error);
      this.#parts.onError(error);
      return failed("internal", "Cannot score the image as the model failed");
    }
  }

  /**
   * Decodes an image, and resizes it to what the model reads.
   *
   * @param bytes The file.
   * @param category What the product is called.
   * @param signal Ends the wait.
   * @returns The image, or why there is none.
   */
  async prepare(
    bytes: Uint8Array,
    category: string,
    signal?: AbortSignal,
  ): Promise<Prepared | FailedOutcome> {
    const { bitDepth, ignoreOrientation, limits, decode } = this.#parts;
    const maxPixels = limits.pixels;
    const options = { maxPixels, bitDepth, ignoreOrientation };
    try {
      return await decode(bytes, { ...options, category, signal });
    } catch (error) {
      if (!(error instanceof ImageDecodeError)) throw error;
      return failed(REASON_OF[error.reason], error.message);
    }
  }

  async #detect(
    { width, height, pixels, frame }: Prepared,
    { request, decode, signal }: {
      request: ScoreRequest;
      decode: number;
      signal: AbortSignal | undefined;
    },
  ): Promise<Outcome> {
    const { category } = request;
    const { detection, queueMilliseconds } = await this.#parts.batcher.submit(
      {
        pixels,
        category,
        memory: request.profile?.name,
        ...frame && { frame },
      },
      signal,
    );
    const error = detectionError(detection);
    if (error !== null) return failed("internal", error);
    const { detector: { side } } = this.#parts;
    const criteria = criteriaOf(request, this.#parts.criteria);
    const map = frame?.map ?? { width: side, height: side };
    return {
      status: "ok",
      category,
      score: detection.imageScore,
      scoreLogit: detection.scoreLogit,
      width,
      height,
      map,
      warnings: this.#parts.warningsOf(category),
      anomalyMap: detection.anomalyMap,
      logitMap: detection.logitMap,
      ...judgedParts({ category, width, height, map }, detection, criteria),
      milliseconds: {
        decode,
        queue: queueMilliseconds,
        session: detection.milliseconds,
      },
    };
  }
}
