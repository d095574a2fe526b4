/**
 * Vertex AI: `instances` in, `predictions` out.
 *
 * @module
 */
import { z } from "@hono/zod-openapi";
import { resultJson } from "../scoring/result_json.ts";
import { scoreItems } from "../scoring/score_items.ts";
import { EXAMPLE_PNG } from "../requests/example_png.ts";
import type { ServerContext, Services } from "../services.ts";

/** What Vertex AI sends. */
export interface VertexBody {
  instances: unknown[];
  parameters?: {
    category?: string | undefined;
    profile?: string | undefined;
    heatmap?: boolean | undefined;
  } | undefined;
}

/** The body that Vertex AI sends. A bad instance is a result with its reason. */
export const VertexBodySchema: z.ZodType<VertexBody> = z.object({
  instances: z.array(z.unknown()).min(1).openapi({
    description: "Images, each with b64 or uri, and maybe a category",
  }),
  parameters: z.object({
    category: z.string().optional(),
    profile: z.string().optional(),
    heatmap: z.boolean().optional(),
  }).optional(),
}).openapi("Instances", {
  example: { instances: [{ b64: EXAMPLE_PNG, category: "bottle" }] },
});

/**
 * Scores instances.
 *
 * @returns One prediction an instance, in order.
 */
export async function instances(
  c: ServerContext,
  services: Services,
  { instances, parameters = {} }: VertexBody,
): Promise<Response> {
  const { category, profile, heatmap = false } = parameters;
  const predictions = await scoreItems(
    { c, services },
    instances,
    (outcome) => resultJson(outcome, services, heatmap ? "whole" : undefined),
    { category, profile },
  );
  return c.json({ predictions });
}
