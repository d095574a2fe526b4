/**
 * Clients of S3 and of services with the same interface.
 *
 * @module
 */
import { S3Client, type S3ClientConfig } from "@aws-sdk/client-s3";
import { defaultProvider } from "@aws-sdk/credential-provider-node";
import { createAsGoogle } from "./google_create.ts";
import { StorageError } from "./object_store.ts";
import { retryStrategy } from "./s3_retry.ts";
import type { StoreSettings } from "./store_settings.ts";

/**
 * Further attempts to get credentials of the machine. The SDK makes none by
 * itself, and the service may be slow where many machines start at once.
 */
const CREDENTIAL_RETRIES = 2;

/** Attempts where the settings name no other number. */
export const DEFAULT_ATTEMPTS = 5;

const DEFAULT_STALL_SECONDS = 60;
const CONNECT_SECONDS = 10;
const DEFAULT_REGION = "us-east-1";

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

function configOf(settings: StoreSettings): S3ClientConfig {
  const { endpoint, region, credentials } = settings;
  const stall = 1000 * checkPositive(
    "stallSeconds",
    settings.stallSeconds ?? DEFAULT_STALL_SECONDS,
  );
  const attempts = checkPositive(
    "attempts",
    settings.attempts ?? DEFAULT_ATTEMPTS,
  );
  const isElsewhere = endpoint !== undefined;
  const place = region ?? (isElsewhere ? DEFAULT_REGION : undefined);
  return {
    ...isElsewhere && { endpoint: checkEndpoint(endpoint) },
    ...place !== undefined && { region: place },
    ...credentials !== undefined && { credentials },
    credentialDefaultProvider: (config) =>
      defaultProvider({ ...config, maxRetries: CREDENTIAL_RETRIES }),
    forcePathStyle: settings.pathStyle ?? isElsewhere,
    maxAttempts: attempts,
    retryStrategy: retryStrategy(attempts),
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    expectContinueHeader: false,
    requestHandler: {
      connectionTimeout: Math.min(1000 * CONNECT_SECONDS, stall),
      socketTimeout: stall,
    },
  };
}

const clients = new WeakMap<StoreSettings, S3Client>();

/**
 * The client for these settings; the same one for the same object, so that
 * its connections and credentials are shared.
 *
 * @throws {StorageError} If a setting is wrong.
 */
export function clientFor(settings: StoreSettings): S3Client {
  const known = clients.get(settings);
  if (known !== undefined) return known;
  const client = new S3Client(configOf(settings));
  if (settings.endpoint !== undefined) {
    createAsGoogle(client, settings.endpoint);
  }
  clients.set(settings, client);
  return client;
}
