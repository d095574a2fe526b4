/**
 * `POST /`: events of object storage.
 *
 * @module
 */
import { createRoute, z } from "@hono/zod-openapi";
import { ahead } from "../../async/ahead.ts";
import type { ObjectStore } from "../../storage/object_store.ts";
import {
  type EventObject,
  objectsOfData,
  objectsOfEvents,
  objectsOfS3,
} from "./event_objects.ts";
import { type EventResult, scoreEventObject } from "./event_scorer.ts";
import { modelRequired } from "../requests/guards.ts";
import { JSON_REGEXP } from "../requests/parsing/json_bounds.ts";
import { refusal } from "../requests/refusals.ts";
import { assertQueueRoom } from "../scoring/score_items.ts";
import { boundedBody } from "../requests/request_body.ts";
import type { App, ServerContext, Services } from "../services.ts";

/** Objects of one request that are worked on at one time. */
const WIDTH = 8;

/** Reasons for which the event should come again. */
const TRANSIENT: readonly string[] = ["unavailable", "timeout", "internal"];

const ResultsSchema = z.object({
  results: z.array(z.looseObject({
    status: z.string(),
    reason: z.string().optional(),
  })),
}).openapi("EventResults");

const ROUTE = createRoute({
  method: "post",
  path: "/",
  operationId: "scoreEvent",
  tags: ["Platforms"],
  summary: "Scores the object that an event tells of",
  description: "CloudEvents in binary, structured and batched mode (Eventarc " +
    "for Cloud Storage), S3 notifications, also by EventBridge. Results go " +
    "to the folder of --events, named by the object's etag, so that the " +
    "same event may come again. The category is that of the query, " +
    "or the first folder below the prefix that the server may read. Results, " +
    "names that are no image's, and objects beside that prefix in its bucket " +
    "are skipped.",
  request: {
    query: z.object({ category: z.string().optional() }),
    body: {
      required: true,
      content: {
        "application/json": {
          schema: { type: "object", additionalProperties: true },
          example: {
            Records: [{
              eventSource: "aws:s3",
              eventName: "ObjectCreated:Put",
              s3: {
                bucket: { name: "bucket" },
                object: { key: "images/bottle/1.png", eTag: "9b2cf5" },
              },
            }],
          },
        },
        "application/cloudevents+json": { schema: { type: "object" } },
        "application/cloudevents-batch+json": { schema: { type: "array" } },
      },
    },
  },
  responses: {
    200: {
      description: "One result an object",
      content: { "application/json": { schema: ResultsSchema } },
    },
    400: { description: "No event of object storage" },
    403: {
      description: "An object of a bucket where this server may not read",
    },
    413: { description: "Too many bytes or objects" },
    415: { description: "Another media type" },
    429: { description: "Too many images wait; see Retry-After" },
    501: { description: "The server has no folder for results: --events" },
    503: { description: "Storage failed: the event should come again" },
  },
});

function objectsOf(c: ServerContext): readonly EventObject[] | undefined {
  const type = c.req.header("Content-Type") ?? "";
  if (!JSON_REGEXP.test(type)) {
    throw refusal(
      415,
      `Cannot read the event as its Content-Type must be JSON: current value is ${
        JSON.stringify(type)
      }`,
    );
  }
  const body = c.get("json");
  if (/^application\/cloudevents/i.test(type)) return objectsOfEvents(body);
  const kind = c.req.header("ce-type");
  return kind === undefined ? objectsOfS3(body) : objectsOfData(kind, body);
}

function statusOf(results: readonly EventResult[]): 200 | 403 | 503 {
  const reasons = results.flatMap((result) =>
    result.status === "error" ? [result.reason] : []
  );
  if (reasons.includes("forbidden")) return 403;
  return reasons.some((reason) => TRANSIENT.includes(reason)) ? 503 : 200;
}

async function answer(
  c: ServerContext,
  services: Services,
  out: ObjectStore | undefined,
): Promise<Response> {
  if (out === undefined) {
    throw refusal(501, "Cannot take events as no place for results is set");
  }
  assertQueueRoom(services);
  const objects = objectsOf(c);
  if (objects === undefined) {
    throw refusal(400, "Cannot read the event as it must tell of objects");
  }
  if (objects.length > services.limits.items) {
    throw refusal(413, "Cannot take the event as it tells of too many objects");
  }
  const signal = c.get("signal");
  const category = c.req.query("category");
  async function* stream(): AsyncGenerator<EventObject> {
    yield* objects!;
  }
  const results = await Array.fromAsync(ahead(
    stream(),
    (object) => scoreEventObject(object, services, { out, category, signal }),
    WIDTH,
  ));
  const status = statusOf(results);
  if (status === 503) c.header("Retry-After", "5");
  return c.json({ results }, status);
}

/**
 * Adds the route.
 *
 * @param out Where results go; without it the route answers 501.
 */
export function addEventRoutes(
  app: App,
  services: Services,
  out: ObjectStore | undefined,
): void {
  app.on("POST", ROUTE.path, modelRequired(services), boundedBody(services));
  app.openapi(ROUTE, (c) => answer(c, services, out));
}
