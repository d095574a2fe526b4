/**
 * Vertex AI: the path that the platform has chosen.
 *
 * @module
 */
import { createRoute, z } from "@hono/zod-openapi";
import { modelRequired } from "../requests/guards.ts";
import { instances, VertexBodySchema } from "./instances.ts";
import { boundedBody } from "../requests/request_body.ts";
import { ResultSchema } from "../scoring/result_json.ts";
import type { App, Services } from "../services.ts";

/**
 * Adds `POST` of the path.
 *
 * @param path What the platform says in `AIP_PREDICT_ROUTE`.
 */
export function addVertexRoutes(
  app: App,
  services: Services,
  path: string,
): void {
  const route = createRoute({
    method: "post",
    path,
    operationId: "predict",
    tags: ["Platforms"],
    summary: "Scores images, for Vertex AI",
    request: {
      body: {
        required: true,
        content: { "application/json": { schema: VertexBodySchema } },
      },
    },
    responses: {
      200: {
        description: "One result an image, in order, with errors among them",
        content: {
          "application/json": {
            schema: z.object({ predictions: z.array(ResultSchema) }),
          },
        },
      },
      400: { description: "A body without instances" },
      413: { description: "Too many bytes or images" },
      415: { description: "A body of another type than JSON" },
      429: { description: "Too many images wait; see Retry-After" },
      503: { description: "The model is being loaded; see Retry-After" },
    },
  });
  app.on("POST", path, modelRequired(services), boundedBody(services));
  app.openapi(route, (c) => instances(c, services, c.req.valid("json")));
}
