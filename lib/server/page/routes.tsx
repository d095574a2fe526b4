/** @jsxRuntime automatic */
/** @jsxImportSource hono/jsx */
/**
 * The page at `/`.
 *
 * @module
 */
import reportScript from "../../report/page.js" with { type: "text" };
import { BatchSection } from "./batch.tsx";
import batchStyle from "./batch.css" with { type: "text" };
import batchScript from "./batch.js" with { type: "text" };
import commonScript from "./common.js" with { type: "text" };
import dropScript from "./drop.js" with { type: "text" };
import goodStyle from "./good.css" with { type: "text" };
import goodScript from "./good.js" with { type: "text" };
import { GoodSection } from "./good.tsx";
import { type Html, pageOf, policyOf } from "./head.tsx";
import judgementScript from "./judgement.js" with { type: "text" };
import { ScoreSection } from "./score.tsx";
import queueScript from "./queue.js" with { type: "text" };
import resultScript from "./result.js" with { type: "text" };
import scoreStyle from "./score.css" with { type: "text" };
import scoreScript from "./score.js" with { type: "text" };
import thresholdScript from "./threshold.js" with { type: "text" };
import zipScript from "./zip.js" with { type: "text" };
import style from "./page.css" with { type: "text" };
import type { App, Services } from "../services.ts";

/** What the page offers. */
export interface PageOffer {
  /** Whether requests must carry a token. */
  readonly hasTokens: boolean;
  /** Whether batches can be started. */
  readonly hasBatches: boolean;
}

/** Modules of the page by path. */
const MODULES = new Map([
  ["/assets/common.js", commonScript],
  ["/assets/zip.js", zipScript],
  ["/assets/drop.js", dropScript],
  ["/assets/judgement.js", judgementScript],
  ["/assets/result.js", resultScript],
  ["/assets/threshold.js", thresholdScript],
  ["/assets/good.js", goodScript],
  ["/assets/queue.js", queueScript],
  ["/assets/score.js", scoreScript],
  ["/assets/batch.js", batchScript],
]);

/** Paths of the page, which anybody may see. */
export const PAGE_PATHS: readonly string[] = ["/", ...MODULES.keys()];

const STYLE = [style, goodStyle, scoreStyle, batchStyle].join("\n");

/** Reports that need a token are shown by this page, script and all. */
const POLICY = policyOf(reportScript);

function TokenField(): Html {
  return (
    <form id="token-form" class="token">
      <label for="token">Access token</label>
      <input
        id="token"
        type="password"
        autocomplete="off"
        spellcheck={false}
        required
        placeholder="Asked for by this server"
      />
    </form>
  );
}

function page(services: Services, { hasTokens, hasBatches }: PageOffer): Html {
  return pageOf({
    title: "Find defects in images · MFP-CLIP",
    style: STYLE,
    modules: [...MODULES.keys()],
    children: (
      <main>
        <header>
          <p class="eyebrow">Zero-shot anomaly detection · MFP-CLIP</p>
          <h1>Find defects in an image</h1>
          <div class="status-line">
            <span id="ready" class="badge" role="status">
              Asking the server
            </span>
            <span>
              Model <b>{services.modelName}</b>
            </span>
            <a href="/docs">API</a>
          </div>
          {services.caution() === undefined
            ? null
            : (
              <p id="caution" class="caution" role="note">
                {services.caution()}
              </p>
            )}
          {hasTokens ? <TokenField /> : null}
        </header>
        <GoodSection services={services} />
        <ScoreSection services={services} />
        <BatchSection hasBatches={hasBatches} />
      </main>
    ),
  });
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
  app.get("/", (c) => {
    c.header("Content-Security-Policy", POLICY);
    return c.html(page(services, offer));
  });
  for (const [path, script] of MODULES) {
    app.get(
      path,
      (c) =>
        c.body(script, 200, {
          "Content-Type": "text/javascript; charset=utf-8",
        }),
    );
  }
}
