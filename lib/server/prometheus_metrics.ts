/**
 * What Prometheus scrapes.
 *
 * @module
 */
import process from "node:process";
import {
  collectDefaultMetrics,
  Counter,
  Gauge,
  Histogram,
  Registry,
} from "prom-client";
import { LoopWatch } from "./loop_watch.ts";
import type { Outcome } from "./outcome.ts";
import type { MicroBatchReport } from "./scoring/micro_batcher.ts";
import type {
  BatchCounts,
  Gauges,
  ImageStage,
  RequestLabels,
} from "./server_metrics.ts";

/**
 * What prom-client counts from the first scrape on, and what it reads in /proc:
 * Deno hides that, so they would be 0.
 */
const WRONG = [
  "process_cpu_user_seconds_total",
  "process_cpu_system_seconds_total",
  "process_cpu_seconds_total",
  "process_resident_memory_bytes",
  "process_virtual_memory_bytes",
  "process_heap_bytes",
  "process_open_fds",
] as const;

/** Milliseconds to a thousand seconds, in steps of about three. */
const SECONDS = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100];
const SIZES = [1, 2, 4, 8, 16, 32, 64, 128];

const REQUEST_LABELS = ["method", "status", "ok", "route"] as const;
const REQUEST_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5]
  .concat([0.75, 1, 2.5, 5, 7.5, 10]);

/** Counts and times of one server, for Prometheus. */
export class PrometheusMetrics implements Disposable {
  readonly #registry = new Registry();
  readonly #requests: Counter<keyof RequestLabels>;
  readonly #requestSeconds: Histogram<keyof RequestLabels>;
  readonly #images: Counter<"outcome">;
  readonly #errors: Counter<"reason">;
  readonly #batchSize: Histogram;
  readonly #seconds: Histogram<"stage">;
  #watch: LoopWatch | undefined;

  /** Constructs metrics that are all zero. */
  constructor() {
    const registers = [this.#registry];
    this.#requestSeconds = new Histogram({
      name: "http_request_duration_seconds",
      help: "Duration of HTTP requests in seconds",
      labelNames: REQUEST_LABELS,
      buckets: REQUEST_SECONDS,
      registers,
    });
    this.#requests = new Counter({
      name: "http_requests_total",
      help: "Total number of HTTP requests",
      labelNames: REQUEST_LABELS,
      registers,
    });
    this.#images = new Counter({
      name: "mfp_images_total",
      help:
        "Images that were answered, by outcome: ok, error, or batch for images " +
        "of batches, whose errors mfp_image_errors_total counts",
      labelNames: ["outcome"],
      registers,
    });
    this.#errors = new Counter({
      name: "mfp_image_errors_total",
      help: "Images without a score, by reason",
      labelNames: ["reason"],
      registers,
    });
    this.#batchSize = new Histogram({
      name: "mfp_batch_size",
      help: "Images per run of the network",
      buckets: SIZES,
      registers,
    });
    this.#seconds = new Histogram({
      name: "mfp_stage_seconds",
      help: "Time of an image in each stage",
      labelNames: ["stage"],
      buckets: SECONDS,
      registers,
    });
  }

  /** Counts a request. */
  requestDone(labels: RequestLabels, seconds: number): void {
    this.#requestSeconds.observe({ ...labels }, seconds);
    this.#requests.inc({ ...labels });
  }

  /** Everything there is to scrape. */
  async text(): Promise<string> {
    return await this.#registry.metrics();
  }

  /** Adds the memory and the event loop of the process. */
  watchProcess(): void {
    collectDefaultMetrics({ register: this.#registry });
    for (const name of WRONG) this.#registry.removeSingleMetric(name);
    this.#processor();
    this.#gauge(
      "process_resident_memory_bytes",
      "Resident memory size in bytes.",
      () => process.memoryUsage().rss,
    );
    const watch = new LoopWatch();
    this.#watch = watch;
    this.#gauge(
      "mfp_loop_blocked_seconds",
      "Longest time of the last minute in which the event loop did one thing",
      () => watch.longest,
    );
  }

  /** Adds the processor time since the process began. */
  #processor(): void {
    const kinds = {
      user_seconds: ["user", () => process.cpuUsage().user],
      system_seconds: ["system", () => process.cpuUsage().system],
      seconds: ["user and system", () => {
        const { user, system } = process.cpuUsage();
        return user + system;
      }],
    } as const;
    for (const [kind, [which, microseconds]] of Object.entries(kinds)) {
      new Counter({
        name: `process_cpu_${kind}_total`,
        help: `Total ${which} CPU time spent in seconds.`,
        registers: [this.#registry],
        collect() {
          this.reset();
          this.inc(microseconds() / 1e6);
        },
      });
    }
  }

  /** Stops to watch. */
  [Symbol.dispose](): void {
    this.#watch?.[Symbol.dispose]();
  }

  /**
   * Adds what is asked for when it is scraped.
   *
   * @param gauges The numbers.
   */
  watch(gauges: Gauges): void {
    this.#gauge(
      "mfp_queue_images",
      "Images that wait or are being scored",
      gauges.queue,
    );
    this.#gauge(
      "mfp_held_bytes",
      "Bytes of requests, and of the objects that they name, in memory",
      gauges.heldBytes,
    );
    this.#gauge(
      "mfp_ready",
      "1 where requests should be sent here",
      () => Number(gauges.isReady()),
    );
  }

  /** Counts an image. */
  imageDone(outcome: Outcome): void {
    this.#images.inc({ outcome: outcome.status });
    if (outcome.status === "error") {
      this.#errors.inc({ reason: outcome.reason });
      return;
    }
    const { decode, queue, session } = outcome.milliseconds;
    this.stageDone("decode", decode);
    this.stageDone("queue", queue);
    this.stageDone("session", session);
  }

  /** Counts more images of a batch, and more errors in its stored parts. */
  batchDone({ done, errors }: BatchCounts): void {
    this.#images.inc({ outcome: "batch" }, done);
    this.#errors.inc({ reason: "batch" }, errors);
  }

  /** Counts a run of the network. */
  microBatchDone({ size }: MicroBatchReport): void {
    this.#batchSize.observe(size);
  }

  /** Notes the time of an image in a stage. */
  stageDone(stage: ImageStage, milliseconds: number): void {
    this.#seconds.observe({ stage }, milliseconds / 1000);
  }

  #gauge(name: string, help: string, read: () => number): void {
    new Gauge({
      name,
      help,
      registers: [this.#registry],
      collect() {
        this.set(read());
      },
    });
  }
}
