/**
 * What becomes of one image: scores, or a reason.
 *
 * @module
 */
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { ImageSize } from "../image/image.ts";
import type { JudgedRow } from "../results/verdict.ts";

/** Why an image has no score. */
export type Reason =
  | "invalid_request"
  | "forbidden"
  | "not_found"
  | "too_large"
  | "unsupported_format"
  | "broken_image"
  | "internal"
  | "unavailable"
  | "timeout";

/** Reasons that lie in the file: it will never get a score. */
export const FAULTS: readonly Reason[] = [
  "too_large",
  "unsupported_format",
  "broken_image",
];

/** The status of an answer about a single image. */
export const STATUS_OF: Readonly<Record<Reason, ContentfulStatusCode>> = {
  invalid_request: 400,
  forbidden: 403,
  not_found: 404,
  too_large: 413,
  unsupported_format: 415,
  broken_image: 422,
  internal: 500,
  unavailable: 503,
  timeout: 504,
};

/** An image without a score. */
export interface FailedOutcome {
  readonly status: "error";
  /** For programs. */
  readonly reason: Reason;
  /** For people: one sentence. */
  readonly error: string;
}

/** An image with its scores. */
export interface ScoredOutcome {
  readonly status: "ok";
  /** What the product was called. */
  readonly category: string;
  /** Image score S, 0 to 1. */
  readonly score: number;
  /** log S - log(1 - S). */
  readonly scoreLogit: number;
  /** Pixels per row of the image as it came. */
  readonly width: number;
  /** Rows of the image as it came. */
  readonly height: number;
  /** Size of the map, which covers the whole image. */
  readonly map: ImageSize;
  /** What the user should know of the prompt; mostly nothing. */
  readonly warnings: readonly string[];
  /** M, 0 to 1. */
  readonly anomalyMap: Float32Array; // [map.height, map.width]
  /** log M - log(1 - M). */
  readonly logitMap: Float32Array; // [map.height, map.width]
  /** The verdict; absent where the server has no thresholds. */
  readonly verdict?: JudgedRow | undefined;
  /**
   * Logits of the first and the last colour of heatmaps where they are
   * calibrated; else heatmaps show M.
   */
  readonly logitRange?: readonly [number, number] | undefined;
  /** Milliseconds in each stage. */
  readonly milliseconds: {
    readonly decode: number;
    readonly queue: number;
    readonly session: number;
  };
}

/** Either. */
export type Outcome = ScoredOutcome | FailedOutcome;

/** Characters of a sentence that may tell what a request had in it. */
const MAX_SENTENCE = 1000;

/**
 * Cuts a sentence that repeats too much of a request.
 *
 * @returns Its start, or all of it.
 */
export function shortened(text: string): string {
  if (text.length <= MAX_SENTENCE) return text;
  return `${text.slice(0, MAX_SENTENCE).toWellFormed()} ...`;
}

/**
 * Makes an outcome of a reason.
 *
 * @param reason For programs.
 * @param error For people.
 * @returns The outcome.
 */
export function failed(reason: Reason, error: string): FailedOutcome {
  return { status: "error", reason, error: shortened(error) };
}

/**
 * Makes an outcome of the reason for which a request was ended.
 *
 * @param reason What its signal was aborted with.
 * @returns The outcome.
 */
export function abortedOutcome(reason: unknown): FailedOutcome {
  const isTimeout = reason instanceof DOMException &&
    reason.name === "TimeoutError";
  return isTimeout
    ? failed("timeout", "Cannot score the image in the time a request has")
    : failed("unavailable", "Cannot score the image as the server ends");
}
