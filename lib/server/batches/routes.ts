/**
 * `/v1/batches`: many images, scored while nobody waits.
 *
 * @module
 */
import { createRoute, z } from "@hono/zod-openapi";
import { streamSSE } from "hono/streaming";
import { Semaphore } from "../../async/semaphore.ts";
import type { CategoryGate } from "../scoring/category_gate.ts";
import type { BatchJobs } from "./jobs.ts";
import {
  batchJson,
  type BatchRecord,
  type BatchRequest,
  BatchRequestSchema,
  BatchSchema,
  isOver,
} from "./record.ts";
import {
  missed,
  withState,
  withStorage,
} from "../requests/storage_failures.ts";
import { refusal } from "../requests/refusals.ts";
import { boundedBody } from "../requests/request_body.ts";
import type { App, ServerContext, Services } from "../services.ts";

/** What batches need beside what all routes share. */
export interface BatchServices {
  /** Where batches are kept. */
  readonly jobs: BatchJobs;
  /** Called when there is a new batch. */
  readonly wake: () => void;
  /** Batches that are not over; more are refused with 429. */
  readonly maxActive: number;
  /** Milliseconds between two looks for a change. */
  readonly pollMilliseconds: number;
}

/** A stream of events ends after this time; clients then ask again. */
const STREAM_MILLISECONDS = 240_000;

/** A report holds images of others, so it may run its own script only. */
const REPORT_POLICY = "sandbox allow-scripts; default-src 'none'; " +
  "img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'";

const TAGS = ["Batches"];
const BASE = "/v1/batches";
const PARAMS = z.object({ id: z.string() });
const ONE = {
  description: "The batch",
  content: { "application/json": { schema: BatchSchema } },
};
const MISSING = { description: "There is no such batch" };
const FAILED = { description: "The storage of batches failed" };

/** What a server may score alone, it may score in a batch, and no more. */
function assertCategories(
  gate: CategoryGate,
  { options: { categories = [], object } = {} }: BatchRequest,
): void {
  const named = object === undefined ? categories : [...categories, object];
  for (const category of named) {
    const complaint = gate.complaintAbout(category);
    if (complaint === undefined) continue;
    throw refusal(400, complaint.replace("the image", "the batch"));
  }
}

class BatchHandlers {
  readonly #services: Services;
  readonly #batches: BatchServices;
  /** One at a time, so that the bound holds while batches are created. */
  readonly #creating = new Semaphore(1);
  readonly #followers: Semaphore;

  constructor(services: Services, batches: BatchServices) {
    this.#services = services;
    this.#batches = batches;
    this.#followers = new Semaphore(services.limits.followers);
  }

  async create(c: ServerContext, request: BatchRequest): Promise<Response> {
    const { input, output, lifecycle, categories } = this.#services;
    const { jobs, maxActive, wake } = this.#batches;
    assertCategories(categories, request);
    if (lifecycle.phase === "draining") {
      throw refusal(503, "Cannot take the batch as the server ends");
    }
    await withStorage(async () => {
      await input.check(request.input);
      await output.check(request.output);
    });
    const record = await withState(this.#services, async () => {
      const signal = c.get("signal");
      using _turn = await this.#creating.acquire(1, signal);
      if ((await jobs.active({ signal })).length >= maxActive) {
        throw refusal(429, "Cannot take the batch as too many others wait");
      }
      return await jobs.create(request, { signal });
    });
    wake();
    const json = batchJson(record);
    return c.json(json, 202, { Location: json.links.self });
  }

  async read(c: ServerContext): Promise<BatchRecord> {
    const signal = c.get("signal");
    const id = c.req.param("id") ?? "";
    const record = await withState(
      this.#services,
      () => this.#batches.jobs.read(id, { signal }),
    );
    if (record !== null) return record;
    throw refusal(404, "Cannot answer as there is no such batch");
  }

  async cancel(c: ServerContext): Promise<Response> {
    const record = await this.read(c);
    const { id } = record.job;
    const { jobs, wake } = this.#batches;
    if (isOver(record.status.state)) return c.json(batchJson(record), 202);
    const told = await withState(this.#services, async () => {
      await jobs.cancel(id);
      return await jobs.cancelWaiting(record);
    });
    wake();
    return c.json(batchJson(told), 202);
  }

  async events(c: ServerContext): Promise<Response> {
    const first = await this.read(c);
    // Nobody reads a stream, so it would never end.
    if (c.req.method === "HEAD") {
      return c.body(null, 200, { "Content-Type": "text/event-stream" });
    }
    const place = this.#followers.tryAcquire();
    if (place === undefined) {
      throw refusal(503, "Cannot follow the batch as too many others do");
    }
    const { jobs, pollMilliseconds } = this.#batches;
    const { draining } = this.#services.lifecycle;
    const end = performance.now() + STREAM_MILLISECONDS;
    c.header("Cache-Control", "no-store");
    return streamSSE(c, async (stream) => {
      using _place = place;
      let last = "";
      let record: BatchRecord | null = first;
      while (record !== null && !stream.aborted) {
        const data = JSON.stringify(batchJson(record));
        if (data !== last) {
          const id = `${record.status.beat}`;
          await stream.writeSSE({ event: "progress", id, data });
        }
        last = data;
        if (isOver(record.status.state) || draining.aborted) return;
        if (performance.now() > end) return;
        await stream.sleep(pollMilliseconds);
        record = await jobs.read(record.job.id).catch(missed);
      }
    });
  }

  async report(c: ServerContext): Promise<Response> {
    const { job, status } = await this.read(c);
    if (status.state !== "succeeded" || status.run === null) {
      throw refusal(404, "Cannot show the report as the batch is not done");
    }
    const path = `runs/${status.run}/report.html`;
    const stream = await withStorage(() =>
      this.#services.output.folder(job.output)
        .stream(path, { signal: c.get("signal") })
    );
    return c.body(stream, 200, {
      "Content-Type": "text/html; charset=utf-8",
      "Content-Security-Policy": REPORT_POLICY,
    });
  }
}

function addCreation(
  app: App,
  services: Services,
  handlers: BatchHandlers,
): void {
  const route = createRoute({
    method: "post",
    path: BASE,
    operationId: "startBatch",
    tags: TAGS,
    summary: "Starts a batch",
    middleware: [boundedBody(services)],
    request: {
      body: {
        required: true,
        content: {
          "application/json": {
            schema: BatchRequestSchema,
            example: {
              input: "s3://bucket/images/",
              output: "s3://bucket/results/",
            },
          },
        },
      },
    },
    responses: {
      202: {
        ...ONE,
        description: "The batch waits; see Location",
        headers: {
          Location: {
            description: "Address of the batch",
            schema: { type: "string" },
          },
        },
      },
      400: { description: "Not such a request" },
      403: { description: "An address where this server may not go" },
      413: { description: "Too many bytes" },
      415: { description: "A body of another type than JSON" },
      429: { description: "Too many batches wait; see Retry-After" },
      503: { description: "The server ends, or its storage failed" },
    },
  });
  app.openapi(route, (c) => handlers.create(c, c.req.valid("json")));
}

/**
 * Adds the routes.
 *
 * @param services Bounds and allowed addresses.
 * @param batches Where batches are kept.
 */
export function addBatchRoutes(
  app: App,
  services: Services,
  batches: BatchServices,
): void {
  const handlers = new BatchHandlers(services, batches);
  addCreation(app, services, handlers);
  const common = { tags: TAGS, request: { params: PARAMS } };
  app.openapi(
    createRoute({
      ...common,
      method: "get",
      path: `${BASE}/{id}`,
      operationId: "readBatch",
      summary: "Tells where a batch stands",
      responses: { 200: ONE, 404: MISSING, 503: FAILED },
    }),
    async (c) => c.json(batchJson(await handlers.read(c)), 200),
  );
  app.openapi(
    createRoute({
      ...common,
      method: "delete",
      path: `${BASE}/{id}`,
      operationId: "cancelBatch",
      summary: "Cancels a batch",
      description: "What is scored by then is kept.",
      responses: { 202: ONE, 404: MISSING, 503: FAILED },
    }),
    (c) => handlers.cancel(c),
  );
  app.openapi(
    createRoute({
      ...common,
      method: "get",
      path: `${BASE}/{id}/events`,
      operationId: "followBatch",
      summary: "Tells changes as they come",
      description: "Server-sent events named progress, each with the batch.",
      responses: {
        200: {
          description: "Events until the batch is over",
          content: { "text/event-stream": { schema: { type: "string" } } },
        },
        404: MISSING,
        503: { description: "Too many others follow, or storage failed" },
      },
    }),
    (c) => handlers.events(c),
  );
  app.openapi(
    createRoute({
      ...common,
      method: "get",
      path: `${BASE}/{id}/report`,
      operationId: "readReport",
      summary: "Shows the report of a batch that succeeded",
      responses: {
        200: {
          description: "A page",
          content: { "text/html": { schema: { type: "string" } } },
        },
        403: { description: "Its folder may not be read any more" },
        404: { description: "There is no such batch, or it is not done" },
        503: FAILED,
      },
    }),
    (c) => handlers.report(c),
  );
}
