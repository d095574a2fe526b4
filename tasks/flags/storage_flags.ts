/**
 * The flags that say how buckets are reached.
 *
 * @module
 */
import type { StoreSettings } from "../../lib/storage/store_settings.ts";
import type { FlagValues } from "../cli/flags.ts";

/** Flags of every verb that reads or writes objects in buckets. */
export const STORAGE_FLAGS = {
  endpoint: {
    kind: "text",
    value: "URL",
    help:
      "The S3 service, where it is not AWS; else AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL",
  },
  region: {
    kind: "text",
    value: "NAME",
    help: "The region of the buckets; else AWS_REGION",
  },
  "storage-timeout": {
    kind: "number",
    min: 0.1,
    max: 3600,
    default: 30,
    help:
      "Seconds without a byte after which a request to a bucket is tried again",
  },
} as const;

/**
 * Finds how buckets are reached. Credentials come from the AWS SDK's own
 * chain.
 *
 * @returns The settings.
 */
export function storeSettings(
  flags: FlagValues<typeof STORAGE_FLAGS>,
): StoreSettings {
  const endpoint = flags.endpoint || Deno.env.get("AWS_ENDPOINT_URL_S3") ||
    Deno.env.get("AWS_ENDPOINT_URL");
  const region = flags.region || Deno.env.get("AWS_REGION");
  return {
    ...endpoint && { endpoint },
    ...region && { region },
    stallSeconds: flags["storage-timeout"],
  };
}
