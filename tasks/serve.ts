/**
 * `serve`: scores on request, over HTTP.
 *
 * @module
 */
import { pathToFileURL } from "node:url";
import { resolve } from "node:path";
import { allStores, type Stores } from "../lib/batch/stores.ts";
import { Grace, GRACE_SECONDS } from "../lib/batch/grace.ts";
import { unlessAborted } from "../lib/async/abortable.ts";
import { listen, type Listening } from "../lib/server/listen.ts";
import { canonicalUri } from "../lib/server/requests/allowed_stores.ts";
import { keepLittleMemory } from "../lib/native_memory.ts";
import { ScoringServer } from "../lib/server/server.ts";
import type { ProductProfile } from "../lib/references/product_profile.ts";
import { storedCriteria } from "../lib/batch/stored_criteria.ts";
import type { Detector } from "../lib/detector/detector.ts";
import { criteriaOfProducts } from "../lib/evaluation/learned_products.ts";
import { readProfile } from "../lib/references/profile.ts";
import { type Command, defineCommand, type Invocation } from "./cli/command.ts";
import {
  DATA_FLAGS,
  DEFAULT_OBJECT,
  LISTING_FLAGS,
} from "./flags/data_flags.ts";
import { describeError, EXIT } from "./cli/exit.ts";
import { decodeOptions, STORED_GOOD_FLAGS } from "./flags/good_flags.ts";
import { plannedVerdicts } from "./flags/planned_verdicts.ts";
import {
  assertVerdictFlags,
  criteriaOf,
  learnedVerdicts,
  VERDICT_FLAGS,
} from "./flags/verdict_flags.ts";
import { cautionOnPhotographs } from "../lib/evaluation/caution.ts";
import { FRAME_FLAGS } from "./flags/frame_flags.ts";
import { MODEL_FLAGS } from "./flags/model_flags.ts";
import {
  hostOf,
  isLoopback,
  isTransform,
  type Ports,
  portsOf,
  type Provider,
  providerOf,
  SERVE_FLAGS,
  SERVE_VARIABLES,
  type ServeFlags,
  tokensOf,
  type Variables,
} from "./flags/serve_flags.ts";
import { chooseModel, localModel, nameOf, openModel } from "./serve_model.ts";
import { STORAGE_FLAGS, storeSettings } from "./flags/storage_flags.ts";
import { UsageError } from "./cli/usage_error.ts";

const FLAGS = {
  ...MODEL_FLAGS,
  ...FRAME_FLAGS,
  ...SERVE_FLAGS,
  object: LISTING_FLAGS.object,
  "bit-depth": DATA_FLAGS["bit-depth"],
  "ignore-orientation": DATA_FLAGS["ignore-orientation"],
  ...STORED_GOOD_FLAGS,
  ...VERDICT_FLAGS,
  ...STORAGE_FLAGS,
} as const;

type Serving = Invocation<typeof FLAGS>;

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
  { model, stores, variables }: {
    readonly model: string;
    readonly stores: Stores;
    readonly variables: Variables;
  },
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

/** Resolves when the process must stop. */
function stopped(signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  signal.addEventListener("abort", () => resolve());
  if (signal.aborted) resolve();
  return promise;
}

/** A model whose batches have settings. */
type Loaded = Awaited<ReturnType<typeof openModel>>;

/** Learns the good images, and thresholds, before the server is ready. */
async function learnGoodOf(
  loaded: Loaded,
  flags: Serving["flags"],
  options: { readonly stores: Stores; readonly signal: AbortSignal },
): Promise<Loaded> {
  const { object = DEFAULT_OBJECT, good, shots } = flags;
  if (good !== undefined || shots !== undefined) {
    const { learnStoredGood } = await import("./flags/stored_good.ts");
    const decode = decodeOptions(flags);
    const named = { ...flags, object };
    await learnStoredGood(loaded.detector, named, { ...options, decode });
  }
  const { category = [] } = flags;
  const chosen = await criteriaOf(loaded.detector, flags, category);
  const products = await productsOf(loaded.detector, flags);
  const criteria = chosen ?? criteriaOfProducts(products);
  const { directory: model, learned } = loaded.detector;
  const caution = cautionOnPhotographs({
    model,
    learned: learned.map(({ category }) => category),
    categories: category,
  });
  if (caution !== undefined) console.error(`Caution: ${caution}`);
  const { settings } = loaded;
  const planned = settings && await plannedVerdicts(flags, settings);
  const stored = planned?.criteria ??
    (criteria && storedCriteria(products));
  return {
    ...loaded,
    settings: settings && { ...settings, criteria: stored },
    criteria,
    products,
    caution,
  };
}

/** The calibrations of a profile, or those that learned good images set. */
async function productsOf(
  detector: Detector,
  { profile, threshold, good }: Serving["flags"],
): Promise<Readonly<Record<string, ProductProfile>>> {
  if (profile !== undefined) {
    return (await readProfile(profile)).profile.categories;
  }
  const isAsked = good !== undefined && threshold === undefined;
  return isAsked ? learnedVerdicts(detector) : {};
}

async function serveModel(
  { flags, signal }: Serving,
  { model, provider, stores, ports, variables }: {
    readonly model: string;
    readonly provider: Provider;
    readonly stores: Stores;
    readonly ports: Ports;
    readonly variables: Variables;
  },
): Promise<number> {
  const server = makeServer(flags, { model, stores, variables });
  server.metrics.watchProcess();
  const hostname = hostOf(flags.host, variables);
  const isLocal = isLoopback(hostname) && tokensOf(variables).length === 0;
  const listening = await listen(server, { hostname, isLocal, ...ports });
  announce(hostname, listening, variables);
  const loading = localModel(model, stores, signal)
    .then((folder) => openModel({ ...flags, provider }, folder))
    .then((loaded) => learnGoodOf(loaded, flags, { stores, signal }));
  using grace = new Grace({ signal, seconds: GRACE_SECONDS });
  const loaded = await unlessAborted(loading, signal);
  if (loaded !== undefined) {
    server.modelLoaded(loaded);
    console.error(`Ready with the model ${model}`);
    await stopped(signal);
  }
  await listening.drain();
  // The process may crash if it ends while native code loads a model.
  const late = loading.catch(() => undefined);
  const toClose = await unlessAborted(late, grace.images);
  await toClose?.detector.close();
  return EXIT.done;
}

async function run(serving: Serving): Promise<number> {
  const { flags } = serving;
  assertVerdictFlags(flags);
  keepLittleMemory();
  const variables = Object.fromEntries(
    SERVE_VARIABLES.map((name) => [name, Deno.env.get(name)]),
  );
  const stores = allStores(storeSettings(flags));
  const model = await chooseModel(flags.model, variables);
  const ports = portsOf(flags.port, variables);
  const provider = providerOf(flags.provider, variables);
  const places = { model, provider, stores, ports, variables };
  return await serveModel(serving, places);
}

/** The verb. */
export const command: Command = defineCommand({ flags: FLAGS, run });
