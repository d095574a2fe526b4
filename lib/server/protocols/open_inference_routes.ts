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
} from "./infer.ts";
import { refusal, refuse } from "../requests/refusals.ts";
import { boundedBody } from "../requests/request_body.ts";
import { scoreItems } from "../scoring/score_items.ts";
import type { App, ServerContext, Services } from "../services.ts";

const VERSION = "1";
const TAGS = ["Open Inference Protocol"];
const BASES = ["/v2/models/{model}", "/v2/models/{model}/versions/{version}"];

const PARAMS = z.object({
  model: z.string(),
  version: z.literal(VERSION).optional(),
});

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
    outputs: [
      tensor("score", "FP32"),
      tensor("score_logit", "FP32"),
      tensor("error", "BYTES"),
      tensor("heatmap", "BYTES"),
    ],
  };
}

function checkModel(c: ServerContext, { modelName }: Services): void {
  const name = c.req.param("model");
  if (name === modelName) return;
  throw refusal(404, `Cannot answer as the model must be ${modelName}`);
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
  );
  const outputs = inferTensors(results)
    .filter(({ name }) => names?.includes(name) ?? name !== "heatmap");
  return c.json({
    model_name: services.modelName,
    model_version: VERSION,
    ...body.id !== undefined && { id: body.id },
    outputs,
  });
}

function addModelRoutes(app: App, services: Services, base: string): void {
  const responses = {
    200: { description: "The answer of the protocol" },
    404: { description: "Another model" },
  };
  const request = { params: PARAMS };
  app.openapi(
    createRoute({
      method: "get",
      path: base,
      tags: TAGS,
      summary: "Names the tensors of the model",
      request,
      responses,
    }),
    (c) => {
      checkModel(c, services);
      return c.json(metadata(services));
    },
  );
  app.openapi(
    createRoute({
      method: "get",
      path: `${base}/ready`,
      tags: TAGS,
      summary: "Whether the model is loaded",
      security: [],
      request,
      responses: { ...responses, 503: { description: "It is not, yet" } },
    }),
    (c) => {
      checkModel(c, services);
      const { modelName: name, lifecycle: { isReady } } = services;
      return c.json({ name, ready: isReady }, isReady ? 200 : 503);
    },
  );
  const route = createRoute({
    method: "post",
    path: `${base}/infer`,
    tags: TAGS,
    summary: "Scores images",
    description: "Images are BYTES in base64, or addresses as `uri`; " +
      "`category` has one name an image, or one for all. An image without " +
      "scores has null in them, and its reason in `error`.",
    middleware: [modelRequired(services), boundedBody(services)],
    request: {
      params: PARAMS,
      body: {
        required: true,
        content: { "application/json": { schema: InferSchema } },
      },
    },
    responses: {
      ...responses,
      400: { description: "Other tensors" },
      413: { description: "Too many bytes or images" },
      429: { description: "Too many images wait; see Retry-After" },
      503: { description: "The model is being loaded; see Retry-After" },
    },
  });
  app.openapi(route, (c) => infer(c, services, c.req.valid("json")));
}

/** Adds `/v2` and `/v2/models/...`. */
export function addOpenInferenceRoutes(app: App, services: Services): void {
  const server = createRoute({
    method: "get",
    path: "/v2",
    tags: TAGS,
    summary: "Names the server",
    responses: { 200: { description: "The answer of the protocol" } },
  });
  app.openapi(
    server,
    (c) => c.json({ name: "mfp-clip", version: VERSION, extensions: [] }),
  );
  for (const base of BASES) addModelRoutes(app, services, base);
  app.get(
    "/v2/*",
    (c) => refuse(c, 404, "Cannot answer as there is no such route"),
  );
}
