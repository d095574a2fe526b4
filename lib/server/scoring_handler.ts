/**
 * The server as a function from requests to responses.
 *
 * @module
 */
import type { RunSettings, ShardDetector } from "../batch/run.ts";
import { allStores } from "../batch/stores.ts";
import type { Criteria } from "../results/verdict.ts";
import type { StoreSettings } from "../storage/store_settings.ts";
import type { Limits } from "./limits.ts";
import { ScoringServer } from "./server.ts";

/** Where batches of {@linkcode createScoringHandler} are kept. */
export interface BatchPlaces {
  /** Address of the folder for their state: the same for all replicas. */
  readonly state: string;
  /** Addresses of the folders that batches may write results to. */
  readonly allowOutput: readonly string[];
  /** What decides on their numbers: as for `planRun`. */
  readonly settings: RunSettings;
}

/** Options of {@linkcode createScoringHandler}. */
export interface ScoringHandlerOptions {
  /**
   * What `/v2/models/NAME` calls the model.
   *
   * @default {"model"}
   */
  readonly modelName?: string;
  /** Tokens that requests must carry one of; none are needed where it is empty. */
  readonly tokens?: readonly string[];
  /** Addresses of folders that requests may name images of; none where absent. */
  readonly allowInput?: readonly string[];
  /** The only categories that requests may name; any where absent. */
  readonly allowCategories?: readonly string[];
  /**
   * Category of images that come with none.
   *
   * @default {"object"}
   */
  readonly object?: string;
  /**
   * The values that the first and the last colour of heatmaps stand for.
   *
   * @default {[0, 1]}
   */
  readonly heatRange?: readonly [number, number];
  /**
   * Images of concurrent requests in one run of the network, at most.
   *
   * @default {8}
   */
  readonly batchSize?: number;
  /**
   * Milliseconds that an idle network waits for more images.
   *
   * @default {3}
   */
  readonly batchDelay?: number;
  /** Thresholds of categories; with them, answers have verdicts. */
  readonly criteria?: Criteria;
  /** Bounds on requests; those that are absent have their defaults. */
  readonly limits?: Partial<Limits>;
  /** How buckets are reached. */
  readonly storage?: StoreSettings;
  /** Turns on `/v1/batches`. */
  readonly batches?: BatchPlaces;
  /** Called with each defect, which responses do not show. */
  readonly onError?: (error: unknown) => void;
}

/** A server without a socket. */
export interface ScoringHandler extends AsyncDisposable {
  /**
   * Answers a request. It needs no `this`, so that it can be passed on, such as
   * to `Deno.serve()` or to `app.mount()` of Hono.
   */
  readonly fetch: (request: Request) => Promise<Response>;
  /**
   * Stops batches, so that another replica goes on with them, and answers
   * later requests with 503. The detector stays open.
   */
  close(): Promise<void>;
}

/**
 * Makes the routes of `deno task serve` for a detector of this process.
 *
 * @example Mount it below a path of an application
 * ```ts ignore
 * import { Hono } from "hono";
 * import { Detector } from "@mfp-clip/mfp-clip";
 * import { createScoringHandler } from "@mfp-clip/mfp-clip/server";
 *
 * await using detector = await Detector.open("nano");
 * await using scoring = createScoringHandler(detector);
 * const app = new Hono().mount("/anomaly", scoring.fetch);
 * await Deno.serve(app.fetch).finished;
 * ```
 *
 * @param detector The open model.
 * @param options Who may ask for what.
 * @returns The handler.
 * @throws {RangeError} If an address in `allowInput` or `allowOutput` is not one.
 * @throws {StorageError} If the address of `state` is not one.
 */
export function createScoringHandler(
  detector: ShardDetector,
  options: ScoringHandlerOptions = {},
): ScoringHandler {
  const {
    modelName = "model",
    storage = {},
    batches,
    criteria,
    ...rest
  } = options;
  const stores = allStores(storage);
  const server = new ScoringServer({
    ...rest,
    modelName,
    stores,
    ...batches && {
      state: stores.folder(batches.state),
      allowOutput: batches.allowOutput,
    },
  });
  server.modelLoaded({ detector, settings: batches?.settings, criteria });
  async function close(): Promise<void> {
    await server.drain();
    server.refuseWaiting();
    server.close();
  }
  return {
    fetch: async (request) => await server.app.fetch(request),
    close,
    [Symbol.asyncDispose]: close,
  };
}
