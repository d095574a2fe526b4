/**
 * The flags of `score --watch`, and the webhook that they and the environment
 * describe.
 *
 * @module
 */
import type { FlagValues } from "../cli/flags.ts";
import { UsageError } from "../cli/usage_error.ts";

/** Flags of `score --watch` alone. */
export const WATCH_FLAGS = {
  watch: {
    kind: "text",
    value: "DIR|URI",
    help:
      "Score images as they come into a folder or s3://BUCKET/FOLDER/, in place of --data, until the process is stopped; --out is then a folder here",
  },
  poll: {
    kind: "number",
    min: 0.05,
    max: 86_400,
    default: 2,
    help: "With --watch: seconds between two looks at the folder",
  },
  settle: {
    kind: "number",
    min: 0,
    max: 86_400,
    default: 2,
    help:
      "With --watch: seconds for which the size and time of a file must stay the same before it is read",
  },
  webhook: {
    kind: "text",
    value: "URL",
    help:
      "With --watch: an http or https address that each decision is sent to, signed with MFP_WEBHOOK_SECRET",
  },
} as const;

type WatchFlags = FlagValues<typeof WATCH_FLAGS>;

/** The variable that holds the key of signatures. */
export const WEBHOOK_SECRET = "MFP_WEBHOOK_SECRET";

/** Bytes of a key that cannot be guessed; the longest are those of SHA-512. */
const LEAST_SECRET = 16;

/** Where decisions are sent, and the key of signatures. */
export interface WebhookPlace {
  readonly url: URL;
  readonly secret: Uint8Array;
}

/** A secret of Standard Webhooks is base64 behind `whsec_`. */
function secretOf(text: string): Uint8Array | undefined {
  const [, encoded] = /^whsec_(.*)$/.exec(text) ?? [];
  if (encoded === undefined) return new TextEncoder().encode(text);
  try {
    return Uint8Array.fromBase64(encoded);
  } catch {
    return undefined;
  }
}

/**
 * Reads where decisions are sent.
 *
 * @param address What `--webhook` says.
 * @param secret What the environment says.
 * @returns Undefined without an address.
 * @throws {UsageError} If either is not valid.
 */
export function webhookPlace(
  address: string | undefined,
  secret: string | undefined,
): WebhookPlace | undefined {
  if (address === undefined) return undefined;
  const url = URL.parse(address);
  const isWeb = url?.protocol === "http:" || url?.protocol === "https:";
  if (url === null || !isWeb || url.username + url.password !== "") {
    throw new UsageError(
      `Cannot send decisions as --webhook must be an http or https address ` +
        `without a user: current value is ${JSON.stringify(address)}`,
    );
  }
  const key = secretOf(secret?.trim() ?? "");
  if (key !== undefined && key.length >= LEAST_SECRET) {
    return { url, secret: key };
  }
  throw new UsageError(
    `Cannot send decisions as ${WEBHOOK_SECRET} must hold a secret of at ` +
      `least ${LEAST_SECRET} bytes, as text or as whsec_ and base64`,
  );
}

/** Flags that a watch cannot follow, for it has no plan. */
const OF_RUNS = [
  "data",
  "shard",
  "shards",
  "job",
  "since",
  "no-merge",
] as const;

/** Refuses flags of runs in a watch, and those of a watch in runs. */
export function assertWatchFlags(
  flags:
    & WatchFlags
    & { readonly [name in typeof OF_RUNS[number]]?: unknown }
    & { readonly out: string },
): void {
  const { watch, out } = flags;
  if (watch === undefined) {
    if (flags.webhook === undefined) return;
    throw new UsageError(
      "Cannot use --webhook as it must stand beside --watch",
    );
  }
  const odd = OF_RUNS.find((name) =>
    flags[name] !== undefined && flags[name] !== false
  );
  if (odd !== undefined) {
    throw new UsageError(
      `Cannot watch as --watch must stand without --${odd}`,
    );
  }
  if (/^[a-z0-9]+:\/\//i.test(out)) {
    throw new UsageError(
      `Cannot watch as --out must be a folder here, to which lines are ` +
        `added: current value is ${JSON.stringify(out)}`,
    );
  }
}
