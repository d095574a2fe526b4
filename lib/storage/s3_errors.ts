/**
 * Turns errors of the AWS SDK into errors of a store.
 *
 * @module
 */
import { StorageError, type StorageFailure } from "./object_store.ts";

/** What {@linkcode s3Error} was doing, and with what. */
export interface S3Action {
  /** Such as `read`. */
  readonly action: string;
  /** The object's address. */
  readonly location: string;
  /** What may end it early. */
  readonly signal?: AbortSignal | undefined;
}

/** The fields that the SDK's errors may have. */
interface SdkFields {
  readonly code?: unknown;
  readonly $metadata?: {
    readonly httpStatusCode?: number;
    readonly attempts?: number;
  };
}

/** An archived object cannot be read until someone restores it. */
const MISSING: ReadonlySet<string> = new Set([
  "InvalidObjectState",
  "NoSuchBucket",
  "NoSuchKey",
]);

const DENIED: ReadonlySet<string> = new Set([
  "CredentialsProviderError",
  "ExpiredToken",
  "NotCapable",
  "TokenRefreshRequired",
]);

const INVALID: ReadonlySet<string> = new Set([
  "InvalidBucketName",
  "NotImplemented",
  "TypeError",
]);

/** Statuses and codes of 4xx answers that another attempt may change. */
const UNAVAILABLE: ReadonlySet<string | number> = new Set<string | number>([
  408,
  425,
  429,
  "BadDigest",
  "ConditionalRequestConflict",
  "IncompleteBody",
  "InternalError",
  "NoSuchUpload",
  "OperationAborted",
  "RequestTimeTooSkewed",
  "RequestTimeout",
  "SlowDown",
]);

const MUST: Readonly<Record<StorageFailure, string>> = {
  missing: "the object and its bucket must exist",
  denied: "the credentials must allow it",
  invalid: "the address and the store's settings must be right",
  too_large: "it must be smaller",
  unreadable: "this user must be allowed to read it",
  unavailable: "the store must answer",
};

/** The HTTP status of the answer that an error stands for, if there was one. */
export function statusOf(error: unknown): number | undefined {
  return (error as SdkFields | null)?.$metadata?.httpStatusCode;
}

/** The SDK reports a missing region only by this message. */
function isSetting(error: Error): boolean {
  return error.message === "Region is missing" ||
    ("code" in error && error.code === "ERR_INVALID_URL");
}

/**
 * What kind of failure an error of the SDK is.
 *
 * @returns The kind; unavailable where nothing else is known.
 */
export function failureOf(error: Error): StorageFailure {
  const { name } = error;
  const status = statusOf(error) ?? 0;
  if (UNAVAILABLE.has(name) || UNAVAILABLE.has(status)) return "unavailable";
  if (MISSING.has(name) || status === 404) return "missing";
  if (DENIED.has(name) || status === 401 || status === 403) return "denied";
  const isWrong = status >= 300 && status < 500 || status === 501;
  return INVALID.has(name) || isSetting(error) || isWrong
    ? "invalid"
    : "unavailable";
}

/** What the SDK adds to the message where it could not read an answer. */
const HINT = /\s*Deserialization error: .*$/s;

/** The name and the message of an answer that could not be read. */
function namedError(error: Error): Pick<Error, "name" | "message"> {
  if (!HINT.test(error.message)) return error;
  const isDeep = error instanceof RangeError;
  const why = isDeep ? "it is nested too deeply" : error.message;
  const message = `its answer cannot be read: ${why.replace(HINT, "")}`;
  return { name: "Error", message };
}

/** An answer without a body has no name and no message. */
function wordsOf(error: Error): string {
  const { name, message } = namedError(error);
  const isNamed = !["Error", "Unknown", "NotFound"].includes(name);
  const isTold = message !== "" && !["UnknownError", name].includes(message);
  const words = [isNamed ? name : "", isTold ? message : ""]
    .filter((word) => word !== "").join(": ");
  const status = statusOf(error);
  const parts = [words, status === undefined ? "" : `status ${status}`];
  const { attempts = 1 } = (error as SdkFields).$metadata ?? {};
  if (attempts > 1) parts.push(`${attempts} attempts`);
  return parts.filter((part) => part !== "").join(", ")
    .replace(/\s+/g, " ").replace(/\.(?=,|$)/, "");
}

/**
 * Turns an error of the SDK into a store's. The SDK's own is not kept as its
 * cause: it may hold the request's signature and session token.
 *
 * @returns The error to throw; where the signal was aborted, its reason.
 */
export function s3Error(error: unknown, what: S3Action): unknown {
  if (what.signal?.aborted) return what.signal.reason;
  if (error instanceof StorageError || !(error instanceof Error)) return error;
  const failure = failureOf(error);
  const message = `Cannot ${what.action} ${what.location} as ` +
    `${MUST[failure]}: ${wordsOf(error)}`;
  return new StorageError(message, failure);
}

/**
 * Does something with a bucket, and turns the SDK's errors into a store's.
 */
export async function withS3Errors<T>(
  what: S3Action,
  work: () => Promise<T>,
): Promise<T> {
  try {
    what.signal?.throwIfAborted();
    return await work();
  } catch (error) {
    throw s3Error(error, what);
  }
}
