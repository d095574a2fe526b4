/**
 * What all operations of the OpenAPI document have in common, added to each.
 *
 * @module
 */
import { z } from "@hono/zod-openapi";
import type { App } from "../services.ts";
import { EXAMPLES } from "./examples.ts";

/** The document of an application. */
export type ApiDocument = ReturnType<App["getOpenAPI31Document"]>;

/** The part of an operation that is completed. */
interface Operation {
  security?: unknown[];
  responses: Record<string, Answer>;
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

const FOREIGN: Answer = { description: "A page of another origin asks" };

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

function complete(
  method: string,
  operation: Operation,
  hasTokens: boolean,
): void {
  const isOpen = operation.security?.length === 0;
  const responses = { ...operation.responses };
  if (hasTokens && !isOpen) responses["401"] ??= UNAUTHORISED;
  if (!hasTokens && method !== "get") responses["403"] ??= FOREIGN;
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
  for (const methods of Object.values(paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      complete(method, operation as Operation, hasTokens);
    }
  }
}
