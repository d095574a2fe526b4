import { deepEqual, equal } from "node:assert/strict";
import { DOMParser } from "linkedom";
import { renderReport } from "../../lib/report/html.ts";
import script from "../../lib/report/page.js" with { type: "text" };
import { reportOf, rowOf } from "./sample_report.ts";

/** Eight bottles, of which a and e are wrong, and two correct cables. */
const ROWS = [
  ...Array.from("abcdefgh", (name, i) =>
    rowOf(`bottle/${name}.png`, i - 3.5, {
      label: i === 0 || i > 4 ? 1 : 0,
    })),
  rowOf("cable/x.png", -1),
  rowOf("cable/y.png", 1),
];

/** A page whose script has run, and hands to use it. */
function runPage() {
  const page = new DOMParser()
    .parseFromString(renderReport(reportOf(ROWS)), "text/html");
  new Function("document", script)(page);
  const change = (id: string) => {
    const event = page.createEvent("Event");
    event.initEvent("change", true, false);
    page.getElementById(id)?.dispatchEvent(event);
  };
  return {
    page,
    shown: () =>
      [...page.querySelectorAll(".tile:not([hidden])")]
        .map((tile) => `${tile.getAttribute("data-key")}`.slice(-5, -4))
        .join(""),
    choose(id: string, value: string) {
      for (const option of page.querySelectorAll(`#${id} option`)) {
        const chosen = option.getAttribute("value") === value;
        option.toggleAttribute("selected", chosen);
      }
      change(id);
    },
    tick(id: string) {
      Object.assign(page.getElementById(id) ?? {}, { checked: true });
      change(id);
    },
    click(selector: string, nth = 0) {
      const event = page.createEvent("Event");
      event.initEvent("click", true, false);
      page.querySelectorAll(selector)[nth]?.dispatchEvent(event);
    },
    text: (id: string) => page.getElementById(id)?.textContent,
  };
}

Deno.test("page shows the first six of each category until one asks for more", () => {
  const { shown, click, text } = runPage();
  equal(shown(), "eahgfd" + "yx");
  equal(text("count"), "10 of 10 match");
  click(".more");
  equal(shown(), "eahgfdcb" + "yx");
});

Deno.test("page filters by category, label and wrong decisions", () => {
  const { shown, choose, tick, text } = runPage();
  choose("by-category", "=bottle");
  equal(shown(), "eahgfdcb");
  choose("by-label", "1");
  equal(shown(), "ahgf");
  tick("only-wrong");
  equal(shown(), "a");
  equal(text("count"), "1 of 10 match");
  choose("by-category", "=cable");
  equal(shown(), "");
});

Deno.test("page says when no image matches", () => {
  const { page, choose, tick } = runPage();
  equal(page.getElementById("nothing")?.hasAttribute("hidden"), true);
  tick("only-wrong");
  choose("by-category", "=cable");
  equal(page.getElementById("nothing")?.hasAttribute("hidden"), false);
});

Deno.test("page orders tiles within their category", () => {
  const { shown, choose } = runPage();
  choose("order", "high");
  equal(shown(), "hgfedc" + "yx");
  choose("order", "low");
  equal(shown(), "abcdef" + "xy");
  choose("order", "key");
  equal(shown(), "abcdef" + "xy");
});

Deno.test("page sorts the table of metrics by a column, then the other way", () => {
  const { page, click } = runPage();
  const names = () =>
    [...page.querySelectorAll(".metrics tbody th")]
      .map(({ textContent }) => textContent);
  click(".sortable button", 0);
  deepEqual(names(), ["cable", "bottle"]);
  click(".sortable button", 0);
  deepEqual(names(), ["bottle", "cable"]);
  equal(page.querySelectorAll("[aria-sort]").length, 1);
});

Deno.test("page lays each heatmap over a copy of its image", () => {
  const { page } = runPage();
  const [under, over] = page.querySelectorAll(".heat img");
  equal(under?.getAttribute("src"), "data:image/jpeg;base64,/9j/");
  equal(under?.getAttribute("alt"), "");
  equal(over?.getAttribute("class"), "over");
});
