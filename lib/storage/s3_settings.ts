/**
 * Settings of buckets, checked before anything is loaded that uses them.
 *
 * @module
 */
import { StorageError } from "./object_store.ts";
import type { StoreSettings } from "./store_settings.ts";

/** Attempts where the settings name no other number. */
const DEFAULT_ATTEMPTS = 5;

const DEFAULT_STALL_SECONDS = 60;

function checkEndpoint(endpoint: string): string {
  const url = URL.parse(endpoint);
  const isPlain = url !== null && /^https?:$/.test(url.protocol) &&
    `${url.username}${url.password}${url.search}${url.hash}` === "";
  if (isPlain) return endpoint;
  const message = "Cannot reach a bucket as the endpoint must be an http or " +
    "https address without user, query or fragment";
  throw new StorageError(message, "invalid");
}

function checkPositive(name: string, value: number): number {
  if (value > 0 && Number.isFinite(value)) return value;
  const message = `Cannot reach a bucket as ${name} must be above 0: ` +
    `current value is ${value}`;
  throw new StorageError(message, "invalid");
}

/** Settings of a client of buckets, checked and complete. */
export interface S3Settings {
  /** The address of the service; undefined for AWS. */
  readonly endpoint: string | undefined;
  /** Seconds without a byte until a request has failed. */
  readonly stallSeconds: number;
  /** How often a request is sent at most. */
  readonly attempts: number;
}

/**
 * Checks settings.
 *
 * @throws {StorageError} If one is wrong.
 */
export function checkSettings(settings: StoreSettings): S3Settings {
  const {
    endpoint,
    stallSeconds = DEFAULT_STALL_SECONDS,
    attempts = DEFAULT_ATTEMPTS,
  } = settings;
  return {
    stallSeconds: checkPositive("stallSeconds", stallSeconds),
    attempts: checkPositive("attempts", attempts),
    endpoint: endpoint === undefined ? undefined : checkEndpoint(endpoint),
  };
}
