import { equal } from "node:assert/strict";
import { escapeHtml, html, Markup } from "../../lib/report/markup.ts";

Deno.test("escapeHtml() escapes what ends text or a quoted attribute", () => {
  equal(
    escapeHtml(`<a href="x" title='y'>&amp;</a>`),
    "&lt;a href=&quot;x&quot; title=&#39;y&#39;&gt;&amp;amp;&lt;/a&gt;",
  );
});

Deno.test("html() escapes text and keeps markup", () => {
  const item = (text: string) => html`<li>${text}</li>`;
  const list = ["<b>", "&"].map(item);
  equal(
    html`<ul class="${'"'}">${list}${null}${3}</ul>`.toString(),
    '<ul class="&quot;"><li>&lt;b&gt;</li><li>&amp;</li>3</ul>',
  );
});

Deno.test("html() takes Markup as it is", () => {
  equal(html`<p>${new Markup("<b>1</b>")}</p>`.toString(), "<p><b>1</b></p>");
});
