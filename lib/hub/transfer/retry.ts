/**
 * When to try again, and after how long.
 *
 * @module
 */

/** How often and how long to wait. */
export interface RetryPolicy {
  /**
   * Failures in a row after which to give up.
   *
   * @default {6}
   */
  readonly attempts: number;
  /**
   * Failures in all after which to give up, however far the download is.
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
   * Seconds that a server may ask to wait; for more, the download fails.
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

/** Time, which tests replace. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** A number from 0 to 1, 1 excluded, that spreads retries. */
  random(): number;
  /** Waits; rejects with the signal's reason when it is aborted. */
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>;
}

/** The clock that holds where none is given. */
export const SYSTEM_CLOCK: Clock = {
  now: () => Date.now(),
  random: () => Math.random(),
  sleep: (milliseconds, signal) => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const abort = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", abort);
      resolve();
    }, milliseconds);
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort, { once: true });
    return promise;
  },
};

/** Statuses after which a server may yet send the file. */
const TRANSIENT: ReadonlySet<number> = new Set([
  408,
  425,
  429,
  500,
  502,
  503,
  504,
  520,
  522,
  524,
]);

/** What a failure says of the time until a retry. */
interface Busy {
  readonly retryAfter: number;
}

/** Reads Retry-After: seconds, or a date. */
function retryAfterOf(response: Response, now: number): number | undefined {
  const text = response.headers.get("retry-after")?.trim() ?? "";
  if (/^\d+$/.test(text)) return Number(text);
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, (date - now) / 1000);
}

/**
 * The error for a response that is not the file.
 *
 * @param shown The address, as it may be shown.
 * @param response The response; its body is not read.
 * @param now Milliseconds since 1970.
 * @returns `NotFound` or `PermissionDenied`, for which a retry is of no use, or
 * `Http`.
 */
export function statusError(
  shown: string,
  response: Response,
  now: number,
): Error {
  const { status } = response;
  const message = `Cannot download ${shown} as the server must send it: ` +
    `current value is status ${status}`;
  if (status === 404 || status === 410) {
    return new Deno.errors.NotFound(message);
  }
  if (status === 401 || status === 403) {
    return new Deno.errors.PermissionDenied(message);
  }
  if (!TRANSIENT.has(status)) return new Deno.errors.NotSupported(message);
  const retryAfter = retryAfterOf(response, now);
  const cause: Busy | undefined = retryAfter === undefined
    ? undefined
    : { retryAfter };
  return new Deno.errors.Http(message, { cause });
}

function isBusy(cause: unknown): cause is Busy {
  return typeof cause === "object" && cause !== null && "retryAfter" in cause;
}

/**
 * Whether a retry may succeed: the connection failed, stalled or was cut, or
 * the server was busy.
 *
 * @param error What was thrown.
 * @returns Whether to try again.
 */
export function isTransient(error: unknown): boolean {
  return error instanceof Deno.errors.Http ||
    error instanceof Deno.errors.TimedOut ||
    error instanceof Deno.errors.UnexpectedEof;
}

/** What {@linkcode retryDelay} goes by. */
export interface Failures {
  /** Failures in a row without any progress, this one included. */
  readonly failures: number;
  /** Failures in all, this one included. */
  readonly all: number;
  /** The policy. */
  readonly policy: RetryPolicy;
  /** A number from 0 to 1 that spreads retries. */
  readonly random: number;
}

/**
 * Finds how long to wait after a failure.
 *
 * @param error What was thrown.
 * @param options The failures so far, and the policy.
 * @returns Milliseconds, or undefined where there is nothing to wait for.
 */
export function retryDelay(
  error: unknown,
  { failures, all, policy, random }: Failures,
): number | undefined {
  const isOver = failures >= policy.attempts || all >= policy.allAttempts;
  if (!isTransient(error) || isOver) return undefined;
  const { cause } = error as Error;
  const asked = isBusy(cause) ? cause.retryAfter : 0;
  if (asked > policy.longestRetryAfter) return undefined;
  const backoff = Math.min(
    policy.firstDelay * 2 ** (failures - 1),
    policy.longestDelay,
  );
  return 1000 * Math.max(asked, backoff * (0.5 + random / 2));
}
