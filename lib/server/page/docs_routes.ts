/**
 * `/openapi.json`, and the same as a page.
 *
 * @module
 */
import { importLate } from "../../async/import_late.ts";
import type { App } from "../services.ts";

function loadDocs(): Promise<typeof import("./docs.tsx")> {
  return importLate(new URL("./docs.tsx", import.meta.url));
}

/**
 * Adds the routes. What they give is made once, when somebody asks for it.
 *
 * @param app The application, with all routes that are to be described.
 * @param hasTokens Whether requests must carry a token.
 */
export function addDocsRoutes(app: App, hasTokens: boolean): void {
  const make = async () => {
    const { Docs } = await loadDocs();
    return new Docs(app, hasTokens);
  };
  let made: ReturnType<typeof make> | undefined;
  app.get("/openapi.json", async (c) => {
    const { json } = await (made ??= make());
    c.header("Content-Type", "application/json");
    return c.body(json);
  });
  app.get("/docs", async (c) => {
    const docs = await (made ??= make());
    c.header("Content-Security-Policy", docs.policy);
    return c.html(await docs.html());
  });
}
