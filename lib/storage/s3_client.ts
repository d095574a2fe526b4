/**
 * Clients of S3 and of services with the same interface.
 *
 * @module
 */
import { S3Client, type S3ClientConfig } from "@aws-sdk/client-s3";
import { defaultProvider } from "@aws-sdk/credential-provider-node";
import { createAsGoogle } from "./google_create.ts";
import { boundAnswers } from "./s3_answers.ts";
import { retryStrategy } from "./s3_retry.ts";
import { checkSettings } from "./s3_settings.ts";
import type { StoreSettings } from "./store_settings.ts";

/**
 * Further attempts to get credentials of the machine. The SDK makes none by
 * itself, and the service may be slow where many machines start at once.
 */
const CREDENTIAL_RETRIES = 2;

const CONNECT_SECONDS = 10;
const DEFAULT_REGION = "us-east-1";

function configOf(settings: StoreSettings): S3ClientConfig {
  const { region, credentials } = settings;
  const { endpoint, stallSeconds, attempts } = checkSettings(settings);
  const stall = 1000 * stallSeconds;
  const isElsewhere = endpoint !== undefined;
  const place = region ?? (isElsewhere ? DEFAULT_REGION : undefined);
  return {
    ...isElsewhere && { endpoint },
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
  boundAnswers(client);
  if (settings.endpoint !== undefined) {
    createAsGoogle(client, settings.endpoint);
  }
  clients.set(settings, client);
  return client;
}
