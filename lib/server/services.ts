/**
 * What all routes share.
 *
 * @module
 */
import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Context, MiddlewareHandler } from "hono";
import type { ProductProfile } from "../references/product_profile.ts";
import type { Criteria } from "../results/verdict.ts";
import type { AllowedStores } from "./requests/allowed_stores.ts";
import type { IncomingBodies } from "./requests/incoming_bodies.ts";
import type { BodyParser } from "./requests/parsing/body_parser.ts";
import type { CategoryGate } from "./scoring/category_gate.ts";
import type { ImageScorer } from "./scoring/image_scorer.ts";
import type { Lifecycle } from "./lifecycle.ts";
import type { Limits } from "./limits.ts";
import type { ProfileMaker } from "./profiles/profile_maker.ts";
import type { ProfileStore } from "./profiles/profile_store.ts";
import type { Semaphore } from "../async/semaphore.ts";
import type { ServerMetrics } from "./server_metrics.ts";

/** What middleware leaves for handlers. */
export interface ServerEnv {
  Variables: {
    /** The client's own id, or a new one. */
    requestId: string;
    /** Aborted when the client leaves, or the time of the request is over. */
    signal: AbortSignal;
    /** The body, where the route takes one; who parses it takes it away. */
    body: Uint8Array<ArrayBuffer>;
    /** What a body of JSON holds; long texts in base64 are their bytes. */
    json: unknown;
  };
}

/** The application. */
export type App = OpenAPIHono<ServerEnv>;

/** What a handler is given. */
export type ServerContext = Context<ServerEnv>;

/** What runs before a handler. */
export type Middleware = MiddlewareHandler<ServerEnv>;

/** What all routes share. */
export interface Services {
  /** Name of the model, in addresses and answers. */
  readonly modelName: string;
  /** Category of images that come with none. */
  readonly object: string;
  /** The values that the first and the last colour of heatmaps stand for. */
  readonly heatRange: readonly [number, number];
  /** Bounds. */
  readonly limits: Limits;
  /** Where the server is in its life. */
  readonly lifecycle: Lifecycle;
  /** Counts. */
  readonly metrics: ServerMetrics;
  /** Names that may be asked for. */
  readonly categories: CategoryGate;
  /** Images that wait or are being scored. */
  readonly slots: Semaphore;
  /** Bytes of bodies. */
  readonly held: Semaphore;
  /** Bodies that come in, in that memory. */
  readonly bodies: IncomingBodies;
  /** Reads bodies, large ones in a worker. */
  readonly parser: BodyParser;
  /** Bytes of objects that requests name. */
  readonly objects: Semaphore;
  /** Profiles that clients made. */
  readonly profiles: ProfileStore;
  /** Addresses that may be read. */
  readonly input: AllowedStores;
  /** Addresses that may be written. */
  readonly output: AllowedStores;
  /** The scorer; undefined until the model is loaded. */
  scorer(): ImageScorer | undefined;
  /** Thresholds by category; undefined where there are none. */
  criteria(): Criteria | undefined;
  /** Learns good images of clients; undefined where the model cannot. */
  profileMaker(): ProfileMaker | undefined;
  /** Calibrations that the server was started with, by category. */
  products(): Readonly<Record<string, ProductProfile>>;
  /** What the page says of scores, once the model is loaded. */
  caution(): string | undefined;
  /** Called with each defect, which responses do not show. */
  onError(error: unknown): void;
}
