/**
 * `DetectAnomalies` of Amazon Lookout for Vision, which ended in October 2025:
 * its clients only need another endpoint.
 *
 * @see https://docs.aws.amazon.com/lookout-for-vision/latest/APIReference/API_DetectAnomalies.html
 *
 * @module
 */
import { createRoute, z } from "@hono/zod-openapi";
import { encodePngAt } from "../../image/encode.ts";
import { countedValues } from "../../metrics/left_out.ts";
import { regionLevel } from "../../results/regions.ts";
import type { Criterion } from "../../results/verdict.ts";
import { type ScoredOutcome, STATUS_OF } from "../outcome.ts";
import { modelRequired } from "../requests/guards.ts";
import { refusal } from "../requests/refusals.ts";
import { boundedBody } from "../requests/request_body.ts";
import { scoreOne } from "../scoring/score_one.ts";
import type { App, Services } from "../services.ts";
import { LOOKOUT_PATH } from "./lookout_guards.ts";

const IMAGE_TYPE = /^image\/(png|jpeg)\s*(;|$)/i;

/** The colour of pixels that look normal, and of those that do not. */
const COLOURS = { background: "#FFFFFF", anomaly: "#FF0000" } as const;

const PARAMETERS = z.object({
  projectName: z.string().regex(/^[a-zA-Z0-9][\w-]*$/, "a name").max(255)
    .openapi({ description: "The category", example: "bottle" }),
  modelVersion: z.string().regex(/^([1-9]\d*|latest)$/, "a version").openapi({
    description: "Any version: the server has one model",
    example: "1",
  }),
});

const ANOMALY = z.object({
  Name: z.enum(["background", "anomaly"]),
  PixelAnomaly: z.object({
    TotalPercentageArea: z.number().openapi({
      description: "Share of the image, 0 to 1",
    }),
    Color: z.string(),
  }),
});

const ANSWER = z.object({
  DetectAnomalyResult: z.object({
    Source: z.object({ Type: z.literal("direct") }),
    IsAnomalous: z.boolean(),
    Confidence: z.number().openapi({
      description:
        "1 / (1 + exp(-d)), where d is the distance of score_logit " +
        "from the threshold: 0.5 at the threshold, near 1 far from it",
    }),
    Anomalies: z.array(ANOMALY),
    AnomalyMask: z.string().openapi({
      description: "PNG in base64, as large as the image",
    }),
  }),
}).openapi("DetectAnomaliesResponse");

const BINARY = { schema: { type: "string", format: "binary" } } as const;

const ROUTE = createRoute({
  method: "post",
  path: "/2020-11-20/projects/{projectName}/models/{modelVersion}/detect",
  operationId: "detectAnomalies",
  tags: ["Platforms"],
  summary: "Decides on one image, for clients of Amazon Lookout for Vision",
  description:
    "It needs a threshold: serve with --profile, --threshold or --good. " +
    "Headers of Signature Version 4 are accepted; where the server has tokens, " +
    "the access key id must be one of them.",
  request: {
    params: PARAMETERS,
    body: {
      required: true,
      content: { "image/png": BINARY, "image/jpeg": BINARY },
    },
  },
  responses: {
    200: {
      description: "The decision",
      content: { "application/json": { schema: ANSWER } },
    },
    400: { description: "ValidationException" },
    403: { description: "AccessDeniedException" },
    404: { description: "ResourceNotFoundException: no such category" },
    409: { description: "ConflictException: the server has no threshold" },
    429: { description: "ThrottlingException" },
    500: { description: "InternalServerException" },
    503: { description: "InternalServerException: the model is being loaded" },
  },
});

/** Finds how a category is judged. */
function criterionOf(
  category: string,
  { categories: { allowed }, criteria }: Services,
): Criterion {
  if (allowed.length > 0 && !allowed.includes(category)) {
    throw refusal(
      404,
      `Cannot decide on the image as the project must be one of ${
        allowed.join(", ")
      }`,
    );
  }
  const known = criteria();
  if (known === undefined) {
    throw refusal(
      409,
      "Cannot decide on the image as the server must have a threshold: " +
        "it was started without --profile, --threshold and enough good images",
    );
  }
  const criterion = known(category);
  if (criterion !== undefined) return criterion;
  throw refusal(
    404,
    "Cannot decide on the image as the profile of the server must know the project",
  );
}

/**
 * Colours each pixel of the map, and counts those from a logit on: the regions
 * of an image.
 */
async function segment(
  { logitMap, map, width, height }: ScoredOutcome,
  least: number,
) {
  const data = new Uint8Array(3 * logitMap.length).fill(255);
  let count = 0;
  logitMap.forEach((logit, i) => {
    if (logit < least) return;
    count++;
    data.fill(0, 3 * i + 1, 3 * i + 3);
  });
  const image = { ...map, data };
  const png = await encodePngAt(image, { width, height });
  const counted = countedValues(logitMap).length;
  return { share: count / counted, mask: png.toBase64() };
}

type Anomaly = z.infer<typeof ANOMALY>;

function anomaly(Name: Anomaly["Name"], TotalPercentageArea: number): Anomaly {
  return { Name, PixelAnomaly: { TotalPercentageArea, Color: COLOURS[Name] } };
}

async function resultOf(
  scored: ScoredOutcome,
  { threshold, pixelThreshold }: Criterion,
): Promise<z.infer<typeof ANSWER>> {
  const isAnomalous = scored.scoreLogit >= threshold;
  const least = isAnomalous
    ? regionLevel(scored.logitMap, pixelThreshold)
    : Infinity;
  const { share, mask } = await segment(scored, least);
  const distance = Math.abs(scored.scoreLogit - threshold);
  return {
    DetectAnomalyResult: {
      Source: { Type: "direct" },
      IsAnomalous: isAnomalous,
      Confidence: 1 / (1 + Math.exp(-distance)),
      Anomalies: [
        anomaly("background", 1 - share),
        ...share > 0 ? [anomaly("anomaly", share)] : [],
      ],
      AnomalyMask: mask,
    },
  };
}

/** Adds the route. */
export function addLookoutRoutes(app: App, services: Services): void {
  app.on("POST", LOOKOUT_PATH, modelRequired(services), boundedBody(services));
  app.openapi(ROUTE, async (c) => {
    const { projectName: category } = c.req.valid("param");
    const criterion = criterionOf(category, services);
    const type = c.req.header("Content-Type") ?? "";
    if (!IMAGE_TYPE.test(type)) {
      throw refusal(
        415,
        `Cannot read the image as its Content-Type must be image/png or image/jpeg: current value is ${
          JSON.stringify(type)
        }`,
      );
    }
    const image = c.get("body");
    const outcome = await scoreOne(c, services, { image, category });
    if (outcome.status === "error") {
      throw refusal(STATUS_OF[outcome.reason], outcome.error);
    }
    return c.json(await resultOf(outcome, criterion), 200);
  });
}
