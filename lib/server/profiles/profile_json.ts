/**
 * Profiles as answers spell them.
 *
 * @module
 */
import { z } from "@hono/zod-openapi";
import type { CountedRate } from "../../metrics/clopper_pearson.ts";
import {
  LEAST_GOOD,
  type ProductProfile,
} from "../../references/product_profile.ts";
import type { ClientProfile, ProfileStore } from "./profile_store.ts";

/** What a calibration found out of a product. */
export interface CalibrationJson {
  threshold: number;
  pixel_threshold: number;
  good_scores: readonly number[];
  false_alarms: CountedRate;
  images_needed: number | null;
}

/** A profile that the server was started with. */
export type ServedProfileJson = CalibrationJson & { category: string };

/** A profile that a client made. */
export interface ClientProfileJson {
  id: string;
  category: string;
  images: number;
  most_images: number;
  is_ready: boolean;
  wanted_false_alarms: number;
  calibration: CalibrationJson | null;
  expires: string;
}

const RateSchema = z.object({
  count: z.int(),
  of: z.int(),
  rate: z.number(),
  interval: z.tuple([z.number(), z.number()]),
}).openapi("CountedRate");

const CalibrationSchema: z.ZodType<CalibrationJson> = z.object({
  threshold: z.number().openapi({
    description: "The least score_logit that is called defective",
  }),
  pixel_threshold: z.number(),
  good_scores: z.array(z.number()).openapi({
    description: "score_logit of each good image beside the others, ascending",
  }),
  false_alarms: RateSchema,
  images_needed: z.int().nullable().openapi({
    description:
      "Good images that would show the rate; null where there are as many",
  }),
}).openapi("Calibration");

/** Profiles that the server was started with. */
export const ServedProfilesSchema: z.ZodType<
  { profiles: ServedProfileJson[] }
> = z.object({
  profiles: z.array(
    z.intersection(CalibrationSchema, z.object({ category: z.string() })),
  ),
}).openapi("ServedProfiles");

/** A profile that a client made. */
export const ClientProfileSchema: z.ZodType<ClientProfileJson> = z.object({
  id: z.string().openapi({
    description: "Names it in requests; who knows it may use it",
  }),
  category: z.string(),
  images: z.int(),
  most_images: z.int(),
  is_ready: z.boolean().openapi({
    description: `Whether images can be scored: it takes ${LEAST_GOOD}`,
  }),
  wanted_false_alarms: z.number(),
  // Of nullable(), the document would say that it is both.
  calibration: z.union([CalibrationSchema, z.null()]),
  expires: z.string().openapi({
    description: "When it is dropped, unless it is used before",
  }),
}).openapi("Profile");

function calibrationJson(
  { threshold, pixel_threshold, good_scores, false_alarms, images_needed }:
    ProductProfile,
): CalibrationJson {
  return {
    threshold,
    pixel_threshold,
    good_scores,
    false_alarms,
    images_needed,
  };
}

/** Spells the profiles that the server was started with. */
export function servedJson(
  products: Readonly<Record<string, ProductProfile>>,
): ServedProfileJson[] {
  return Object.entries(products).map(([category, product]) => ({
    category,
    ...calibrationJson(product),
  }));
}

/**
 * Spells a profile that a client made.
 *
 * @param profile The profile.
 * @param options Where it is kept, and how many images it may have.
 */
export function profileJson(
  profile: ClientProfile,
  { profiles, mostImages }: {
    readonly profiles: ProfileStore;
    readonly mostImages: number;
  },
): ClientProfileJson {
  const { id, wish, pixels, learned } = profile;
  return {
    id,
    category: wish.category,
    images: pixels.length,
    most_images: mostImages,
    is_ready: learned !== undefined,
    wanted_false_alarms: wish.falseAlarms,
    calibration: learned === undefined ? null : calibrationJson(learned.found),
    expires: profiles.expires(profile).toISOString(),
  };
}
