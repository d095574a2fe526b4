/**
 * Amazon SageMaker: `/invocations` and `/execution-parameters`.
 *
 * @module
 */
import { createRoute, z } from "@hono/zod-openapi";
import { modelRequired } from "../requests/guards.ts";
import { instances, VertexBodySchema } from "./instances.ts";
import { JSON_REGEXP } from "../requests/parsing/json_bounds.ts";
import { refusal, schemaComplaint } from "../requests/refusals.ts";
import { boundedBody } from "../requests/request_body.ts";
import {
  type ResultJson,
  resultJson,
  ResultSchema,
} from "../scoring/result_json.ts";
import { scoreItems } from "../scoring/score_items.ts";
import { IMAGE_TYPE_REGEXP } from "../scoring/score_routes.ts";
import { answerOne } from "../scoring/score_one.ts";
import type { App, ServerContext, Services } from "../services.ts";

const JSON_LINES_REGEXP =
  /^application\/(jsonlines|x-jsonlines|jsonl|x-ndjson)\s*(;|$)/i;
const LIST_REGEXP = /^text\/(csv|plain)\s*(;|$)/i;

const BINARY = { schema: { type: "string", format: "binary" } } as const;
/** No schema of zod, which would read the body before its handler does. */
const INSTANCES = {
  schema: {
    type: "object" as const,
    required: ["instances"],
    properties: {
      instances: {
        type: "array" as const,
        items: { type: "object" as const },
      },
    },
  },
};
const LINES = { schema: { type: "string" } } as const;

/** A header is read as Latin-1, though clients may have sent UTF-8. */
function utf8Of(header: string): string {
  const bytes = Uint8Array.from(header, (char) => char.charCodeAt(0));
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return header;
  }
}

/** `category=bottle` in SageMaker's header of the caller's own. */
function customCategory(c: ServerContext): string | undefined {
  const header = utf8Of(
    c.req.header("X-Amzn-SageMaker-Custom-Attributes") ?? "",
  );
  return /(?:^|[;,\s])category=([^;,]+)/.exec(header)?.[1]?.trim();
}

/** `s3://bucket/key` or `s3://bucket/key,category`. */
function listedItem(line: string): unknown {
  const at = line.lastIndexOf(",");
  if (at < 0) return { uri: line };
  return { uri: line.slice(0, at).trim(), category: line.slice(at + 1).trim() };
}

async function answerLines(
  c: ServerContext,
  services: Services,
  items: readonly unknown[],
): Promise<Response> {
  if (items.length === 0) {
    throw refusal(400, "Cannot score the request as it must have a line");
  }
  const results: ResultJson[] = await scoreItems(
    { c, services },
    items,
    (outcome) => resultJson(outcome, services),
    { category: c.req.query("category") ?? customCategory(c) },
  );
  const lines = results.map((result) => `${JSON.stringify(result)}\n`);
  const headers = { "Content-Type": "application/jsonlines" };
  return c.body(lines.join(""), 200, headers);
}

const ROUTE = createRoute({
  method: "post",
  path: "/invocations",
  operationId: "invokeSageMaker",
  tags: ["Platforms"],
  summary: "Scores images, for Amazon SageMaker",
  description: "One image; lines of JSON with b64 or uri; lines with an " +
    "address each; or instances as Vertex AI sends them. The category comes " +
    "from the line, the query, or category=NAME in the header " +
    "X-Amzn-SageMaker-Custom-Attributes. In batch transform, what is wrong " +
    "with one image is its result, with 200.",
  request: {
    query: z.object({ category: z.string().optional() }),
    body: {
      required: true,
      content: {
        "image/*": BINARY,
        "application/octet-stream": BINARY,
        "application/jsonlines": LINES,
        "application/json": INSTANCES,
        "text/csv": LINES,
      },
    },
  },
  responses: {
    200: {
      description: "One result an image, in order, with errors among them; " +
        "predictions for instances, a heatmap for one image where PNG is " +
        "preferred",
      content: {
        "application/json": { schema: ResultSchema },
        "application/jsonlines": LINES,
        "image/png": BINARY,
      },
    },
    400: { description: "A body that is not as its media type says" },
    406: { description: "Accept has neither JSON nor PNG" },
    413: { description: "Too many bytes, pixels or images" },
    415: { description: "Another media type, or no image" },
    422: { description: "One image that is broken" },
    429: { description: "Too many images wait; see Retry-After" },
    503: { description: "The model is being loaded; see Retry-After" },
    504: { description: "It took longer than a request may" },
  },
});

async function invoke(
  c: ServerContext,
  services: Services,
  isTransform: boolean,
): Promise<Response> {
  const type = c.req.header("Content-Type") ?? "application/octet-stream";
  const body = c.get("body");
  const most = services.limits.items;
  if (JSON_LINES_REGEXP.test(type)) {
    const how = { kind: "lines", most } as const;
    const lines = await services.parser.parse(body, how, c.get("signal"));
    return await answerLines(c, services, lines);
  }
  if (LIST_REGEXP.test(type)) {
    const how = { kind: "texts", most } as const;
    const lines = await services.parser.parse(body, how, c.get("signal"));
    return await answerLines(c, services, lines.map(listedItem));
  }
  if (JSON_REGEXP.test(type)) {
    const { data, error } = VertexBodySchema.safeParse(c.get("json"));
    if (data !== undefined) return await instances(c, services, data);
    throw refusal(400, schemaComplaint("the body", error));
  }
  if (!IMAGE_TYPE_REGEXP.test(type)) {
    throw refusal(
      415,
      `Cannot read the body as its Content-Type must be image/*, application/jsonlines, application/json or text/csv: current value is ${
        JSON.stringify(type)
      }`,
    );
  }
  const category = c.req.query("category") ?? customCategory(c) ??
    services.object;
  return await answerOne(c, services, {
    image: body,
    category,
    isFaultAResult: isTransform,
  });
}

const ParametersSchema = z.object({
  MaxConcurrentTransforms: z.int(),
  BatchStrategy: z.string(),
  MaxPayloadInMB: z.int(),
}).openapi("ExecutionParameters");

/** What AWS allows of MaxConcurrentTransforms times MaxPayloadInMB. */
const MAX_TRANSFORM_MB = 100;
const MAX_TRANSFORMS = 32;

/** How batch transform is to send, within what AWS allows. */
function executionParameters({ limits: { bodyBytes, queue } }: Services) {
  const megabytes = Math.floor(bodyBytes / 2 ** 20);
  const payload = Math.min(Math.max(megabytes, 1), MAX_TRANSFORM_MB);
  const most = Math.floor(MAX_TRANSFORM_MB / payload);
  return {
    MaxConcurrentTransforms: Math.max(Math.min(queue, MAX_TRANSFORMS, most), 1),
    BatchStrategy: "SINGLE_RECORD",
    MaxPayloadInMB: payload,
  };
}

/**
 * Adds the routes.
 *
 * @param isTransform Whether batch transform asks: it gives up the whole job
 * where one image is answered with 4xx.
 */
export function addSageMakerRoutes(
  app: App,
  services: Services,
  isTransform: boolean,
): void {
  app.on("POST", ROUTE.path, modelRequired(services), boundedBody(services));
  app.openapi(ROUTE, (c) => invoke(c, services, isTransform));
  const parameters = createRoute({
    method: "get",
    path: "/execution-parameters",
    operationId: "readExecutionParameters",
    tags: ["Platforms"],
    summary: "Tells batch transform how to send",
    responses: {
      200: {
        description: "Parameters as SageMaker spells them",
        content: { "application/json": { schema: ParametersSchema } },
      },
    },
  });
  app.openapi(parameters, (c) => c.json(executionParameters(services)));
}
