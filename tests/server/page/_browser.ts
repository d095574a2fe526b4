/**
 * Uses the page in Chromium as a person would, and prints what was seen as
 * JSON. Run by page_test.ts, since a browser needs more permissions than tests
 * have.
 *
 * @module
 */
import { chromium, type Page } from "playwright-core";
import {
  boxes,
  dropBroken,
  heatOpacity,
  heatWidth,
  leastContrast,
  overflow,
  shownWidth,
  unnamed,
} from "./_in_page.js";
import type { Boxes, BrowserTask, Seen } from "../_seen.ts";

const task: BrowserTask = JSON.parse(Deno.args[0]!);

async function look(page: Page, file: string): Promise<void> {
  await page.setInputFiles("#file", file);
  await page.waitForSelector("#result:not([hidden])");
}

async function drop(page: Page): Promise<string> {
  await page.evaluate(dropBroken);
  await page.waitForSelector("#score-message.bad");
  return await page.textContent("#score-message") ?? "";
}

async function measureShapes(page: Page): Promise<Boxes[]> {
  const measured: Boxes[] = [];
  for (const width of [1280, 375]) {
    await page.setViewportSize({ width, height: 800 });
    for (const shape of task.shapes) {
      await look(page, shape);
      measured.push(await page.evaluate<Boxes, null>(boxes, null));
    }
  }
  await page.setViewportSize({ width: 1280, height: 720 });
  return measured;
}

/** Drops an archive with an image, chooses one, and renames the product. */
async function lookAtMany(page: Page): Promise<Pick<Seen, "list" | "stale">> {
  await page.setInputFiles("#file", [task.archive, task.image]);
  await page.getByText("3 of 3 images scored").waitFor();
  const names = await page.locator("#list .name").allTextContents();
  await page.locator("#list .row").nth(1).click();
  await page.waitForSelector("#result:not([hidden])");
  const chosen = await page.textContent("#result-name") ?? "";
  const count = await page.textContent("#list-count") ?? "";
  await page.getByLabel("Threshold").focus();
  await page.keyboard.press("Home");
  const all = await page.textContent("#list-count") ?? "";
  await page.keyboard.press("End");
  const none = await page.textContent("#list-count") ?? "";
  const badges = await page.locator("#list .badge").allTextContents();
  await page.getByLabel("Product", { exact: true }).fill("mug");
  const isShown = await page.locator("#result").isVisible();
  const values = (await page.locator("#list .value").allTextContents()).join(
    "",
  );
  await page.getByLabel("Product", { exact: true }).fill("cup");
  const judged = { all, none, badges };
  return { list: { count, names, chosen, judged }, stale: { isShown, values } };
}

async function runBatch(page: Page): Promise<Seen["batch"]> {
  await page.fill("#input", task.foreign);
  await page.fill("#output", task.output);
  await page.click("#batch-button");
  await page.waitForSelector("#batch-message.bad");
  const refused = await page.textContent("#batch-message") ?? "";
  await page.fill("#input", task.input);
  await page.click("#batch-button");
  await page.waitForSelector("#batch-report:not([hidden])");
  const count = await page.textContent("#batch-count") ?? "";
  const opened = page.context().waitForEvent("page");
  await page.click("#batch-report");
  const report = await opened;
  await report.waitForSelector("h1");
  const title = await report.title();
  await report.close();
  await page.reload();
  await page.waitForSelector("#batch-report:not([hidden])");
  return { refused, count, title };
}

async function useOpen(page: Page): Promise<Omit<Seen, "strange" | "token">> {
  await page.goto(task.open);
  await page.getByText("Ready", { exact: true }).waitFor();
  await page.getByLabel("Product", { exact: true }).fill("cup");
  await look(page, task.image);
  const score = await page.textContent("#score") ?? "";
  const width = await page.evaluate<number, null>(heatWidth, null);
  const shown = await page.evaluate<number, null>(shownWidth, null);
  const slider = page.getByLabel("Opacity of the heatmap");
  await slider.focus();
  await page.keyboard.press("End");
  const opacity = await page.evaluate<string, null>(heatOpacity, null);
  const measured = await measureShapes(page);
  const many = await lookAtMany(page);
  const broken = await drop(page);
  const places = await page.textContent("#input-places-text") ?? "";
  const batch = await runBatch(page);
  await look(page, task.image);
  const contrasts: number[] = [];
  const overflows: number[] = [];
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    contrasts.push(await page.evaluate<number, null>(leastContrast, null));
  }
  for (const width of [1280, 375]) {
    await page.setViewportSize({ width, height: 800 });
    overflows.push(await page.evaluate<number, null>(overflow, null));
  }
  const names = await page.evaluate<string[], null>(unnamed, null);
  return {
    ...many,
    boxes: measured,
    places,
    score,
    heatWidth: width,
    shownWidth: shown,
    opacity,
    broken,
    batch,
    contrasts,
    overflows,
    unnamed: names,
  };
}

async function useClosed(page: Page): Promise<Seen["token"]> {
  await page.goto(task.closed);
  await page.setInputFiles("#file", task.image);
  await page.waitForSelector("#score-message.bad");
  const without = await page.textContent("#score-message") ?? "";
  await page.getByLabel("Access token").fill(task.token);
  await look(page, task.image);
  const score = await page.textContent("#score") ?? "";
  const { title } = await runBatch(page);
  return { without, score, title };
}

const browser = await chromium.launch({
  executablePath: task.chromium,
  args: ["--no-sandbox"],
});
const page = await browser.newPage();
const strange: string[] = [];
page.on("pageerror", ({ message }) => strange.push(message));
page.on("request", (request) => {
  const url = request.url();
  const own = [task.open, task.closed, "blob:", "data:"];
  if (!own.some((start) => url.startsWith(start))) strange.push(url);
});
page.setDefaultTimeout(30_000);
const open = await useOpen(page);
const token = await useClosed(page);
await browser.close();
const seen: Seen = { ...open, token, strange };
console.log(JSON.stringify(seen));
