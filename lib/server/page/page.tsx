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
import type { Services } from "../services.ts";
import { type PageOffer, SCRIPT_PATHS, type ScriptName } from "./routes.ts";

const SCRIPTS: Readonly<Record<ScriptName, string>> = {
  common: commonScript,
  zip: zipScript,
  drop: dropScript,
  judgement: judgementScript,
  result: resultScript,
  threshold: thresholdScript,
  good: goodScript,
  queue: queueScript,
  score: scoreScript,
  batch: batchScript,
};

const STYLE = [style, goodStyle, scoreStyle, batchStyle].join("\n");

/**
 * What the page may load and run. Reports that need a token are shown by it,
 * script and all.
 */
export const POLICY: string = policyOf(reportScript);

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

/** The page. */
export function page(
  services: Services,
  { hasTokens, hasBatches }: PageOffer,
): Html {
  return pageOf({
    title: "Find defects in images · MFP-CLIP",
    style: STYLE,
    modules: SCRIPT_PATHS,
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

/** A module of the page. */
export function scriptOf(name: ScriptName): string {
  return SCRIPTS[name];
}
