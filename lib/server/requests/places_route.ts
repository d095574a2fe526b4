/**
 * `GET /v1/places`: the folders that requests may name.
 *
 * @module
 */
import { createRoute, z } from "@hono/zod-openapi";
import type { App, Services } from "../services.ts";

const PlacesSchema = z.object({
  input: z.array(z.string()).openapi({
    description: "Folders whose images requests may have read",
    example: ["s3://bucket/images/"],
  }),
  output: z.array(z.string()).openapi({
    description: "Folders where batches may put results",
    example: ["s3://bucket/results/"],
  }),
}).openapi("Places");

const ROUTE = createRoute({
  method: "get",
  path: "/v1/places",
  operationId: "listPlaces",
  tags: ["Batches"],
  summary: "The folders that requests may name",
  responses: {
    200: {
      description: "Folders, with all that lies below them",
      content: { "application/json": { schema: PlacesSchema } },
    },
  },
});

/**
 * Adds the route.
 *
 * @param app The application
 * @param services What is allowed
 */
export function addPlacesRoute(
  app: App,
  { input, output }: Pick<Services, "input" | "output">,
): void {
  app.openapi(
    ROUTE,
    (c) => c.json({ input: [...input.folders], output: [...output.folders] }),
  );
}
