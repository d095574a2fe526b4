/** @jsxRuntime automatic */
/** @jsxImportSource hono/jsx */
/**
 * What the pages of a server share.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { raw } from "hono/html";
import type { Child } from "hono/jsx";
import type { HtmlEscapedString } from "hono/utils/html";
import style from "../../report/page.css" with { type: "text" };

/** A rendered part of a page. */
export type Html = HtmlEscapedString | Promise<HtmlEscapedString>;

/** Options of {@linkcode pageOf}. */
export interface PageOptions {
  /** The page's title. */
  readonly title: string;
  /** Its style, beside that of reports. */
  readonly style: string;
  /** Addresses of its modules. */
  readonly modules?: readonly string[];
  /** What stands in its body. */
  readonly children: Child;
}

/**
 * What a page may load: itself, and what this server answers.
 *
 * @param script A script that runs beside those of this server.
 * @returns A policy for the header.
 */
export function policyOf(script = ""): string {
  const hash = createHash("sha256").update(script).digest("base64");
  return [
    "default-src 'none'",
    "connect-src 'self'",
    "img-src 'self' blob: data:",
    "style-src 'unsafe-inline'",
    `script-src 'self' 'sha256-${hash}'`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}

/**
 * Puts a page together that needs no other file.
 *
 * @param options What it shows.
 * @returns HTML.
 */
export function pageOf(options: PageOptions): Html {
  const { title, style: own, modules = [], children } = options;
  return (
    <>
      {raw("<!doctype html>\n")}
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <meta name="color-scheme" content="light dark" />
          <title>{title}</title>
          <link rel="icon" href="data:," />
          <style>{raw(`${style}\n${own}`)}</style>
        </head>
        <body>
          {children}
          {modules.map((src) => <script key={src} type="module" src={src} />)}
        </body>
      </html>
    </>
  );
}
