/**
 * `serve`: scores on request, over HTTP.
 *
 * @module
 */
import { unlessAborted } from "../lib/async/abortable.ts";
import { Grace, GRACE_SECONDS } from "../lib/batch/grace.ts";
import { allStores } from "../lib/batch/stores.ts";
import { hashedSettings } from "../lib/server/model_settings.ts";
import { importLate } from "../lib/async/import_late.ts";
import { keepLittleMemory } from "../lib/native_memory.ts";
import { type Command, defineCommand, type Invocation } from "./cli/command.ts";
import { EXIT } from "./cli/exit.ts";
import {
  portsOf,
  type Provider,
  providerOf,
  SERVE_FLAGS,
  SERVE_VARIABLES,
} from "./flags/serve_flags.ts";
import { DATA_FLAGS, LISTING_FLAGS } from "./flags/data_flags.ts";
import { FRAME_FLAGS } from "./flags/frame_flags.ts";
import { STORED_GOOD_FLAGS } from "./flags/good_flags.ts";
import { MODEL_FLAGS } from "./flags/model_flags.ts";
import { STORAGE_FLAGS, storeSettings } from "./flags/storage_flags.ts";
import { assertVerdictFlags, VERDICT_FLAGS } from "./flags/verdict_flags.ts";
import { chooseModel, localModel, openModel } from "./serve/open_model.ts";
import type { ServerPlaces } from "./serve/start_server.ts";

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

/** What a server is made of beside its flags. */
interface Places extends ServerPlaces {
  /** Where the model runs. */
  readonly provider: Provider;
}

/** Resolves when the process must stop. */
function stopped(signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  signal.addEventListener("abort", () => resolve());
  if (signal.aborted) resolve();
  return promise;
}

/**
 * Milliseconds that the modules of the server wait for the files of the model.
 * A model in a bucket takes minutes.
 */
const PATIENCE = 1000;

/** Loads what is needed beside the model. */
async function lateModules(
  begun: Promise<unknown>,
): Promise<typeof import("./serve/start_server.ts")> {
  await unlessAborted(begun, AbortSignal.timeout(PATIENCE));
  return await importLate(new URL("./serve/start_server.ts", import.meta.url));
}

async function serveModel(
  { flags, signal }: Serving,
  { provider, stores, ...places }: Places,
): Promise<number> {
  using grace = new Grace({ signal, seconds: GRACE_SECONDS });
  const failed = new AbortController();
  const ending = AbortSignal.any([signal, failed.signal]);
  const begun = Promise.withResolvers<void>();
  const opening = localModel(places.model, stores, ending).then((folder) =>
    openModel({ ...flags, provider }, folder, begun.resolve)
  );
  opening.catch(() => begun.resolve());
  // While a worker loads the network, there is time for other modules.
  const modules = lateModules(begun.promise);
  const loading = opening.then(async (loaded) => {
    const { learnGoodOf } = await modules;
    return await learnGoodOf(loaded, flags, { stores, signal: ending });
  });
  // What fails is told below, where it is waited for.
  const late = loading.catch(() => undefined);
  try {
    const { startServer } = await modules;
    const { server, listening } = await startServer(flags, {
      ...places,
      stores,
    });
    const loaded = await unlessAborted(loading, signal);
    if (loaded !== undefined) {
      server.modelLoaded(loaded);
      const { caution } = loaded;
      if (caution !== undefined) console.error(`Caution: ${caution}`);
      console.error(`Ready with the model ${places.model}`);
      // Its files are hashed meanwhile, and one may be unreadable.
      await unlessAborted(hashedSettings(loaded.settings), signal);
      await stopped(signal);
    }
    await listening.drain();
    return EXIT.done;
  } catch (error) {
    failed.abort();
    throw error;
  } finally {
    // The process may crash if it ends while native code loads a model.
    const toClose = await unlessAborted(late, grace.images);
    await toClose?.detector.close();
  }
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
