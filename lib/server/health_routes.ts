/**
 * Whether the process works and wants requests, as each platform asks it.
 *
 * @module
 */
import { createRoute, z } from "@hono/zod-openapi";
import type { App, ServerContext, Services } from "./services.ts";

const TAG = "Health";

/** Paths of health that every server has. */
export const HEALTH_PATHS: readonly string[] = [
  "/healthz",
  "/readyz",
  "/ping",
  "/v2/health/live",
  "/v2/health/ready",
];

function answer(description: string) {
  const schema = z.object({
    live: z.boolean().optional(),
    ready: z.boolean().optional(),
    phase: z.string().optional(),
  });
  return { description, content: { "application/json": { schema } } };
}

function describe(path: string, operationId: string, summary: string) {
  return createRoute({
    method: "get",
    path,
    operationId,
    tags: [TAG],
    summary,
    security: [],
    responses: { 200: answer("Yes"), 503: answer("No") },
  });
}

/**
 * Adds `/healthz`, `/readyz`, `/ping`, `/v2/health/*` and the path that a
 * platform has chosen.
 *
 * @param chosen Path of readiness, where a platform has one of its own.
 */
export function addHealthRoutes(
  app: App,
  { lifecycle }: Pick<Services, "lifecycle">,
  chosen?: string | undefined,
): void {
  function live(c: ServerContext) {
    const { isLive } = lifecycle;
    return c.json({ live: isLive }, isLive ? 200 : 503);
  }
  function ready(c: ServerContext) {
    const { isReady, phase } = lifecycle;
    return c.json({ ready: isReady, phase }, isReady ? 200 : 503);
  }
  app.openapi(
    describe("/healthz", "isLive", "Whether the process works"),
    live,
  );
  app.openapi(
    describe("/v2/health/live", "isServerLive", "The same, for KServe"),
    live,
  );
  app.openapi(
    describe("/readyz", "isReady", "Whether to send requests here"),
    ready,
  );
  app.openapi(
    describe("/v2/health/ready", "isServerReady", "The same, for KServe"),
    ready,
  );
  if (chosen !== undefined && !HEALTH_PATHS.includes(chosen)) {
    app.openapi(
      describe(chosen, "isReadyForPlatform", "The same, for Vertex AI"),
      ready,
    );
  }
  const ping = createRoute({
    method: "get",
    path: "/ping",
    operationId: "ping",
    tags: [TAG],
    summary: "The same, for SageMaker and RunPod",
    security: [],
    responses: {
      200: { description: "Ready" },
      204: { description: "The model is being loaded" },
      503: { description: "The server ends, or is broken", content: {} },
    },
  });
  app.openapi(ping, (c) => {
    if (lifecycle.isReady) return c.body(null, 200);
    const isLoading = lifecycle.phase === "loading" && lifecycle.isLive;
    return c.body(null, isLoading ? 204 : 503);
  });
}
