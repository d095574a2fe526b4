/**
 * The routes of the page at `/`, which is made when somebody asks for it.
 *
 * @module
 */
import { importLate } from "../../async/import_late.ts";
import type { App, Services } from "../services.ts";

/** What the page offers. */
export interface PageOffer {
  /** Whether requests must carry a token. */
  readonly hasTokens: boolean;
  /** Whether batches can be started. */
  readonly hasBatches: boolean;
}

/** The modules of the page, in the order of its head. */
const NAMES = [
  "common",
  "zip",
  "drop",
  "judgement",
  "result",
  "threshold",
  "good",
  "queue",
  "score",
  "batch",
] as const;

/** Name of a module of the page. */
export type ScriptName = (typeof NAMES)[number];

function pathOf(name: ScriptName): string {
  return `/assets/${name}.js`;
}

/** Paths of the modules. */
export const SCRIPT_PATHS: readonly string[] = NAMES.map(pathOf);

/** Paths of the page, which anybody may see. */
export const PAGE_PATHS: readonly string[] = ["/", ...SCRIPT_PATHS];

function loadPage(): Promise<typeof import("./page.tsx")> {
  return importLate(new URL("./page.tsx", import.meta.url));
}

/**
 * Adds the page and its modules.
 *
 * @param offer What the page offers.
 */
export function addPageRoutes(
  app: App,
  services: Services,
  offer: PageOffer,
): void {
  app.get("/", async (c) => {
    const { page, POLICY } = await loadPage();
    c.header("Content-Security-Policy", POLICY);
    return c.html(page(services, offer));
  });
  for (const name of NAMES) {
    app.get(pathOf(name), async (c) => {
      const { scriptOf } = await loadPage();
      return c.body(scriptOf(name), 200, {
        "Content-Type": "text/javascript; charset=utf-8",
      });
    });
  }
}
