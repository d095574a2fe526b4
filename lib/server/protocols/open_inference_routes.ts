/**
 * Open Inference Protocol, as KServe and Triton speak it.
 *
 * @module
 */
import { createRoute, z } from "@hono/zod-openapi";
import { modelRequired } from "../requests/guards.ts";
import {
  type InferBody,
  inferRow,
  InferSchema,
  inferTensors,
  itemsOf,
  OUTPUTS,
} from "./infer.ts";
import { refusal, refuse } from "../requests/refusals.ts";
import { boundedBody } from "../requests/request_body.ts";
import { scoreItems } from "../scoring/score_items.ts";
import type { App, ServerContext, Services } from "../services.ts";

const VERSION = "1";
const TAGS = ["Open Inference Protocol"];

const MODEL = z.object({
  model: z.string().openapi({
    description: "The name that --name gives the model",
    example: "nano",
  }),
});
const VERSIONED = MODEL.extend({ version: z.literal(VERSION) });

const TensorSchema = z.object({
  name: z.string(),
  datatype: z.string(),
  shape: z.array(z.int()),
});

const MetadataSchema = z.object({
  name: z.string(),
  versions: z.array(z.string()),
  platform: z.string(),
  inputs: z.array(TensorSchema),
  outputs: z.array(TensorSchema),
}).openapi("ModelMetadata");

const ReadySchema = z.object({ name: z.string(), ready: z.boolean() })
  .openapi("ModelReady");

const InferAnswerSchema = z.object({
  model_name: z.string(),
  model_version: z.string(),
  id: z.string().optional(),
  outputs: z.array(TensorSchema.extend({
    data: z.array(z.union([z.number(), z.boolean(), z.string(), z.null()])),
  })),
}).openapi("InferResponse");

const ServerSchema = z.object({
  name: z.string(),
  version: z.string(),
  extensions: z.array(z.string()),
}).openapi("ServerMetadata");

function metadata({ modelName }: Services) {
  const tensor = (name: string, datatype: string) => ({
    name,
    datatype,
    shape: [-1],
  });
  return {
    name: modelName,
    versions: [VERSION],
    platform: "mfp-clip",
    inputs: [tensor("image", "BYTES"), tensor("category", "BYTES")],
    outputs: Object.entries(OUTPUTS).map(([name, type]) => tensor(name, type)),
  };
}

function checkModel(c: ServerContext, { modelName }: Services): void {
  const name = c.req.param("model");
  if (name === modelName) return;
  throw refusal(404, `Cannot answer as the model must be ${modelName}`);
}

/** The id of a profile among the parameters of a request. */
function profileOf({ parameters }: InferBody): string | undefined {
  const profile = parameters?.profile;
  if (profile === undefined || typeof profile === "string") return profile;
  throw refusal(400, "Cannot use the parameter profile as it must be a text");
}

async function infer(
  c: ServerContext,
  services: Services,
  body: InferBody,
): Promise<Response> {
  checkModel(c, services);
  const { items, complaint } = itemsOf(body);
  if (complaint !== undefined) throw refusal(400, complaint);
  const names = body.outputs?.map(({ name }) => name);
  const withHeatmap = names?.includes("heatmap") ?? false;
  const results = await scoreItems(
    { c, services },
    items,
    (outcome) => inferRow(outcome, services, withHeatmap),
    { profile: profileOf(body) },
  );
  const outputs = inferTensors(results, names);
  return c.json({
    model_name: services.modelName,
    model_version: VERSION,
    ...body.id !== undefined && { id: body.id },
    outputs,
  });
}

/** Addresses of the model, without and with a version. */
const PLACES = [
  { base: "/v2/models/{model}", params: MODEL, suffix: "" },
  {
    base: "/v2/models/{model}/versions/{version}",
    params: VERSIONED,
    suffix: "Version",
  },
];

type Place = typeof PLACES[number];

const OTHER_MODEL = { description: "Another model" };

function jsonAnswer(description: string, schema: z.ZodType) {
  return { description, content: { "application/json": { schema } } };
}

function addDescriptions(
  app: App,
  services: Services,
  { base, params, suffix }: Place,
): void {
  app.openapi(
    createRoute({
      method: "get",
      path: base,
      operationId: `readModel${suffix}`,
      tags: TAGS,
      summary: "Names the tensors of the model",
      request: { params },
      responses: {
        200: jsonAnswer("The model", MetadataSchema),
        404: OTHER_MODEL,
      },
    }),
    (c) => {
      checkModel(c, services);
      return c.json(metadata(services), 200);
    },
  );
  app.openapi(
    createRoute({
      method: "get",
      path: `${base}/ready`,
      operationId: `isModel${suffix}Ready`,
      tags: TAGS,
      summary: "Whether the model is loaded",
      security: [],
      request: { params },
      responses: {
        200: jsonAnswer("It is", ReadySchema),
        404: OTHER_MODEL,
        503: jsonAnswer("It is not, yet", ReadySchema),
      },
    }),
    (c) => {
      checkModel(c, services);
      const { modelName: name, lifecycle: { isReady } } = services;
      return c.json({ name, ready: isReady }, isReady ? 200 : 503);
    },
  );
}

function addInference(
  app: App,
  services: Services,
  { base, params, suffix }: Place,
): void {
  const route = createRoute({
    method: "post",
    path: `${base}/infer`,
    operationId: `infer${suffix}`,
    tags: TAGS,
    summary: "Scores images",
    description: "Images are BYTES in base64, or addresses as `uri`; " +
      "`category` has one name an image, or one for all. The parameter " +
      "`profile` is the id of a profile that was made here. An image without " +
      "scores has null in them, and its reason in `error`. Where the server " +
      "or the profile has thresholds, so have the answers: `is_anomalous`, " +
      "`threshold` and `confidence`.",
    middleware: [modelRequired(services), boundedBody(services)],
    request: {
      params,
      body: {
        required: true,
        content: { "application/json": { schema: InferSchema } },
      },
    },
    responses: {
      200: jsonAnswer("One value an image, in order", InferAnswerSchema),
      400: { description: "Other tensors" },
      404: OTHER_MODEL,
      413: { description: "Too many bytes or images" },
      415: { description: "A body of another type than JSON" },
      429: { description: "Too many images wait; see Retry-After" },
      503: { description: "The model is being loaded; see Retry-After" },
    },
  });
  app.openapi(
    route,
    async (c): Promise<Response> =>
      await infer(c, services, c.req.valid("json")),
  );
}

/** Adds `/v2` and `/v2/models/...`. */
export function addOpenInferenceRoutes(app: App, services: Services): void {
  const server = createRoute({
    method: "get",
    path: "/v2",
    operationId: "readServer",
    tags: TAGS,
    summary: "Names the server",
    responses: { 200: jsonAnswer("The server", ServerSchema) },
  });
  app.openapi(
    server,
    (c) => c.json({ name: "mfp-clip", version: VERSION, extensions: [] }),
  );
  for (const place of PLACES) {
    addDescriptions(app, services, place);
    addInference(app, services, place);
  }
  app.get(
    "/v2/*",
    (c) => refuse(c, 404, "Cannot answer as there is no such route"),
  );
}
