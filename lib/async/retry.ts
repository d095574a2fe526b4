/**
 * Trying again after failures that may pass.
 *
 * @module
 */

/** How often to try, and how long to wait between. */
export interface RetryPolicy {
  /**
   * Failures in a row after which to give up.
   *
   * @default {6}
   */
  readonly attempts: number;
  /**
   * Failures in all after which to give up, whatever was reached between them.
   *
   * @default {200}
   */
  readonly allAttempts: number;
  /**
   * Seconds before the first retry; each further wait is twice as long.
   *
   * @default {1}
   */
  readonly firstDelay: number;
  /**
   * Seconds of a wait at most, unless a server asks for more.
   *
   * @default {60}
   */
  readonly longestDelay: number;
  /**
   * Seconds that a server may ask to wait; for more, the work fails.
   *
   * @default {600}
   */
  readonly longestRetryAfter: number;
}

/** The policy that holds where none is given. */
export const RETRY_POLICY: RetryPolicy = {
  attempts: 6,
  allAttempts: 200,
  firstDelay: 1,
  longestDelay: 60,
  longestRetryAfter: 600,
};

/** Time and chance, which tests replace. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** A number from 0 to 1, 1 excluded, that spreads retries. */
  random(): number;
  /** Waits; rejects with the signal's reason when it is aborted. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

/** The clock that holds where none is given. */
export const SYSTEM_CLOCK: Clock = {
  now: () => Date.now(),
  random: () => Math.random(),
  sleep: (milliseconds, signal) => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const abort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", abort);
      resolve();
    }, milliseconds);
    if (signal?.aborted) abort();
    else signal?.addEventListener("abort", abort, { once: true });
    return promise;
  },
};

/**
 * How long to wait after failures: twice as long after each, and spread, so
 * that clients that failed together do not return together.
 *
 * @param failures Failures in a row, at least 1.
 * @param policy The first and the longest wait in seconds.
 * @returns Milliseconds.
 */
export function backoff(
  failures: number,
  policy: Pick<RetryPolicy, "firstDelay" | "longestDelay">,
  clock: Pick<Clock, "random"> = SYSTEM_CLOCK,
): number {
  const { firstDelay, longestDelay } = policy;
  const seconds = Math.min(firstDelay * 2 ** (failures - 1), longestDelay);
  return 1000 * seconds * (0.5 + clock.random() / 2);
}

/**
 * Reads the header Retry-After: seconds, or a date.
 *
 * @param now Milliseconds since 1970.
 * @returns Seconds to wait; undefined where the header is absent or not valid.
 */
export function retryAfterOf(
  headers: Headers,
  now: number,
): number | undefined {
  const text = headers.get("retry-after")?.trim() ?? "";
  if (/^\d+$/.test(text)) return Number(text);
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, (date - now) / 1000);
}

/** Options of {@linkcode retry}. */
export interface RetryOptions {
  /** How often and how long to wait. */
  readonly policy?: Partial<RetryPolicy> | undefined;
  /** Time and chance, which tests replace. */
  readonly clock?: Clock | undefined;
  /** Ends the waiting, with its reason. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Seconds that a failure asks to wait, 0 where it leaves that open;
   * undefined where another attempt is of no use.
   */
  readonly retryAfter: (error: unknown) => number | undefined;
  /** A number that grows as the work gets on: failures then count anew. */
  readonly progress?: () => number;
  /** Called before each wait of so many milliseconds. */
  readonly onRetry?: (error: unknown, delay: number) => void;
}

/**
 * Does something until it succeeds.
 *
 * @throws {Error} The last failure, where another attempt is of no use or all
 * are used up.
 */
export async function retry<T>(
  work: () => Promise<T>,
  options: RetryOptions,
): Promise<T> {
  const { clock = SYSTEM_CLOCK, signal, progress = () => 0 } = options;
  const policy = { ...RETRY_POLICY, ...options.policy };
  let failures = 0;
  for (let all = 1;; all++) {
    const before = progress();
    try {
      signal?.throwIfAborted();
      return await work();
    } catch (error) {
      signal?.throwIfAborted();
      failures = progress() > before ? 1 : failures + 1;
      const asked = options.retryAfter(error);
      const isOver = failures >= policy.attempts || all >= policy.allAttempts;
      if (asked === undefined || isOver) throw error;
      if (asked > policy.longestRetryAfter) throw error;
      const delay = Math.max(1000 * asked, backoff(failures, policy, clock));
      options.onRetry?.(error, delay);
      await clock.sleep(delay, signal);
    }
  }
}
