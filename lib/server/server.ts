/**
 * A server and its life: it loads the model, answers, and drains.
 *
 * @module
 */
import { begin } from "../async/begin.ts";
import type { ShardDetector } from "../batch/run.ts";
import type { Stores } from "../batch/stores.ts";
import type { Detector } from "../detector/detector.ts";
import type { ProductProfile } from "../references/product_profile.ts";
import type { Criteria } from "../results/verdict.ts";
import type { ObjectStore } from "../storage/object_store.ts";
import { AllowedStores } from "./requests/allowed_stores.ts";
import { createApp, createHealthApp } from "./app.ts";
import { BatchJobs } from "./batches/jobs.ts";
import { BatchRunner } from "./batches/runner.ts";
import { IncomingBodies } from "./requests/incoming_bodies.ts";
import { BodyParser } from "./requests/parsing/body_parser.ts";
import { CategoryGate } from "./scoring/category_gate.ts";
import { ImageScorer } from "./scoring/image_scorer.ts";
import { Lifecycle } from "./lifecycle.ts";
import { DEFAULT_LIMITS, type Limits } from "./limits.ts";
import { hashedSettings, type ModelSettings } from "./model_settings.ts";
import {
  isLearner,
  type Learner,
  ProfileMaker,
} from "./profiles/profile_maker.ts";
import { ProfileStore } from "./profiles/profile_store.ts";
import { MicroBatcher } from "./scoring/micro_batcher.ts";
import type { NamedDecoding } from "../detector/image_source.ts";
import { DecodePool, type ResizedImage } from "../framing/decode_pool.ts";
import { Semaphore } from "../async/semaphore.ts";
import { ServerMetrics } from "./server_metrics.ts";
import type { App, Services } from "./services.ts";

/** A loaded model. */
export interface LoadedModel {
  /** Looks at images. */
  readonly detector:
    & ShardDetector
    & Partial<Pick<Detector, "promptWarnings">>
    & Partial<Learner>;
  /** What decides on the numbers of batches; needed where they are kept. */
  readonly settings?: ModelSettings | undefined;
  /** Thresholds of categories; with them, answers have verdicts. */
  readonly criteria?: Criteria | undefined;
  /** Calibrations behind the thresholds, by category; the page shows them. */
  readonly products?: Readonly<Record<string, ProductProfile>> | undefined;
  /** What readers of scores must know to trust them; the page says it. */
  readonly caution?: string | undefined;
}

/** Options of {@linkcode ScoringServer}. */
export interface ServerOptions {
  /** Name of the model, in addresses and answers. */
  readonly modelName: string;
  /** Opens any address. */
  readonly stores: Stores;
  /** Tokens that requests must carry one of; none where it is empty. */
  readonly tokens?: readonly string[];
  /** Folders that requests may have read; none where it is empty. */
  readonly allowInput?: readonly string[];
  /** Folders that requests may have written; none where it is empty. */
  readonly allowOutput?: readonly string[];
  /** The only categories that requests may name; any where absent. */
  readonly allowCategories?: readonly string[] | undefined;
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
   * Images per run of the network at most.
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
  /** Bounds; {@linkcode DEFAULT_LIMITS} where they say nothing. */
  readonly limits?: Partial<Limits>;
  /** Where batches are kept; without it there are none. */
  readonly state?: ObjectStore | undefined;
  /** Where results of events go; without it events are refused. */
  readonly events?: ObjectStore | undefined;
  /** Path of readiness that a platform has chosen. */
  readonly healthRoute?: string | undefined;
  /** Path of predictions that a platform has chosen. */
  readonly predictRoute?: string | undefined;
  /**
   * Whether SageMaker's batch transform sends the requests. A bad image is then
   * a result with its reason, because a 4xx would end the whole job.
   *
   * @default {false}
   */
  readonly isTransform?: boolean;
  /** Milliseconds between two looks at batches. */
  readonly pollMilliseconds?: number;
  /** Milliseconds without a sign of life after which a worker is dead. */
  readonly deadMilliseconds?: number;
  /** Called with each defect, which responses do not show. */
  readonly onError?: (error: unknown) => void;
}

/** Images that are decoded at a time; libvips uses threads of its own beside. */
const DECODING_WORKERS = Math.min(navigator.hardwareConcurrency, 4);

const MAX_ACTIVE_BATCHES = 100;

/** A server, without the sockets. */
export class ScoringServer {
  /** Answers everything. */
  readonly app: App;
  /** Answers health and metrics only. */
  readonly healthApp: App;
  /** Where the server is in its life. */
  readonly lifecycle: Lifecycle = new Lifecycle();
  readonly #options: ServerOptions;
  readonly #services: Services;
  readonly #jobs: BatchJobs | undefined;
  readonly #decoder = new DecodePool({ workers: DECODING_WORKERS });
  #scorer: ImageScorer | undefined;
  #criteria: Criteria | undefined;
  #caution: string | undefined;
  #products: Readonly<Record<string, ProductProfile>> = {};
  #maker: ProfileMaker | undefined;
  #batcher: MicroBatcher | undefined;
  #runner: BatchRunner | undefined;

  /**
   * Constructs a server without a model.
   *
   * @throws {RangeError} If an allowed address is not valid.
   */
  constructor(options: ServerOptions) {
    this.#options = options;
    this.#services = this.#makeServices();
    const { state, events, healthRoute, predictRoute, tokens = [] } = options;
    const { pollMilliseconds = 1000 } = options;
    this.#jobs = state && new BatchJobs(state);
    const batches = this.#jobs && {
      jobs: this.#jobs,
      wake: () => this.#runner?.wake(),
      maxActive: MAX_ACTIVE_BATCHES,
      pollMilliseconds,
    };
    this.app = createApp(this.#services, {
      tokens,
      batches,
      events,
      healthRoute,
      predictRoute,
      isTransform: options.isTransform,
    });
    this.healthApp = createHealthApp(this.#services, { healthRoute });
  }

  /** Counts and times. */
  get metrics(): ServerMetrics {
    return this.#services.metrics;
  }

  /**
   * Starts to score.
   *
   * @throws {TypeError} If batches are kept and the model comes without
   * settings.
   */
  modelLoaded(loaded: LoadedModel): void {
    const { detector, settings, criteria, caution, products = {} } = loaded;
    this.#criteria = criteria;
    this.#products = products;
    const { metrics, categories, limits, onError } = this.#services;
    const { batchSize = 8, batchDelay = 3 } = this.#options;
    this.#batcher = new MicroBatcher((inputs) => detector.detect(inputs), {
      maxItems: batchSize,
      delay: batchDelay,
      sessions: detector.sessions,
      onMicroBatch: (report) => {
        metrics.microBatchDone(report);
        this.lifecycle.sessionAnswered(report.isAnswered);
      },
    });
    const batcher = this.#batcher;
    this.#caution = caution;
    if (isLearner(detector)) {
      this.#maker = new ProfileMaker({ detector, settings, limits });
    }
    this.#scorer = new ImageScorer({
      detector,
      warningsOf: (category) => detector.promptWarnings?.(category) ?? [],
      criteria,
      decode: (bytes, options) => this.#decode(detector, bytes, options),
      bitDepth: settings?.bitDepth ?? 16,
      ignoreOrientation: settings?.ignoreOrientation ?? false,
      batcher,
      metrics,
      categories,
      limits,
      onError,
    });
    this.lifecycle.modelLoaded();
    if (this.#jobs === undefined) return;
    if (settings === undefined) {
      throw new TypeError(
        "Cannot keep batches as their settings must be given",
      );
    }
    // Who gave the settings waits for their hash too, and tells what fails.
    begin(this.#startBatches(this.#jobs, { detector, settings }));
  }

  /** In workers of the detector, or of its own where that has none. */
  async #decode(
    detector: LoadedModel["detector"],
    bytes: Uint8Array,
    options: NamedDecoding,
  ): Promise<ResizedImage> {
    if (detector.decode !== undefined) {
      return await detector.decode(bytes, options);
    }
    const { signal, category: _, ...how } = options;
    const { side } = detector;
    const request = { side, keepImage: false, options: how, signal };
    return await this.#decoder.decode(bytes, request);
  }

  /** Works on batches as soon as the files of the model are hashed. */
  async #startBatches(
    jobs: BatchJobs,
    { detector, settings }: LoadedModel & { readonly settings: ModelSettings },
  ): Promise<void> {
    const hashed = await hashedSettings(settings);
    if (this.lifecycle.phase === "draining") return;
    const { batchSize = 8, pollMilliseconds = 1000 } = this.#options;
    const { deadMilliseconds = 30_000 } = this.#options;
    const { input, output, metrics, onError } = this.#services;
    const { categories, limits } = this.#services;
    this.#runner = new BatchRunner({
      jobs,
      stores: this.#options.stores,
      input,
      output,
      detector,
      categories: categories.allowed,
      settings: hashed,
      limits,
      metrics,
      batchSize,
      beatMilliseconds: pollMilliseconds,
    }, { pollMilliseconds: pollMilliseconds * 5, deadMilliseconds, onError });
    this.#runner.wake();
  }

  /** Not ready from now on; batches are left for others. */
  async drain(): Promise<void> {
    this.lifecycle.drain();
    await this.#runner?.stop();
  }

  /** Refuses what is not done, with 503. */
  refuseWaiting(): void {
    // First, so that batches that run are answered.
    this.#batcher?.stop(new DOMException("The server ends", "AbortError"));
    this.lifecycle.end();
  }

  /** Ends the workers that decode images, and drops the profiles of clients. */
  close(): void {
    this.#services.profiles.close();
    this.#decoder.close();
    this.#services.parser[Symbol.dispose]();
    this.metrics[Symbol.dispose]();
  }

  #makeServices(): Services {
    const { modelName, stores, allowCategories } = this.#options;
    const { allowInput = [], allowOutput = [] } = this.#options;
    const { object = "object", heatRange = [0, 1] } = this.#options;
    const { onError = () => {} } = this.#options;
    const limits = { ...DEFAULT_LIMITS, ...this.#options.limits };
    const held = new Semaphore(limits.heldBytes);
    const services: Services = {
      modelName,
      object,
      heatRange,
      limits,
      lifecycle: this.lifecycle,
      metrics: new ServerMetrics(),
      categories: new CategoryGate(allowCategories),
      slots: new Semaphore(limits.queue),
      held,
      bodies: new IncomingBodies(held),
      parser: new BodyParser(),
      objects: new Semaphore(limits.heldBytes),
      profiles: new ProfileStore(limits),
      input: new AllowedStores(stores, allowInput),
      output: new AllowedStores(stores, allowOutput),
      scorer: () => this.#scorer,
      criteria: () => this.#criteria,
      caution: () => this.#caution,
      profileMaker: () => this.#maker,
      products: () => this.#products,
      onError,
    };
    services.metrics.watch({
      queue: () => services.slots.taken + services.slots.waiting,
      heldBytes: () => services.held.taken + services.objects.taken,
      isReady: () => this.lifecycle.isReady,
    });
    return services;
  }
}
