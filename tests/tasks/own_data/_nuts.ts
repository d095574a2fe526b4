/**
 * Drawn nuts in the folders that users have: three good ones, three defective
 * ones and their masks.
 *
 * @module
 */
import assert from "node:assert/strict";
import sharp from "sharp";
import type { Summary } from "../../../lib/results/summary.ts";
import { syntheticFiles } from "../../../lib/synthetic/data_set.ts";
import { command as evalCommand } from "../../../tasks/eval.ts";
import { command as scoreCommand } from "../../../tasks/score.ts";
import { type Tree, withFolder } from "../../data/trees.ts";
import { withConsole } from "../_console.ts";

/** Three good nuts, three defective ones, and the masks of these. */
export interface Nuts {
  readonly good: readonly Uint8Array[];
  readonly bad: readonly Uint8Array[];
  readonly masks: readonly Uint8Array[];
}

async function drawNuts(): Promise<Nuts> {
  const options = { count: 6, categories: ["nut"] };
  const files = (await Array.fromAsync(syntheticFiles(options)))
    .sort((a, b) => a.path < b.path ? -1 : 1);
  const below = (prefix: RegExp) =>
    files.filter(({ path }) => prefix.test(path)).map(({ bytes }) => bytes);
  return {
    good: below(/\/test\/good\//),
    bad: below(/\/test\/(?!good\/)/),
    masks: below(/\/ground_truth\//),
  };
}

/** The nuts. */
export const NUTS: Nuts = await drawNuts();

/** How a folder in the layout of MVTec AD differs from the usual one. */
export interface MvtecNames {
  readonly test?: string;
  readonly truth?: string;
  readonly good?: string;
  readonly bad?: string;
  /** Names of the images, without ending. */
  readonly names?: readonly string[];
  /** What follows the name of the image in that of its mask. */
  readonly suffix?: string;
  /** The masks, changed. */
  readonly masks?: readonly Uint8Array[];
}

/** The nuts in the layout of MVTec AD. */
export function mvtec({
  test = "test",
  truth = "ground_truth",
  good = "good",
  bad = "defect",
  names = ["000", "001", "002"],
  suffix = "_mask.png",
  masks = NUTS.masks,
}: MvtecNames = {}): Tree {
  return Object.fromEntries(names.flatMap((name, i) => [
    [`nut/${test}/${good}/${name}.png`, NUTS.good[i]!],
    [`nut/${test}/${bad}/${name}.png`, NUTS.bad[i]!],
    [`nut/${truth}/${bad}/${name}${suffix}`, masks[i]!],
  ]));
}

/** One channel of a PNG. */
export interface GreyRaster {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** Decodes a PNG as grey. */
export async function greyOf(png: Uint8Array): Promise<GreyRaster> {
  const { data, info } = await sharp(png).toColourspace("b-w").removeAlpha()
    .raw().toBuffer({ resolveWithObject: true });
  const grey = data.filter((_, i) => i % info.channels === 0);
  return { width: info.width, height: info.height, data: grey };
}

/** Encodes grey as PNG. */
export async function greyPng(
  { width, height, data }: GreyRaster,
): Promise<Uint8Array> {
  const raw = { width, height, channels: 1 as const };
  return await sharp(data, { raw }).png().toBuffer();
}

/** The masks with each value changed. */
export async function masksWith(
  change: (value: number) => number,
): Promise<Uint8Array[]> {
  return await Promise.all(NUTS.masks.map(async (mask) => {
    const grey = await greyOf(mask);
    return await greyPng({ ...grey, data: grey.data.map(change) });
  }));
}

/** What `eval` said and found. */
export interface Evaluated {
  readonly code: number;
  readonly said: string;
  readonly summary: Summary;
}

/** Which of the files to name, and further flags. */
export interface TreeOptions {
  readonly file?: string;
  readonly flags?: readonly string[];
}

/** Runs `eval` on files, or on one of them. */
export function evaluateTree(
  tree: Tree,
  options: TreeOptions = {},
): Promise<Evaluated> {
  return runOn("eval", tree, options);
}

/** Runs `score` on files, or on one of them. */
export function scoreTree(
  tree: Tree,
  options: TreeOptions = {},
): Promise<Evaluated> {
  return runOn("score", tree, options);
}

const COMMANDS = { eval: evalCommand, score: scoreCommand };

async function runOn(
  verb: keyof typeof COMMANDS,
  tree: Tree,
  { file = "", flags = [] }: TreeOptions,
): Promise<Evaluated> {
  const files = Object.fromEntries(
    Object.entries(tree).map(([path, data]) => [`set/${path}`, data]),
  );
  let found: Evaluated | undefined;
  await withFolder(files, async (folder) => {
    const out = `${folder}/out`;
    const { code, stdout, stderr } = await withConsole(() =>
      COMMANDS[verb].main(verb, [
        ...["--threads", "1", "--data", `${folder}/set/${file}`],
        ...["--out", out, ...flags],
      ])
    );
    const said = `${stderr}\n${stdout}`;
    const [, run = ""] = said.match(/runs\/([0-9a-f]{64})\//) ?? [];
    const path = verb === "eval" ? out : `${out}/runs/${run}`;
    const text = await Deno.readTextFile(`${path}/summary.json`).catch(() => {
      throw new Error(said);
    });
    found = { code, said, summary: JSON.parse(text) };
  });
  return found!;
}

/** The metrics that the unharmed nuts have, x 1000. */
export const REFERENCE = {
  i_auroc: 1000,
  p_auroc: 836,
  p_ap: 75,
  aupro: 801,
} as const;

/** Metrics of the only category, x 1000. */
export function metricsOf({ summary }: Evaluated): Record<string, number> {
  const [category, ...others] = Object.values(summary.categories);
  assert.equal(others.length, 0);
  return Object.fromEntries(
    (["i_auroc", "p_auroc", "p_ap", "aupro"] as const).map((name) => [
      name,
      Math.round(1000 * (category![name] ?? NaN)),
    ]),
  );
}

/** Asserts the metrics of the unharmed nuts. */
export function assertReference(
  found: Evaluated,
  tolerance: number = 0,
): void {
  assert.equal(found.code, 0, found.said);
  const metrics = metricsOf(found);
  for (const [name, expected] of Object.entries(REFERENCE)) {
    const value = metrics[name]!;
    assert.ok(
      Math.abs(value - expected) <= tolerance,
      `${name}: ${value}, not ${expected}`,
    );
  }
}
