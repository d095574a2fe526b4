/**
 * Runs verbs on folders and files that a user may not use, that change or that
 * are no files:
 *
 *     deno run -A bench/attacks/odd_files.ts [--only WORD]
 *
 * Each run must end within two minutes with a documented exit code and, where
 * it failed, a sentence and no stack. Prints a table, and ends with 1 where one
 * did not. Takes root, to mount small disks, and setpriv.
 *
 * @module
 */
import { parseArgs, stripVTControlCharacters } from "node:util";
import { mountSmallDisk } from "../../tests/files/small_disk.ts";
import { type Case, Fault, printCases } from "./case_table.ts";
import { CATEGORY, ODDITIES, type Oddity, type Places } from "./oddities.ts";
import { type Ended, runMain } from "./run_main.ts";

const { values: { only = "" } } = parseArgs({
  options: { only: { type: "string" } },
});

const folder = await Deno.makeTempDir({ prefix: "odd" });
const CODES: ReadonlySet<number> = new Set([0, 1, 2, 42, 143]);

/** Images in the layout of MVTec AD; few and small. */
const images = `${folder}/images`;
await runMain([
  "synth",
  images,
  ...["--count", "4", "--side", "64", "--category", CATEGORY],
]);

async function copied(): Promise<string> {
  const to = await Deno.makeTempDir({ dir: folder });
  await new Deno.Command("cp", { args: ["-r", `${images}/.`, to] }).output();
  return to;
}

const FLAGS = ["--threads", "1"];

/** How each verb is run; all write to `out`. */
const VERBS: Readonly<Record<string, (places: Places) => string[]>> = {
  eval: ({ data, out }) => ["--data", data, "--out", out, ...FLAGS],
  score: ({ data, out }) => ["--data", data, "--out", out, ...FLAGS],
  calibrate: ({ data, out }) => ["--good", data, "--out", out, ...FLAGS],
  train: ({ data, out }) => [
    ...["--data", data, "--out", out, ...FLAGS],
    ...["--max-steps", "2", "--epochs", "1"],
  ],
  export: ({ out }) => ["--out", out],
  synth: ({ out }) => [out, "--count", "2", "--side", "64"],
  download: ({ out }) => [
    ...["mvtec", "--out", out, "--accept-licence", "--offline"],
  ],
};

/** What a run said, without what it says of its progress. */
function judge({ code, text }: Ended): string {
  const plain = stripVTControlCharacters(text);
  const lines = plain.split("\n").filter((line) => /^(?!Warning)./.test(line));
  if (lines.some((line) => /^ +at /.test(line))) {
    throw new Fault(lines.slice(-9).join(" "));
  }
  if (code === 137) throw new Fault("no end");
  if (!CODES.has(code)) throw new Fault(`code ${code}: ${text}`);
  if (code !== 0 && lines.length === 0) throw new Fault(`code ${code}, silent`);
  const told = lines.findLast((line) => line.startsWith("Cannot"));
  return `${code}: ${told ?? lines.at(-1) ?? ""}`;
}

async function ended(verb: string, oddity: Oddity): Promise<string> {
  const { kilobytes = 0, frozen = false } = oddity.disk ?? {};
  await using disk = kilobytes > 0
    ? await mountSmallDisk(kilobytes)
    : undefined;
  if (frozen) disk?.freeze();
  const at = await Deno.makeTempDir({ dir: folder });
  const first = { data: await copied(), out: `${disk?.path ?? at}/out` };
  const places = { ...first, ...await oddity.make(first) };
  const { meanwhile } = oddity;
  let timer: ReturnType<typeof setInterval> | undefined;
  const start = setTimeout(() => {
    timer = setInterval(() => void meanwhile?.(places).catch(() => {}), 50);
  }, 500);
  try {
    const args = [verb, ...VERBS[verb]!(places)];
    return judge(await runMain(args, { seconds: 120, isBound: true }));
  } finally {
    clearTimeout(start);
    clearInterval(timer);
  }
}

const cases: Case[] = ODDITIES.flatMap((oddity) =>
  oddity.verbs.map((verb) => ({
    name: `${verb}: ${oddity.name}`,
    run: () => ended(verb, oddity),
  }))
).filter(({ name }) => name.includes(only));
const faults = await printCases(cases, { own: [], seconds: 130 });
await new Deno.Command("chmod", { args: ["-R", "u+rwx", folder] }).output();
await Deno.remove(folder, { recursive: true }).catch(() => {});
Deno.exit(faults > 0 ? 1 : 0);
