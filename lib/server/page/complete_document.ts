/**
 * What all operations of the OpenAPI document have in common, added to each.
 *
 * @module
 */
import { z } from "@hono/zod-openapi";
import { LOOKOUT_PATH } from "../protocols/lookout_guards.ts";
import type { App } from "../services.ts";
import { EXAMPLES } from "./examples.ts";

/** The document of an application. */
export type ApiDocument = ReturnType<App["getOpenAPI31Document"]>;

/** The part of an operation that is completed. */
interface Operation {
  security?: unknown[];
  parameters?: unknown[];
  requestBody?: unknown;
  responses: Record<string, Answer>;
}

interface Place {
  readonly path: string;
  readonly method: string;
  readonly operation: Operation;
}

interface Answer {
  description: string;
  headers?: Record<string, unknown>;
  content?: Record<string, unknown>;
}

/** Name of the security scheme. */
export const SCHEME = "bearerAuth";

/** Every refusal has this body. */
export const ErrorSchema: z.ZodType<{ error: string; request_id: string }> = z
  .object({
    error: z.string().openapi({
      description: "What is wrong, in a sentence",
      example: "Cannot score the image as its category must be given",
    }),
    request_id: z.string().openapi({
      description: "The request, as logs and the header X-Request-Id name it",
    }),
  }).openapi("Error");

const ERROR_CONTENT = {
  "application/json": { schema: { $ref: "#/components/schemas/Error" } },
};

const REQUEST_ID = { $ref: "#/components/headers/X-Request-Id" };
const RETRY_AFTER = { $ref: "#/components/headers/Retry-After" };

/** Headers that answers share. */
export const HEADERS = {
  "X-Request-Id": {
    description: "The request's own id, or the one that was made for it",
    schema: { type: "string" },
  },
  "Retry-After": {
    description: "Seconds after which to ask again",
    schema: { type: "integer" },
  },
} as const;

const UNAUTHORISED: Answer = {
  description: "No token, or not one of this server",
  headers: {
    "WWW-Authenticate": {
      description: "How to send a token",
      schema: { type: "string" },
    },
  },
};

const MALFORMED: Answer = {
  description: "An address that is not UTF-8, or a header that is no token",
};

const FOREIGN: Answer = { description: "A page of another origin asks" };

/** What is answered to bodies before their route looks at them. */
const OF_BODIES: Readonly<Record<string, Answer>> = {
  400: { description: "A body that is not whole" },
  408: { description: "Nothing came of the body for long" },
  413: { description: "Too many bytes" },
  415: { description: "A body of another type or coding" },
  503: { description: "No room for the body, or the server ends" },
};

/** This one has errors of its own, into which those of all are turned. */
const LOOKOUT = LOOKOUT_PATH.replaceAll(/:(\w+)/g, "{$1}");

function completeAnswer(status: string, answer: Answer): Answer {
  const isRefusal = Number(status) >= 400;
  const isBusy = status === "429" || status === "503";
  const { description, content = isRefusal ? ERROR_CONTENT : undefined } =
    answer;
  return {
    description,
    headers: {
      "X-Request-Id": REQUEST_ID,
      ...isBusy && { "Retry-After": RETRY_AFTER },
      ...answer.headers,
    },
    // An empty content says that there is no body.
    ...content !== undefined && Object.keys(content).length > 0 && { content },
  };
}

/** What is answered to an operation before its route is asked. */
function earlyAnswers(
  { path, method, operation }: Place,
  hasTokens: boolean,
): Readonly<Record<string, Answer>> {
  const { security, parameters = [], requestBody } = operation;
  const needsToken = hasTokens && security?.length !== 0;
  return {
    ...(parameters.length > 0 || needsToken) && { 400: MALFORMED },
    ...needsToken && { 401: UNAUTHORISED },
    ...!hasTokens && method !== "get" && { 403: FOREIGN },
    ...requestBody !== undefined && path !== LOOKOUT && OF_BODIES,
  };
}

function complete(place: Place, hasTokens: boolean): void {
  const { operation } = place;
  const responses = {
    ...earlyAnswers(place, hasTokens),
    ...operation.responses,
  };
  operation.responses = Object.fromEntries(
    Object.entries(responses).map(([status, answer]) =>
      [status, completeAnswer(status, answer)] as const
    ),
  );
}

/**
 * Completes a document in place: refusals have the one body of errors, answers
 * the headers that they share, and schemas their examples.
 *
 * @param document The document.
 * @param hasTokens Whether requests must carry a token.
 */
export function completeDocument(
  { paths = {}, components = {} }: ApiDocument,
  hasTokens: boolean,
): void {
  for (const [name, schema] of Object.entries(components.schemas ?? {})) {
    const example = EXAMPLES[name];
    if (example !== undefined) Object.assign(schema, { example });
  }
  for (const [path, methods] of Object.entries(paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      const place = { path, method, operation: operation as Operation };
      complete(place, hasTokens);
    }
  }
}
