import assert from "node:assert/strict";
import { arch, platform } from "node:process";
import { fileURLToPath } from "node:url";
import config from "../../deno.json" with { type: "json" };
import { Detector } from "../../lib/detector/detector.ts";
import { buildPackage } from "../../tasks/npm/build_package.ts";
import { temporaryFolder } from "../checkpoint/temporary.ts";
import { GOLDEN_IMAGES } from "../golden/mfp_clip/golden.ts";
import { whyNoPrograms } from "./debian_packages.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const IMAGE = GOLDEN_IMAGES[0]!;

/** Node.js itself, from npm; the one that is installed may be older. */
const NODE = `node-${platform === "win32" ? "win" : platform}-${arch}`;

/** Command -> the packages that have it. */
const RUNTIMES: Readonly<Record<string, readonly string[]>> = {
  [`node_modules/${NODE}/bin/node`]: [`${NODE}@22.23.3`],
  "node_modules/.bin/bun": ["bun@1.4.5"],
};

const PROGRAM = `
import { Detector, evaluate } from "@mfp-clip/mfp-clip";
import { syntheticDataSet } from "@mfp-clip/mfp-clip/synthetic";
const detector = await Detector.open("nano", { threads: 1 });
const { score, map } = await detector.score(process.argv[2], { category: "cup" });
const options = { split: "test", seed: 0, count: 4, side: 64, limit: 4 };
const { categories } = await evaluate(detector, syntheticDataSet(options));
await detector.close();
console.log(JSON.stringify({ score, map: [...map.data], categories }));
`;

const TYPED = `
import { Detector, type ScoredImage } from "@mfp-clip/mfp-clip";
import { runShard } from "@mfp-clip/mfp-clip/batch";
import { evaluateToFolder } from "@mfp-clip/mfp-clip/report";
import { createScoringHandler } from "@mfp-clip/mfp-clip/server";
import { syntheticDataSet } from "@mfp-clip/mfp-clip/synthetic";
import { trainModel } from "@mfp-clip/mfp-clip/training";
const detector: Detector = await Detector.open("nano");
const found: ScoredImage = await detector.score("part.jpg");
const score: number = found.score;
// @ts-expect-error A score is a number.
const wrong: string = found.score;
export { createScoringHandler, evaluateToFolder, runShard, score };
export { syntheticDataSet, trainModel, wrong };
`;

const reason = await whyNoPrograms(["npm"], ["npm"]);
if (reason !== undefined) console.error(`npm is not tested: ${reason}`);

async function run(
  cwd: string,
  program: string,
  ...args: string[]
): Promise<string> {
  const command = new Deno.Command(program, { args, cwd, stdin: "null" });
  const { success, stdout, stderr } = await command.output();
  const decoder = new TextDecoder();
  const output = decoder.decode(stdout);
  assert.ok(success, `${program}: ${output}${decoder.decode(stderr)}`);
  return output;
}

/** A project that has installed the package as its users do. */
async function project() {
  const folder = await temporaryFolder();
  await buildPackage(ROOT, { config, out: `${folder.path}/package` });
  const packed = await run(folder.path, "npm", "pack", "--silent", "./package");
  await folder.write("package.json", JSON.stringify({ type: "module" }));
  const tools = [...Object.values(RUNTIMES).flat(), "typescript@5.9.3"];
  const packages = [`./${packed.trim()}`, "@types/node@22", ...tools];
  const flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--force"];
  await run(folder.path, "npm", "install", ...flags, ...packages);
  // The one script that was ignored and is needed.
  await run(`${folder.path}/node_modules/bun`, "node", "install.js");
  return folder;
}

/** What {@linkcode PROGRAM} prints, from this checkout. */
async function expected(): Promise<{ score: number; map: number[] }> {
  await using detector = await Detector.open("nano", { threads: 1 });
  const { score, map } = await detector.score(IMAGE, { category: "cup" });
  return { score, map: [...map.data] };
}

Deno.test({
  name: "the npm package runs in Node.js and Bun as in Deno, and has types",
  ignore: reason !== undefined,
  async fn(t) {
    await using folder = await project();
    await folder.write("program.js", PROGRAM);
    const { score, map } = await expected();
    const found: unknown[] = [];
    for (const runtime of Object.keys(RUNTIMES)) {
      await t.step(runtime, async () => {
        const program = `${folder.path}/${runtime}`;
        const output = await run(folder.path, program, "program.js", IMAGE);
        const { categories, ...scored } = JSON.parse(output);
        assert.deepEqual(scored, { score, map });
        found.push(categories);
      });
    }
    assert.deepEqual(found[0], found[1]);
    await t.step("types", async () => {
      await folder.write("typed.ts", TYPED);
      const lib = ["--lib", "esnext,dom", "--target", "es2022", "--strict"];
      const options = ["--noEmit", "--module", "nodenext", "--skipLibCheck"];
      const compiler = `${folder.path}/node_modules/.bin/tsc`;
      await run(folder.path, compiler, ...options, ...lib, "typed.ts");
    });
  },
});
