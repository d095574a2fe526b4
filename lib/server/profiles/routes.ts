/**
 * `/v1/profiles`: good images of clients, and the thresholds that they set.
 *
 * @module
 */
import { createRoute, z } from "@hono/zod-openapi";
import { FALSE_ALARMS } from "../../evaluation/learned_products.ts";
import { modelRequired } from "../requests/guards.ts";
import { numberQuery } from "../requests/number_query.ts";
import { refusal } from "../requests/refusals.ts";
import { boundedBody } from "../requests/request_body.ts";
import type { App, ServerContext, Services } from "../services.ts";
import {
  ClientProfileSchema,
  profileJson,
  servedJson,
  ServedProfilesSchema,
} from "./profile_json.ts";
import type { ProfileMaker } from "./profile_maker.ts";
import type { ClientProfile, ProfileWish } from "./profile_store.ts";
import { readGoodForm, takeImages } from "./take_images.ts";

const TAGS = ["Profiles"];

const ID = z.object({ id: z.string() });

const BINARY = { type: "string", format: "binary" } as const;

const FORM = {
  "multipart/form-data": {
    schema: {
      type: "object" as const,
      required: ["good"],
      properties: {
        good: { type: "array" as const, items: BINARY },
        category: { type: "string" as const },
      },
    },
  },
};

const PROFILE = {
  description: "The profile",
  content: { "application/json": { schema: ClientProfileSchema } },
};

const ABSENT = { description: "No profile of this id, or it was dropped" };

const REFUSALS = {
  400: { description: "No category or two, or a form that is not whole" },
  413: { description: "Too many bytes, pixels or images" },
  415: { description: "No form, or an image of a format that is not read" },
  422: { description: "An image that is broken" },
  429: { description: "Too many profiles, or too many wait" },
  501: { description: "The method of the model cannot learn good images" },
  503: { description: "No room, or the model is being loaded" },
};

const LIST = createRoute({
  method: "get",
  path: "/v1/profiles",
  operationId: "listProfiles",
  tags: TAGS,
  summary: "Lists the profiles that the server was started with",
  description: "Images of their categories are judged by them. Profiles of " +
    "clients are not listed.",
  responses: {
    200: {
      description: "The profiles",
      content: { "application/json": { schema: ServedProfilesSchema } },
    },
  },
});

const CREATE = createRoute({
  method: "post",
  path: "/v1/profiles",
  operationId: "makeProfile",
  tags: TAGS,
  summary: "Learns good images of a product, and sets a threshold by them",
  description: "Requests that name the id compare images with these good " +
    "ones, and get a verdict. More images can be added. It is dropped when " +
    "nobody has used it for a while.",
  request: {
    query: z.object({
      category: z.string().min(1).optional().openapi({
        description: "What the product is called; it may stand in the form",
        example: "bottle",
      }),
      false_alarms: z.coerce.number().min(0.0001).max(0.5)
        .default(FALSE_ALARMS).openapi({
          description: "Share of good images that may be called defective",
        }),
    }),
    body: { required: true, content: FORM },
  },
  responses: { 201: PROFILE, ...REFUSALS },
});

const ADD = createRoute({
  method: "post",
  path: "/v1/profiles/{id}/images",
  operationId: "addGoodImages",
  tags: TAGS,
  summary: "Adds good images to a profile, and sets its threshold again",
  request: { params: ID, body: { required: true, content: FORM } },
  responses: { 200: PROFILE, 404: ABSENT, ...REFUSALS },
});

const READ = createRoute({
  method: "get",
  path: "/v1/profiles/{id}",
  operationId: "readProfile",
  tags: TAGS,
  summary: "Tells the thresholds and figures of a profile",
  request: { params: ID },
  responses: { 200: PROFILE, 404: ABSENT },
});

const DELETE = createRoute({
  method: "delete",
  path: "/v1/profiles/{id}",
  operationId: "deleteProfile",
  tags: TAGS,
  summary: "Drops a profile",
  request: { params: ID },
  responses: {
    204: { description: "It is dropped" },
    404: ABSENT,
  },
});

const PACK = createRoute({
  method: "get",
  path: "/v1/profiles/{id}/archive",
  operationId: "packProfile",
  tags: TAGS,
  summary: "Packs a profile as .zip, for --profile",
  request: {
    params: ID,
    query: z.object({
      threshold: numberQuery(z.number().min(-1e6).max(1e6)).optional().openapi({
        description:
          "The least score_logit that is called defective, in place of the calibrated one",
      }),
    }),
  },
  responses: {
    200: {
      description: "The archive; --profile reads it as it is, and unpacked",
      content: { "application/zip": { schema: BINARY } },
    },
    404: ABSENT,
    409: { description: "Too few good images" },
    501: { description: "The server does not know the settings of its model" },
  },
});

/** What a route of a profile needs. */
interface Parts {
  readonly maker: ProfileMaker;
  readonly services: Services;
}

function makerOf({ profileMaker }: Services): ProfileMaker {
  const maker = profileMaker();
  if (maker !== undefined) return maker;
  throw refusal(501, "Cannot make a profile as the detector must learn images");
}

function profileOf({ profiles }: Services, id: string): ClientProfile {
  const found = profiles.find(id);
  if (found !== undefined) return found;
  throw refusal(
    404,
    "Cannot answer as there is no such profile: it may have been dropped",
  );
}

function answerOf(profile: ClientProfile, { maker, services }: Parts) {
  const { profiles } = services;
  return profileJson(profile, { profiles, mostImages: maker.mostImages });
}

/** Without its images, a profile fails to be learned in many ways. */
function dropped(): Error {
  return refusal(
    404,
    "Cannot add images as the profile must be there: it was dropped while " +
      "they were being learned",
  );
}

/** Adds images to a profile; one request at a time does so. */
async function addImages(
  profile: ClientProfile,
  images: readonly File[],
  { maker, services, signal }: Parts & { readonly signal: AbortSignal },
): Promise<void> {
  if (profile.isLearning) {
    throw refusal(429, "Cannot add images as others are being learned");
  }
  profile.isLearning = true;
  const before = profile.pixels.length;
  try {
    const { mostImages } = maker;
    await takeImages(profile, images, { services, mostImages, signal });
    await maker.learn(profile, signal);
  } catch (error) {
    if (profile.isDropped && !signal.aborted) throw dropped();
    profile.pixels.length = before;
    throw error;
  } finally {
    profile.isLearning = false;
  }
}

function assertCategory(
  { categories }: Services,
  category: string | undefined,
): asserts category is string {
  const complaint = category === undefined
    ? "Cannot make a profile as its category must be given"
    : categories.complaintAbout(category);
  if (complaint !== undefined) throw refusal(400, complaint);
}

async function create(
  c: ServerContext,
  services: Services,
  asked: Partial<ProfileWish> & Pick<ProfileWish, "falseAlarms">,
) {
  const maker = makerOf(services);
  const form = await readGoodForm(
    c,
    services,
    maker.mostImages,
    asked.category,
  );
  const { category } = form;
  assertCategory(services, category);
  maker.check(category);
  const { profiles } = services;
  const profile = profiles.create({ ...asked, category });
  const signal = c.get("signal");
  try {
    await addImages(profile, form.images, { maker, services, signal });
  } catch (error) {
    profiles.delete(profile);
    throw error;
  }
  return answerOf(profile, { maker, services });
}

/** A name that is safe in a header. */
function fileNameOf(category: string): string {
  return `profile-${category.replaceAll(/[^\w-]+/g, "_").slice(0, 60)}.zip`;
}

async function pack(
  services: Services,
  id: string,
  threshold: number | undefined,
): Promise<Response> {
  const maker = makerOf(services);
  const profile = profileOf(services, id);
  const { learned } = profile;
  if (learned === undefined) {
    throw refusal(409, "Cannot pack the profile as it has too few good images");
  }
  const bytes = await maker.pack(profile, learned, threshold);
  const name = fileNameOf(profile.wish.category);
  return new Response(bytes, {
    headers: {
      "Content-Type": "application/zip",
      "Content-Disposition": `attachment; filename="${name}"`,
    },
  });
}

/** Adds the routes. */
export function addProfileRoutes(app: App, services: Services): void {
  const images = "/v1/profiles/:id/images";
  for (const path of [CREATE.path, images]) {
    app.on("POST", path, modelRequired(services), boundedBody(services));
  }
  app.openapi(
    LIST,
    (c) => c.json({ profiles: servedJson(services.products()) }, 200),
  );
  app.openapi(CREATE, async (c) => {
    const { category, false_alarms: falseAlarms } = c.req.valid("query");
    const asked = { falseAlarms, ...category && { category } };
    return c.json(await create(c, services, asked), 201);
  });
  app.openapi(ADD, async (c) => {
    const maker = makerOf(services);
    const profile = profileOf(services, c.req.valid("param").id);
    const form = await readGoodForm(
      c,
      services,
      maker.mostImages,
      profile.wish.category,
    );
    const signal = c.get("signal");
    await addImages(profile, form.images, { maker, services, signal });
    return c.json(answerOf(profile, { maker, services }), 200);
  });
  app.openapi(READ, (c) => {
    const profile = profileOf(services, c.req.valid("param").id);
    const maker = makerOf(services);
    return c.json(answerOf(profile, { maker, services }), 200);
  });
  app.openapi(DELETE, (c) => {
    const profile = profileOf(services, c.req.valid("param").id);
    services.profiles.delete(profile);
    return c.body(null, 204);
  });
  app.openapi(PACK, (c) => {
    const { threshold } = c.req.valid("query");
    return pack(services, c.req.valid("param").id, threshold);
  });
}
