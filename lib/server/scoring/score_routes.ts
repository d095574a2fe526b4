/**
 * `POST /v1/score`: one image.
 *
 * @module
 */
import { createRoute, z } from "@hono/zod-openapi";
import { modelRequired } from "../requests/guards.ts";
import { multipartImage } from "../requests/multipart_image.ts";
import { numberQuery } from "../requests/number_query.ts";
import { refusal } from "../requests/refusals.ts";
import { boundedBody } from "../requests/request_body.ts";
import { ScoredSchema } from "./result_json.ts";
import { answerOne } from "./score_one.ts";
import type { App, ServerContext, Services } from "../services.ts";

/** Media types of bodies that are one image. */
export const IMAGE_TYPE_REGEXP: RegExp =
  /^(image\/[\w.+-]+|application\/(octet-stream|x-image))\s*(;|$)/i;

const BINARY = { schema: { type: "string", format: "binary" } } as const;

const QUERY = z.object({
  category: z.string().min(1).optional().openapi({
    description: "What the product is called; it may stand in a form instead",
    example: "bottle",
  }),
  profile: z.string().optional().openapi({
    description: "The id of a profile that was made here; it says the category",
  }),
  threshold: numberQuery(z.number().min(-1e6).max(1e6)).optional().openapi({
    description:
      "The least score_logit that is called defective, in place of the calibrated one",
  }),
  heatmap: z.enum(["true", "false", "layer"]).default("false").openapi({
    description: "Whether the JSON holds the heatmap, as PNG in base64; " +
      "layer for one whose cold parts are clear, to lie over the image",
  }),
});

const HEATMAPS = { true: "whole", false: undefined, layer: "layer" } as const;

interface Body {
  readonly image: Uint8Array;
  readonly category: string | undefined;
}

async function readImage(
  c: ServerContext,
  services: Services,
  queried: string | undefined,
): Promise<Body> {
  const type = c.req.header("Content-Type") ?? "application/octet-stream";
  const body = c.get("body");
  if (/^multipart\/form-data\s*;/i.test(type)) {
    return await multipartImage(c, services, queried);
  }
  if (IMAGE_TYPE_REGEXP.test(type)) return { image: body, category: queried };
  throw refusal(
    415,
    `Cannot read the image as its Content-Type must be image/*, application/octet-stream or multipart/form-data: current value is ${
      JSON.stringify(type)
    }`,
  );
}

const ROUTE = createRoute({
  method: "post",
  path: "/v1/score",
  operationId: "scoreImage",
  tags: ["Scoring"],
  summary: "Scores one image",
  description: "Answers scores as JSON, or the heatmap as PNG where the " +
    "Accept header prefers image/png; the scores are then in the headers " +
    "X-Score and X-Score-Logit.",
  request: {
    query: QUERY,
    body: {
      required: true,
      content: {
        "image/*": BINARY,
        "application/octet-stream": BINARY,
        "multipart/form-data": {
          schema: {
            type: "object",
            required: ["image"],
            properties: {
              image: BINARY.schema,
              category: { type: "string" },
            },
          },
        },
      },
    },
  },
  responses: {
    200: {
      description: "Scores, or the heatmap",
      headers: {
        "X-Score": {
          description: "Image score, beside a heatmap",
          schema: { type: "number" },
        },
        "X-Score-Logit": {
          description: "Its logit, beside a heatmap",
          schema: { type: "number" },
        },
      },
      content: {
        "application/json": { schema: ScoredSchema },
        "image/png": BINARY,
      },
    },
    400: { description: "No category or two, or a form that is not whole" },
    404: { description: "No such profile, or it was dropped" },
    406: { description: "Accept has neither JSON nor PNG" },
    413: { description: "Too many bytes or pixels" },
    415: { description: "Not an image, or of a format that is not read" },
    422: { description: "An image that is broken" },
    429: { description: "Too many images wait; see Retry-After" },
    503: { description: "The model is being loaded; see Retry-After" },
    504: { description: "It took longer than a request may" },
  },
});

/** Adds the route. */
export function addScoreRoutes(app: App, services: Services): void {
  app.on("POST", ROUTE.path, modelRequired(services), boundedBody(services));
  app.openapi(ROUTE, async (c): Promise<Response> => {
    const query = c.req.valid("query");
    const { profile, threshold, heatmap } = query;
    const { image, category } = await readImage(c, services, query.category);
    if (category === "" || category === undefined && profile === undefined) {
      throw refusal(
        400,
        "Cannot score the image as its category must be given",
      );
    }
    return await answerOne(c, services, {
      image,
      category,
      profile,
      threshold,
      heatmap: HEATMAPS[heatmap],
    });
  });
}
