/**
 * The application: routes, and what every request passes before them.
 *
 * @module
 */
import { OpenAPIHono } from "@hono/zod-openapi";
import { methodNotAllowed } from "hono/method-not-allowed";
import { requestId } from "hono/request-id";
import { secureHeaders } from "hono/secure-headers";
import type { ObjectStore } from "../storage/object_store.ts";
import { addBatchRoutes, type BatchServices } from "./batches/routes.ts";
import { addDocsRoutes } from "./page/docs_routes.ts";
import { addEventRoutes } from "./protocols/event_routes.ts";
import {
  addressInUtf8,
  bodyForGet,
  closeWhenDraining,
  deadline,
  hostRequired,
  knownMethods,
  tokenRequired,
} from "./requests/guards.ts";
import { addHealthRoutes, HEALTH_PATHS } from "./health_routes.ts";
import {
  LOOKOUT_PATH,
  lookoutErrors,
  lookoutToken,
} from "./protocols/lookout_guards.ts";
import { addLookoutRoutes } from "./protocols/lookout_routes.ts";
import { addOpenInferenceRoutes } from "./protocols/open_inference_routes.ts";
import { addPageRoutes, PAGE_PATHS } from "./page/routes.ts";
import { addProfileRoutes } from "./profiles/routes.ts";
import { ownPagesOnly } from "./requests/own_pages.ts";
import { addPlacesRoute } from "./requests/places_route.ts";
import { answerError, refuse, schemaComplaint } from "./requests/refusals.ts";
import { addSageMakerRoutes } from "./protocols/sage_maker_routes.ts";
import { addScoreRoutes } from "./scoring/score_routes.ts";
import type { App, ServerEnv, Services } from "./services.ts";
import { addVertexRoutes } from "./protocols/vertex_routes.ts";

/** Options of {@linkcode createApp}. */
export interface AppOptions {
  /** Tokens that requests must carry one of; none where it is empty. */
  readonly tokens: readonly string[];
  /** Batches; without them their routes are not there. */
  readonly batches?: BatchServices | undefined;
  /** Where results of events go; without it they answer 501. */
  readonly events?: ObjectStore | undefined;
  /** Path of readiness that a platform has chosen. */
  readonly healthRoute?: string | undefined;
  /** Path of predictions that a platform has chosen. */
  readonly predictRoute?: string | undefined;
  /** Whether SageMaker's batch transform asks. */
  readonly isTransform?: boolean | undefined;
}

/** Pages without data, which anybody may see. */
const OPEN_PATHS = [...PAGE_PATHS, "/docs", "/openapi.json"];

function bareApp(services: Services): App {
  const app = new OpenAPIHono<ServerEnv>({
    defaultHook: (result, c) => {
      if (result.success) return;
      return refuse(c, 400, schemaComplaint("the request", result.error));
    },
  });
  app.use(requestId());
  app.use(knownMethods());
  app.use(bodyForGet());
  app.use(hostRequired());
  app.use(closeWhenDraining(services));
  app.notFound((c) =>
    refuse(c, 404, "Cannot answer as there is no such route")
  );
  app.onError((error, c) => answerError(error, c, services));
  return app;
}

/**
 * Makes an application that answers health and metrics only.
 *
 * @param options Path of readiness.
 * @returns The application.
 */
export function createHealthApp(
  services: Services,
  { healthRoute }: Pick<AppOptions, "healthRoute"> = {},
): App {
  const app = bareApp(services);
  addHealthRoutes(app, services, healthRoute);
  app.get("/metrics", async (c) => c.text(await services.metrics.text()));
  return app;
}

/**
 * Makes the application.
 *
 * @param options Tokens, batches and what platforms have chosen.
 * @returns The application.
 */
export function createApp(services: Services, options: AppOptions): App {
  const { tokens, batches, events, healthRoute, predictRoute } = options;
  const app = bareApp(services);
  app.use(services.metrics.requests);
  // Whether all of a domain is TLS is for the proxy in front to say.
  app.use(secureHeaders({
    strictTransportSecurity: false,
    originAgentCluster: false,
  }));
  app.use(methodNotAllowed({
    app,
    onMethodNotAllowed: (c, methods) => {
      c.header("Allow", methods.join(", "));
      return refuse(c, 405, "Cannot answer as the route has other methods");
    },
  }));
  const open = [...HEALTH_PATHS, ...OPEN_PATHS];
  if (healthRoute !== undefined) open.push(healthRoute);
  app.on("POST", LOOKOUT_PATH, lookoutErrors());
  if (tokens.length === 0) app.use(ownPagesOnly());
  app.use(tokenRequired(tokens, new Set(open), lookoutToken));
  app.use(addressInUtf8());
  app.use(deadline(services));
  addHealthRoutes(app, services, healthRoute);
  app.get("/metrics", async (c) => c.text(await services.metrics.text()));
  app.openAPIRegistry.registerPath({
    method: "get",
    path: "/metrics",
    operationId: "readMetrics",
    tags: ["Health"],
    summary: "Counts and times, for Prometheus",
    responses: {
      200: {
        description: "Metrics as Prometheus reads them",
        content: { "text/plain": { schema: { type: "string" } } },
      },
    },
  });
  addScoreRoutes(app, services);
  addProfileRoutes(app, services);
  addPlacesRoute(app, services);
  if (batches !== undefined) addBatchRoutes(app, services, batches);
  addSageMakerRoutes(app, services, options.isTransform ?? false);
  if (predictRoute !== undefined) addVertexRoutes(app, services, predictRoute);
  addOpenInferenceRoutes(app, services);
  addLookoutRoutes(app, services);
  addEventRoutes(app, services, events);
  addPageRoutes(app, services, {
    hasTokens: tokens.length > 0,
    hasBatches: batches !== undefined && !services.input.isEmpty &&
      !services.output.isEmpty,
  });
  addDocsRoutes(app, tokens.length > 0);
  return app;
}
