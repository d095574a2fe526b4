/**
 * The flags of `serve`, and what the environment says where they say nothing.
 *
 * @module
 */
import type { DATA_FLAGS, LISTING_FLAGS } from "./data_flags.ts";
import type { FlagValues } from "../cli/flags.ts";
import type { FRAME_FLAGS } from "./frame_flags.ts";
import { UsageError } from "../cli/usage_error.ts";
import { MODEL_FLAGS, type ModelFlags } from "./model_flags.ts";
import type { STORAGE_FLAGS } from "./storage_flags.ts";
import type { VERDICT_FLAGS } from "./verdict_flags.ts";

/** Flags of `serve` alone. */
export const SERVE_FLAGS = {
  model: {
    kind: "text",
    value: "NAME|DIR|URI",
    help:
      "The model: nano, a downloaded model, a model directory, or one in a bucket (default MODEL_URI, AIP_STORAGE_URI, /opt/ml/model or /mnt/models, else nano)",
  },
  provider: {
    kind: "choice",
    choices: ["cpu", "cuda", "webgpu"],
    help: "Where the network runs (default MFP_PROVIDER, else cpu)",
  },
  name: {
    kind: "text",
    value: "NAME",
    help:
      "What /v2/models/NAME calls the model (default the last part of --model)",
  },
  port: {
    kind: "integer",
    min: 0,
    max: 65_535,
    help: "The port (default AIP_HTTP_PORT or PORT, else 8080)",
  },
  host: {
    kind: "text",
    value: "ADDRESS",
    help:
      "The address to listen at (default MFP_HOST, else 0.0.0.0 with MFP_TOKENS and 127.0.0.1 without)",
  },
  "batch-size": {
    kind: "integer",
    min: 1,
    max: 1024,
    default: 8,
    help: "Most images of concurrent requests in one run of the network",
  },
  "batch-delay": {
    kind: "number",
    min: 0,
    max: 10_000,
    default: 3,
    help:
      "Milliseconds that an idle network waits for more images; it waits a little longer for an image that is being decoded",
  },
  queue: {
    kind: "integer",
    min: 1,
    default: 128,
    help: "Most images that may wait; more are refused with 429",
  },
  "max-body": {
    kind: "number",
    min: 0.001,
    max: 4096,
    default: 32,
    help: "Most megabytes of a request, and of an object that it names",
  },
  "max-pixels": {
    kind: "number",
    min: 0.001,
    max: 1000,
    default: 50,
    help: "Most millions of pixels of an image",
  },
  category: {
    kind: "list",
    value: "A,B",
    help: "The only categories that requests may name (default any)",
  },
  "heat-range": {
    kind: "range",
    default: [0, 1],
    help: "The values of the first and the last colour of heatmaps",
  },
  "allow-input": {
    kind: "list",
    value: "DIR|URI,...",
    help:
      "Folders whose images requests may name, such as s3://bucket/images/ or ./photos (default none)",
  },
  "allow-output": {
    kind: "list",
    value: "DIR|URI,...",
    help: "Folders that batches may write results to (default none)",
  },
  events: {
    kind: "text",
    value: "URI",
    help: "Folder for results of storage events; without it POST / answers 501",
  },
  state: {
    kind: "text",
    value: "URI",
    default: "out/serve",
    help: "Folder for the state of batches: the same for all replicas",
  },
} as const;

/** What the flags of `serve` read as. */
export type ServeFlags = FlagValues<
  & Omit<typeof MODEL_FLAGS, "model" | "provider">
  & typeof SERVE_FLAGS
  & typeof STORAGE_FLAGS
  & typeof VERDICT_FLAGS
  & typeof FRAME_FLAGS
  & Pick<typeof LISTING_FLAGS, "object">
  & Pick<typeof DATA_FLAGS, "bit-depth" | "ignore-orientation">
>;

/** Environment variables by name. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** The variables that `serve` reads. */
export const SERVE_VARIABLES: readonly string[] = [
  "AIP_HEALTH_ROUTE",
  "AIP_HTTP_PORT",
  "AIP_PREDICT_ROUTE",
  "AIP_STORAGE_URI",
  "MFP_HOST",
  "MFP_PROVIDER",
  "MFP_TOKENS",
  "MODEL_URI",
  "PORT",
  "PORT_HEALTH",
  "SAGEMAKER_BATCH",
];

function portIn(variables: Variables, name: string): number | undefined {
  const text = variables[name]?.trim();
  if (!text) return undefined;
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port < 65_536) return port;
  throw new UsageError(
    `Cannot listen as ${name} must be a port: current value is "${text}"`,
  );
}

/** The ports to open. */
export interface Ports {
  /** Of everything. */
  readonly port: number;
  /** Of health and metrics only, where a platform wants its own. */
  readonly healthPort: number | undefined;
}

/**
 * Finds the ports to open.
 *
 * @param flag What `--port` says.
 * @param variables The environment.
 * @returns The ports.
 * @throws {UsageError} If a variable is no port.
 */
export function portsOf(
  flag: number | undefined,
  variables: Variables,
): Ports {
  const port = flag ?? portIn(variables, "AIP_HTTP_PORT") ??
    portIn(variables, "PORT") ?? 8080;
  return { port, healthPort: portIn(variables, "PORT_HEALTH") };
}

/**
 * Finds the address to listen at. Without tokens nobody but this machine is
 * answered, unless somebody says so: images of containers do, in `MFP_HOST`.
 *
 * @param flag What `--host` says.
 * @param variables The environment.
 * @returns The address.
 */
export function hostOf(flag: string | undefined, variables: Variables): string {
  const isOpen = tokensOf(variables).length > 0;
  return flag ?? (variables["MFP_HOST"] || (isOpen ? "0.0.0.0" : "127.0.0.1"));
}

/** Whether an address is of this machine alone. */
export function isLoopback(host: string): boolean {
  return /^(localhost|127\.\d+\.\d+\.\d+|::1)$/i.test(host);
}

/** Where a network may run. */
export type Provider = ModelFlags["provider"];

/**
 * Finds where the network is to run. Platforms that start a container without
 * flags can say so in `MFP_PROVIDER`.
 *
 * @param flag What `--provider` says.
 * @param variables The environment.
 * @returns The provider.
 * @throws {UsageError} If the variable names none.
 */
export function providerOf(
  flag: Provider | undefined,
  { MFP_PROVIDER: text }: Variables,
): Provider {
  if (flag !== undefined || !text) return flag ?? MODEL_FLAGS.provider.default;
  const { choices } = MODEL_FLAGS.provider;
  const provider = choices.find((choice) => choice === text);
  if (provider !== undefined) return provider;
  throw new UsageError(
    `Cannot run the model as MFP_PROVIDER must be one of ${
      choices.join(", ")
    }: current value is "${text}"`,
  );
}

/**
 * Tells whether the container runs a batch transform job of SageMaker.
 *
 * @param variables The environment, with `SAGEMAKER_BATCH` as SageMaker sets it.
 * @returns Whether it does.
 */
export function isTransform({ SAGEMAKER_BATCH: text }: Variables): boolean {
  return text?.trim().toLowerCase() === "true";
}

/**
 * Finds the tokens that requests must carry one of.
 *
 * @param variables The environment, with `MFP_TOKENS` separated by commas.
 * @returns The tokens; none where requests need none.
 * @throws {UsageError} If a token could not stand in a header.
 */
export function tokensOf({ MFP_TOKENS: text }: Variables): readonly string[] {
  if (!text) return [];
  const tokens = text.split(",").map((token) => token.trim());
  if (tokens.every((token) => /^[\w.~+/-]+=*$/.test(token))) return tokens;
  throw new UsageError(
    "Cannot use MFP_TOKENS as it must be tokens of letters, digits and " +
      "-._~+/ separated by commas",
  );
}
