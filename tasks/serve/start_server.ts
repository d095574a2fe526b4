/**
 * From the flags of `serve` to a server that listens, without a model yet.
 *
 * @module
 */
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Stores } from "../../lib/batch/stores.ts";
import { listen, type Listening } from "../../lib/server/listen.ts";
import { canonicalUri } from "../../lib/server/requests/allowed_stores.ts";
import { ScoringServer } from "../../lib/server/server.ts";
import { describeError } from "../cli/exit.ts";
import { UsageError } from "../cli/usage_error.ts";
import { DEFAULT_OBJECT } from "../flags/data_flags.ts";
import {
  hostOf,
  isLoopback,
  isTransform,
  type Ports,
  type ServeFlags,
  tokensOf,
  type Variables,
} from "../flags/serve_flags.ts";
import { nameOf } from "./open_model.ts";

export { learnGoodOf } from "./learn_good.ts";

/** Where a server finds its parts. */
export interface ServerPlaces {
  /** A name, a directory or an address. */
  readonly model: string;
  /** Opens buckets. */
  readonly stores: Stores;
  /** Where it listens. */
  readonly ports: Ports;
  /** The environment. */
  readonly variables: Variables;
}

function asAddress(place: string): string {
  return place.includes("://") ? place : pathToFileURL(resolve(place)).href;
}

function bounds(flags: ServeFlags) {
  const bodyBytes = Math.round(flags["max-body"] * 1e6);
  return {
    bodyBytes,
    heldBytes: Math.max(8 * bodyBytes, 256e6),
    pixels: Math.round(flags["max-pixels"] * 1e6),
    queue: flags.queue,
  };
}

/** The folders that a flag allows; a path is one of this machine. */
function allowed(
  flags: ServeFlags,
  name: "allow-input" | "allow-output",
): readonly string[] {
  const uris = (flags[name] ?? []).map(asAddress);
  const odd = uris.find((uri) => canonicalUri(uri) === undefined);
  if (odd === undefined) return uris;
  throw new UsageError(
    `Cannot read --${name} as its folders must be s3://BUCKET/, gs://BUCKET/, file:///PATH/ or a path: current value is ${
      JSON.stringify(odd)
    }`,
  );
}

function makeServer(
  flags: ServeFlags,
  { model, stores, variables }: ServerPlaces,
): ScoringServer {
  const { events, category } = flags;
  return new ScoringServer({
    modelName: flags.name ?? nameOf(model),
    stores,
    tokens: tokensOf(variables),
    allowInput: allowed(flags, "allow-input"),
    allowOutput: allowed(flags, "allow-output"),
    allowCategories: category,
    object: flags.object ?? DEFAULT_OBJECT,
    heatRange: flags["heat-range"],
    batchSize: flags["batch-size"],
    batchDelay: flags["batch-delay"],
    limits: bounds(flags),
    state: stores.folder(asAddress(flags.state)),
    ...events !== undefined && { events: stores.folder(asAddress(events)) },
    healthRoute: variables["AIP_HEALTH_ROUTE"] || undefined,
    predictRoute: variables["AIP_PREDICT_ROUTE"] || undefined,
    isTransform: isTransform(variables),
    onError: (error) => console.error(describeError(error)),
  });
}

function announce(
  host: string,
  { port }: Listening,
  variables: Variables,
): void {
  const shown = host === "0.0.0.0" || host === "::" ? "localhost" : host;
  console.error(`Listening at http://${shown}:${port}/`);
  if (tokensOf(variables).length > 0) return;
  if (isLoopback(host)) {
    console.error(
      "Only this machine is answered; MFP_TOKENS, or --host, opens the port",
    );
    return;
  }
  console.error(
    "Warning: MFP_TOKENS is not set, so anyone who reaches the port may use it",
  );
}

/**
 * Makes a server, and opens its ports.
 *
 * @param flags What is asked for.
 * @param places Where its parts are.
 * @returns The server, not ready yet, and its sockets.
 * @throws {UsageError} If a flag or a variable cannot be used.
 * @throws {Error} If a port cannot be opened.
 */
export async function startServer(
  flags: ServeFlags,
  places: ServerPlaces,
): Promise<{ readonly server: ScoringServer; readonly listening: Listening }> {
  const { ports, variables } = places;
  const server = makeServer(flags, places);
  server.metrics.watchProcess();
  const hostname = hostOf(flags.host, variables);
  const isLocal = isLoopback(hostname) && tokensOf(variables).length === 0;
  const listening = await listen(server, { hostname, isLocal, ...ports });
  announce(hostname, listening, variables);
  return { server, listening };
}
