/**
 * One image in one request.
 *
 * @module
 */
import { accepts } from "hono/accepts";
import { FAULTS, type Outcome, STATUS_OF } from "../outcome.ts";
import {
  type NamedProfile,
  type ProfileInUse,
  useProfile,
} from "../profiles/use_profile.ts";
import { refusal, refuse } from "../requests/refusals.ts";
import { type HeatmapKind, heatmapOf, resultJson } from "./result_json.ts";
import type { ServerContext, Services } from "../services.ts";

const JSON_TYPE = "application/json";
const PNG_TYPE = "image/png";

/** What one request asks for. */
export interface OneImage {
  /** The file. */
  readonly image: Uint8Array;
  /** What the product is called; absent where a profile says it. */
  readonly category?: string | undefined;
  /** The id of a profile that a client made. */
  readonly profile?: string | undefined;
  /** Least `score_logit` called defective, in place of the calibrated one. */
  readonly threshold?: number | undefined;
  /** The heatmap that goes along in the JSON; absent for none. */
  readonly heatmap?: HeatmapKind | undefined;
  /** Whether what is wrong with the file is told as its result, with 200. */
  readonly isFaultAResult?: boolean;
}

/** Chooses between scores and a picture. */
function wantedType(c: ServerContext): string {
  const header = c.req.header("Accept");
  if (header === undefined || header.trim() === "") return JSON_TYPE;
  return accepts(c, {
    header: "Accept",
    supports: [JSON_TYPE, PNG_TYPE],
    default: "none",
    match: (accepted, { supports }) => {
      for (const { type } of accepted.toSorted((a, b) => b.q - a.q)) {
        if (type === "*/*" || type === "application/*") return JSON_TYPE;
        if (type === "image/*") return PNG_TYPE;
        if (supports.includes(type)) return type;
      }
      return "none";
    },
  });
}

/**
 * Scores an image, if not too many others wait.
 *
 * @throws {HTTPException} 429 where too many do, 404 where the profile is not
 * there.
 */
export async function scoreOne(
  c: ServerContext,
  services: Services,
  { image, category, profile: id, threshold }: Pick<
    OneImage,
    "image" | "category" | "profile" | "threshold"
  >,
): Promise<Outcome> {
  using profile = id === undefined
    ? undefined
    : findProfile(services, { id, category });

  const slot = services.slots.tryAcquire();
  if (slot === undefined) {
    throw refusal(429, "Cannot score the image as too many others wait");
  }
  using _slot = slot;
  const request = {
    category: profile?.category ?? category ?? services.object,
    profile: profile?.learned,
    threshold,
  };
  return await services.scorer()!.score(image, request, c.get("signal"));
}

function findProfile(
  { profiles }: Pick<Services, "profiles">,
  named: NamedProfile,
): ProfileInUse {
  const found = useProfile(profiles, named);
  if (!("status" in found)) return found;
  throw refusal(STATUS_OF[found.reason], found.error);
}

/**
 * Scores an image and answers as the Accept header wants it: scores as JSON,
 * or the heatmap as PNG with the scores in headers.
 *
 * @param asked The image.
 * @returns The answer; 4xx where the image is at fault, unless that is to be
 * a result.
 */
export async function answerOne(
  c: ServerContext,
  services: Services,
  asked: OneImage,
): Promise<Response> {
  const type = wantedType(c);
  if (type === "none") {
    throw refusal(
      406,
      `Cannot answer as the Accept header must have ${JSON_TYPE} or ${PNG_TYPE}`,
    );
  }
  const outcome = await scoreOne(c, services, asked);
  if (outcome.status === "error") {
    const { reason } = outcome;
    if (asked.isFaultAResult && FAULTS.includes(reason)) {
      return c.json(await resultJson(outcome, services));
    }
    return refuse(c, STATUS_OF[reason], outcome.error);
  }
  if (type === JSON_TYPE) {
    return c.json(await resultJson(outcome, services, asked.heatmap));
  }
  const png = await heatmapOf(outcome, services);
  return c.body(png, 200, {
    "Content-Type": PNG_TYPE,
    "X-Score": `${outcome.score}`,
    "X-Score-Logit": `${outcome.scoreLogit}`,
    ...typeof outcome.verdict?.is_anomalous === "boolean" && {
      "X-Is-Anomalous": `${outcome.verdict.is_anomalous}`,
    },
  });
}
