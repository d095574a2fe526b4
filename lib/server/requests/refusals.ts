/**
 * Answers that refuse a request.
 *
 * @module
 */
import { HTTPException } from "hono/http-exception";
import type { ContentfulStatusCode, StatusCode } from "hono/utils/http-status";
import type { ZodError } from "zod";
import { shortened } from "../outcome.ts";
import type { ServerContext, Services } from "../services.ts";

/** Seconds after which a refused request is worth another attempt. */
const RETRY_AFTER: Readonly<Partial<Record<StatusCode, string>>> = {
  429: "1",
  503: "5",
};

/** Headers of a refusal that are kept. */
const KEPT_HEADERS = ["WWW-Authenticate", "Accept-Encoding", "Allow"];

/**
 * Makes an error that is answered with a status.
 *
 * @param message One sentence for people.
 * @param headers More headers.
 * @returns What to throw.
 */
export function refusal(
  status: ContentfulStatusCode,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): HTTPException {
  const res = new Response(message, { status, headers: { ...headers } });
  return new HTTPException(status, { message, res });
}

/**
 * Says what is wrong with JSON that is not of its shape.
 *
 * @param what What the JSON is.
 * @param error What zod found.
 * @returns One sentence.
 */
export function schemaComplaint(what: string, { issues }: ZodError): string {
  const [issue] = issues;
  const path = issue?.path.join(".") ?? "";
  const where = path === "" ? "it" : path;
  // What the parser makes of such a text.
  const found = issue?.message.replaceAll(/\s+/g, " ")
    .replace("received Uint8Array", "received a long text in base64");
  return `Cannot read ${what} as ${where} must be as described at /docs: ` +
    (found ?? "it is not");
}

/**
 * Answers in JSON, as all refusals are.
 *
 * @param message One sentence for people.
 * @returns The answer.
 */
export function refuse(
  c: ServerContext,
  status: ContentfulStatusCode,
  message: string,
): Response {
  const wait = RETRY_AFTER[status];
  if (wait !== undefined) c.header("Retry-After", wait);
  const error = shortened(message);
  return c.json({ error, request_id: c.get("requestId") }, status);
}

/** What the library that checks types of bodies says of another type. */
const OTHER_TYPE = "Unsupported Media Type";

const OTHER_TYPE_SENTENCE =
  "Cannot read the body as its Content-Type must be one that /docs names";

/**
 * Answers an error.
 *
 * @param services Told of defects.
 * @returns The answer.
 */
export function answerError(
  error: unknown,
  c: ServerContext,
  services: Pick<Services, "onError">,
): Response {
  if (!(error instanceof HTTPException)) {
    services.onError(error);
    return refuse(c, 500, "Cannot answer as the server failed");
  }
  for (const name of KEPT_HEADERS) {
    const value = error.res?.headers.get(name);
    if (value) c.header(name, value);
  }
  if (error.message === OTHER_TYPE) return refuse(c, 415, OTHER_TYPE_SENTENCE);
  return refuse(c, error.status, error.message || "Unauthorized");
}
