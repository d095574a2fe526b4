/**
 * Makes a profile on the page in Chromium as a person would, mostly by keyboard,
 * and prints what was seen as JSON. Run by profile_page_test.ts.
 *
 * @module
 */
import { chromium, type Page } from "playwright-core";
import { leastContrast, overflow, unnamed } from "./_in_page.js";
import type { ProfileSeen, ProfileTask } from "./_profile_seen.ts";

const task: ProfileTask = JSON.parse(Deno.args[0]!);

async function text(page: Page, selector: string): Promise<string> {
  return await page.textContent(selector) ?? "";
}

async function learn(page: Page): Promise<string> {
  await page.getByLabel("Compare with").selectOption("own");
  await page.setInputFiles("#good-file", task.good);
  await page.getByLabel("What they show").fill("strip");
  await page.keyboard.press("Enter");
  await page.waitForSelector("#profile-facts:not([hidden])");
  return await text(page, "#profile-text");
}

async function lookAtParts(page: Page): Promise<void> {
  await page.setInputFiles("#file", task.parts);
  await page.getByText("1 of 2 look defective").waitFor();
  await page.waitForSelector("#result:not([hidden])");
}

async function save(page: Page): Promise<void> {
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Save as a profile" }).press("Enter");
  await (await download).saveAs(task.saved);
}

async function usePage(page: Page): Promise<Omit<ProfileSeen, "strange">> {
  await page.goto(task.address);
  await page.getByLabel("Access token").fill(task.token);
  await page.getByText("Ready", { exact: true }).waitFor();
  const facts = await learn(page);
  await lookAtParts(page);
  const isFixed = await page.locator("#category").isDisabled();
  await page.locator("#list .row", { hasText: "7.png" }).press("Enter");
  await page.waitForSelector("#outlines polygon");
  const outlines = await page.locator("#outlines polygon").count();
  const verdict = await text(page, "#verdict");
  const effect = await text(page, "#threshold-effect");
  await page.getByLabel("Threshold").press("Home");
  const lowest = await text(page, "#threshold-effect");
  const count = await text(page, "#list-count");
  // Outlines depend on the threshold, so the server is asked for them.
  const asked = page.waitForResponse((response) =>
    response.url().includes("threshold=")
  );
  await page.locator("#list .row", { hasText: "6.png" }).press("Enter");
  await asked;
  await save(page);
  await page.getByRole("button", { name: "Back to the calibrated one" }).press(
    "Enter",
  );
  await page.getByText("1 of 2 look defective").waitFor();
  const contrasts: number[] = [];
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    contrasts.push(await page.evaluate<number, null>(leastContrast, null));
  }
  const overflows: number[] = [];
  for (const width of [1280, 375]) {
    await page.setViewportSize({ width, height: 800 });
    overflows.push(await page.evaluate<number, null>(overflow, null));
  }
  const names = await page.evaluate<string[], null>(unnamed, null);
  await page.getByLabel("Compare with").selectOption("");
  await page.getByText("2 of 2 images scored").waitFor();
  const judged = { effect, lowest, count, outlines, verdict };
  return { facts, isFixed, judged, contrasts, overflows, unnamed: names };
}

const browser = await chromium.launch({
  executablePath: task.chromium,
  args: ["--no-sandbox"],
});
const page = await browser.newPage();
const strange: string[] = [];
page.on("pageerror", ({ message }) => strange.push(message));
page.setDefaultTimeout(60_000);
const seen = await usePage(page);
await browser.close();
console.log(JSON.stringify({ ...seen, strange }));
