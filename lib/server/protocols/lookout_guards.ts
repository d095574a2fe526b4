/**
 * Requests of clients of Amazon Lookout for Vision: the tokens that they carry,
 * and errors as they read them.
 *
 * @module
 */
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { Middleware, ServerContext } from "../services.ts";

/** The path of `DetectAnomalies`. */
export const LOOKOUT_PATH =
  "/2020-11-20/projects/:projectName/models/:modelVersion/detect";

const CREDENTIAL =
  /^AWS4-HMAC-SHA256\s+Credential=([^,\s]+)\/\d{8}\/[^/,\s]+\/[^/,\s]+\/aws4_request\s*,/;

/**
 * The access key id in a header of Signature Version 4, which stands for a
 * token. The signature is not checked, as there is no secret key beside it.
 *
 * @param authorization The header.
 * @returns Undefined where it is none.
 */
function accessKeyOf(
  authorization: string | undefined,
): string | undefined {
  return CREDENTIAL.exec(authorization ?? "")?.[1];
}

const LOOKOUT_REGEXP = /^\/2020-11-20\/projects\/[^/]+\/models\/[^/]+\/detect$/;

/** The token of a client of Lookout for Vision; undefined for other requests. */
export function lookoutToken({ req }: ServerContext): string | undefined {
  if (!LOOKOUT_REGEXP.test(req.path)) return undefined;
  return accessKeyOf(req.header("Authorization"));
}

/** Status of an answer -> status and type of the error that clients know. */
const ERRORS: Readonly<
  Record<number, readonly [ContentfulStatusCode, string]>
> = {
  401: [403, "AccessDeniedException"],
  403: [403, "AccessDeniedException"],
  404: [404, "ResourceNotFoundException"],
  409: [409, "ConflictException"],
  429: [429, "ThrottlingException"],
};

function errorOf(status: number): readonly [number, string] {
  const known = ERRORS[status];
  if (known !== undefined) return known;
  return status < 500
    ? [400, "ValidationException"]
    : [status, "InternalServerException"];
}

/** Writes errors as clients of AWS read them. */
export function lookoutErrors(): Middleware {
  return async (c, next) => {
    await next();
    if (c.res.status < 400) return;
    const [status, type] = errorOf(c.res.status);
    const { error } = await c.res.json();
    const headers = new Headers(c.res.headers);
    headers.set("Content-Type", "application/json");
    headers.set("x-amzn-ErrorType", type);
    headers.set("x-amzn-RequestId", c.get("requestId"));
    // Setting it twice keeps the headers of the first answer out of the second.
    c.res = undefined;
    c.res = new Response(JSON.stringify({ Message: error }), {
      status,
      headers,
    });
  };
}
