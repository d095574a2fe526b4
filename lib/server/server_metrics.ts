/**
 * What a server counts.
 *
 * @module
 */
import type { MiddlewareHandler } from "hono";
import { importLate } from "../async/import_late.ts";
import type { Outcome } from "./outcome.ts";
import type { PrometheusMetrics } from "./prometheus_metrics.ts";
import type { MicroBatchReport } from "./scoring/micro_batcher.ts";

/** Where time goes. */
export type ImageStage = "read" | "decode" | "queue" | "session" | "encode";

/** Numbers that are read when Prometheus scrapes them. */
export interface Gauges {
  /** Images that wait or are being scored. */
  queue(): number;
  /** Bytes of bodies held. */
  heldBytes(): number;
  /** Whether new requests should be sent here. */
  isReady(): boolean;
}

/** Where a batch stands. */
export interface BatchCounts {
  /** Images done, those of earlier attempts included. */
  readonly done: number;
  /** Images without a score among those whose part is stored. */
  readonly errors: number;
}

/** What tells requests apart. */
export interface RequestLabels {
  /** Its method. */
  readonly method: string;
  /** The path of the route that answered, with names in place of values. */
  readonly route: string;
  /** The status of the answer. */
  readonly status: string;
  /** Whether that is below 400. */
  readonly ok: string;
}

/** How much is noted before it has to be counted. */
const MOST_WAITING = 1000;

/** Something to be counted. */
type Note = (metrics: PrometheusMetrics) => void;

/**
 * Counts and times of one server. They are noted at first, and counted when
 * somebody asks for them or many wait: the library that does so takes a twentieth
 * of the start.
 */
export class ServerMetrics implements Disposable {
  /** What waits to be counted, and what is to be watched. */
  #waiting: Note[] = [];
  #loading: Promise<PrometheusMetrics> | undefined;
  #metrics: PrometheusMetrics | undefined;

  /** Middleware that counts requests and their times. */
  get requests(): MiddlewareHandler {
    return async (c, next) => {
      const begin = performance.now();
      try {
        await next();
      } finally {
        const seconds = (performance.now() - begin) / 1000;
        const { method, routePath: route } = c.req;
        const { status, ok } = c.res;
        const labels = { method, route, status: `${status}`, ok: `${ok}` };
        this.#note((metrics) => metrics.requestDone(labels, seconds));
      }
    };
  }

  /** Everything there is to scrape, as text. */
  async text(): Promise<string> {
    return await (await this.#loaded()).text();
  }

  /** Adds the memory and the event loop of the process. */
  watchProcess(): void {
    this.#note((metrics) => metrics.watchProcess());
  }

  /**
   * Adds what is asked for when it is scraped.
   *
   * @param gauges The numbers.
   */
  watch(gauges: Gauges): void {
    this.#note((metrics) => metrics.watch(gauges));
  }

  /** Counts an image. */
  imageDone(outcome: Outcome): void {
    this.#note((metrics) => metrics.imageDone(outcome));
  }

  /**
   * Counts the images of a batch as they are done. Which of them have no score
   * is known later, so they have an outcome of their own, `batch`.
   *
   * @returns A progress callback. Its first call sets the baseline, so that
   * images that an earlier worker has scored are not counted again.
   */
  countBatch(): (counts: BatchCounts) => void {
    let last: BatchCounts | undefined;
    return (counts) => {
      const { done, errors } = last ?? counts;
      last = {
        done: Math.max(counts.done, done),
        errors: Math.max(counts.errors, errors),
      };
      const more = { done: last.done - done, errors: last.errors - errors };
      this.#note((metrics) => metrics.batchDone(more));
    };
  }

  /** Counts a run of the network. */
  microBatchDone(report: MicroBatchReport): void {
    this.#note((metrics) => metrics.microBatchDone(report));
  }

  /** Notes the time of an image in a stage. */
  stageDone(stage: ImageStage, milliseconds: number): void {
    this.#note((metrics) => metrics.stageDone(stage, milliseconds));
  }

  /** Stops to watch. */
  [Symbol.dispose](): void {
    this.#metrics?.[Symbol.dispose]();
  }

  #note(note: Note): void {
    if (this.#metrics !== undefined) return note(this.#metrics);
    this.#waiting.push(note);
    if (this.#waiting.length >= MOST_WAITING) void this.#loaded();
  }

  #loaded(): Promise<PrometheusMetrics> {
    return this.#loading ??= this.#load();
  }

  async #load(): Promise<PrometheusMetrics> {
    const address = new URL("./prometheus_metrics.ts", import.meta.url);
    const { PrometheusMetrics } = await importLate<
      typeof import("./prometheus_metrics.ts")
    >(address);
    const metrics = new PrometheusMetrics();
    for (const note of this.#waiting) note(metrics);
    this.#waiting = [];
    return this.#metrics = metrics;
  }
}
