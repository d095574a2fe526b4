/**
 * When to ask a bucket again, and after how long.
 *
 * @module
 */
import type { S3ClientConfig } from "@aws-sdk/client-s3";
import { backoff, SYSTEM_CLOCK } from "../async/retry.ts";
import { failureOf } from "./s3_errors.ts";

/** Seconds before the first retry, and of any other wait at most. */
const DELAYS = { firstDelay: 0.25, longestDelay: 60 };

/** Milliseconds that a store may ask for. */
const LONGEST_ASKED = 30_000;

/**
 * Waits before another attempt.
 *
 * @param failures The failures so far; after the first, the shortest wait.
 */
export async function waitAfter(
  failures: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  await SYSTEM_CLOCK.sleep(backoff(failures, DELAYS), signal);
}

/** What the SDK keeps between attempts. */
interface Token {
  getRetryCount(): number;
  getRetryDelay(): number;
}

/** What the SDK says of a failure. */
interface Failure {
  readonly error?: unknown;
  readonly retryAfterHint?: Date;
}

function tokenOf(count: number, delay: number): Token {
  return { getRetryCount: () => count, getRetryDelay: () => delay };
}

/** No retry: NoSuchUpload may mean that the first attempt completed it. */
function isOver(error: unknown): boolean {
  return !(error instanceof Error) || error.name === "NoSuchUpload" ||
    error.name === "AbortError" || failureOf(error) !== "unavailable";
}

/**
 * Retries each request on its own. The SDK's own strategy has one budget for
 * all requests of a client: when a store fails for long, it gives up at the
 * first failure of each.
 *
 * @param attempts Attempts of one request, the first included.
 */
export function retryStrategy(
  attempts: number,
): NonNullable<S3ClientConfig["retryStrategy"]> {
  return {
    acquireInitialRetryToken: () => Promise.resolve(tokenOf(0, 0)),
    refreshRetryTokenForRetry(token: Token, failure: Failure) {
      const { error, retryAfterHint } = failure;
      const failures = token.getRetryCount() + 1;
      if (failures >= attempts || isOver(error)) {
        return Promise.reject(new Error("No retry is left"));
      }
      const asked = (retryAfterHint?.getTime() ?? 0) - Date.now();
      const delay = Math.max(
        backoff(failures, DELAYS),
        Math.min(asked, LONGEST_ASKED),
      );
      return Promise.resolve(tokenOf(failures, delay));
    },
    recordSuccess() {},
  };
}
